"""Generated cases: fields x operations x histories."""

from tests.oracle.case import Case
from tests.oracle.variants import (
    adding,
    altering,
    histories,
    indexes,
    models,
    removing,
    rows,
    sql,
)

Version = tuple[int, int]


def every(django: Version) -> tuple[Case, ...]:
    """All cases that a version of Django can run, each under a name of its own."""
    parts = (adding, altering, removing, models, indexes, histories, rows, sql)
    cases = [case for part in parts for case in part.cases(django)]
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    return tuple(cases)
