"""Every case, against what was measured when it was recorded: `ORACLE_RECORD=1 make oracle`."""

import json
from pathlib import Path

import pytest

from tests.oracle.report import answers, shortfalls, turning
from tests.oracle.variants import every

RECORDED = sorted(Path(__file__).parent.joinpath("recorded").glob("*.json"))
CASES = 400
TURNING = 40


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_what_was_measured_agrees(path: Path) -> None:
    truth = json.loads(path.read_text())
    assert shortfalls(answers(truth)) == []


def test_there_are_enough_cases_and_histories_that_matter() -> None:
    truths = [json.loads(path.read_text()) for path in RECORDED]
    assert truths
    most = max(truths, key=lambda truth: len(truth["cases"]))
    series = most["versions"]["django"].split(".")
    cases = every((int(series[0]), int(series[1])))
    assert len(most["cases"]) >= CASES
    assert turning(most, cases) >= TURNING
