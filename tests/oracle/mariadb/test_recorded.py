"""The verdict from the files against what MariaDB said when it was last asked."""

import json

import django
import pytest

from tests.oracle.compare import Answer, compare
from tests.oracle.mariadb.__main__ import SUBJECTS, TRUTH, cases
from tests.oracle.truth import read

AGREE = {"impact": 0.93, "old_code": 0.97}
"""Of all verdicts; left are casts that the rows refuse, and unique texts: their index is a hash."""


@pytest.mark.skipif(django.VERSION[:2] != (5, 2), reason="measured with Django 5.2")
@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_files_tell_what_mariadb_said(subject: str) -> None:
    measured = json.loads(TRUTH.read_text())["cases"]
    answers: list[Answer] = []
    for case in cases(django.VERSION[:2]):
        if case.name in measured:
            truths = [read(plain) for plain in measured[case.name]]
            answers += compare(case, truths, engine="mariadb")
    mine = [answer for answer in answers if answer.subject == subject]
    assert len(mine) > 500
    assert sum(answer.agrees for answer in mine) / len(mine) >= AGREE[subject]
