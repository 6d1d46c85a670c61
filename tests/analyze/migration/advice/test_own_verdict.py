"""What we advise, we do not complain about."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.config import parse
from iact_guard.evaluate.engine import evaluate
from iact_guard.load.shipped import shipped
from iact_guard.project import Project
from iact_guard.tree import DictTree
from tests.oracle.advised import SITUATIONS, Situation, advised

OTHERS = frozenset({"DM018", "DM021", "DM022"})
"""Filling rows is up to the reader here, so are bounds on waiting, and the way back of a DROP."""
POLICIES = tuple(p for p in shipped() if p.id.startswith("DM") and p.id not in OTHERS)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_the_advised_migrations_do_not_fail(situation: Situation) -> None:
    for case in advised(situation, "condition"):
        project = Project(DictTree(case.files), parse(None, "x"), DictTree(case.base_files))
        findings = evaluate(Context(project), POLICIES).findings
        assert [f"{f.rule} {f.outcome} {f.message}" for f in findings if f.outcome == "fail"] == []
