"""Random sequences of operations: what is called safe is, and nearly everything agrees."""

import os

from hypothesis import HealthCheck, given, settings

from tests.oracle.case import Case
from tests.oracle.compare import Answer, compare
from tests.oracle.measure import Oracle
from tests.oracle.sequences import sequences

EXAMPLES = int(os.environ.get("ORACLE_SEQUENCES", "12"))
LEAST = 0.95


def test_the_database_agrees_on_random_sequences(oracle: Oracle) -> None:
    found: list[Answer] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(sequences())
    def run(case: Case) -> None:
        answers = compare(case, oracle.measure(case))
        found.extend(answer for answer in answers if answer.subject in ("impact", "old_code"))
        assert [str(answer) for answer in answers if answer.falsely_safe] == []

    run()
    wrong = [str(answer) for answer in found if not answer.agrees]
    assert len(wrong) <= (1 - LEAST) * len(found), wrong
