"""A fixed part of the cases, run on a database here and now: the files tell what it shows."""

import django
import pytest

from tests.oracle.case import Case
from tests.oracle.compare import compare
from tests.oracle.measure import Oracle
from tests.oracle.variants import every

CASES = every((django.VERSION[0], django.VERSION[1]))[::18]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_database_agrees(oracle: Oracle, case: Case) -> None:
    answers = compare(case, oracle.measure(case))
    assert [str(answer) for answer in answers if not answer.agrees] == []
