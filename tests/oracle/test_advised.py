"""What is advised applies, blocks nobody, keeps the old code working, and ends where it should."""

from typing import Any

import django
import pytest

from tests.oracle.advised import SITUATIONS, Situation, advised, original
from tests.oracle.compare import SAFE
from tests.oracle.measure import Oracle

CONDITION = "condition" if django.VERSION[:2] >= (5, 1) else "check"
CASES = [s for s in SITUATIONS if django.VERSION[:2] >= s.since]
_SCHEMA = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'
    AND c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'shop_%'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, contype::text, pg_get_constraintdef(oid),
    convalidated::text
FROM pg_constraint WHERE conrelid::regclass::text LIKE 'shop_%' AND contype <> 'n'
UNION ALL
SELECT 'index', tablename, '', regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON'), ''
FROM pg_indexes WHERE tablename LIKE 'shop_%'
"""


def _schema(oracle: Oracle) -> list[Any]:
    return sorted(oracle.raw.execute(_SCHEMA).fetchall())


@pytest.mark.parametrize("situation", CASES, ids=lambda situation: situation.name)
def test_the_advised_way(oracle: Oracle, situation: Situation) -> None:
    """Each release on filled tables, with the code of the release before it."""
    dangers: list[tuple[str, ...]] = []
    for case in advised(situation, CONDITION):
        for truth in oracle.measure(case):
            assert not truth.failed, [o.error for o in truth.operations]
            filled = situation.fill and situation.fill in dict(case.migrations)[truth.name]
            impacts = [o.impact for o in truth.operations if not filled]
            dangers += [(truth.name, impact) for impact in impacts if impact not in SAFE]
            dangers += [(truth.name, kind, why) for kind, why in truth.old_code.items()]
    assert dangers == []
    if situation.same:
        oracle.build(original(situation, CONDITION))
        wanted = _schema(oracle)
        oracle.build(advised(situation, CONDITION)[-1])
        assert _schema(oracle) == wanted
