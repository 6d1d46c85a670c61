"""Comments that allow a finding: what they say, and which line they mean."""

import datetime

import pytest

from iact_guard.aggregate.allow import Allow, allows, in_force
from iact_guard.syntax.text import Text

DAY = datetime.date(2027, 1, 31)


def one(text: str, path: str = "a.py") -> Allow:
    (found,) = allows(Text(path, text))
    return found


@pytest.mark.parametrize(
    ("said", "rules", "reason", "until"),
    [
        ("DM009 because it is empty", ("DM009",), "it is empty", None),
        ("DM009, WF001 because of x", ("DM009", "WF001"), "of x", None),
        ("DM009 until 2027-01-31 because x", ("DM009",), "x", DAY),
        ("DM009 because x until 2027-01-31", ("DM009",), "x", DAY),
        ("CKV_AWS_16,B602 because: x", ("CKV_AWS_16", "B602"), ": x", None),
    ],
)
def test_what_a_comment_says(
    said: str, rules: tuple[str, ...], reason: str, until: datetime.date | None
) -> None:
    found = one(f"x = 1  # iact-guard: allow {said}\n")
    assert (found.rules, found.reason, found.until, found.mistake) == (rules, reason, until, "")


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ("DM009", "no reason"),
        ("DM009 because", "no reason"),
        ("because it is so", "no rule"),
        ("", "no rule"),
        ("DM009 until tomorrow because x", "no date"),
        ("DM009 since it is so", "not understood"),
    ],
)
def test_what_does_not_count_and_why(said: str, mistake: str) -> None:
    found = one(f"# iact-guard: allow {said}\n")
    assert mistake in found.mistake
    assert not in_force(found, DAY)


def test_a_comment_means_its_own_line_or_the_one_below() -> None:
    text = (
        "x = 1  # iact-guard: allow B1 because r\n"
        "# iact-guard: allow B2 because r\n"
        "# iact-guard: allow B3 because r\n"
        "y = 1\n"
    )
    assert [allow.line for allow in allows(Text("a.py", text))] == [1, 4, 4]


def test_it_stands_behind_another_comment_and_never_in_a_string() -> None:
    assert one("x = 1  # noqa  # iact-guard: allow B1 because r\n").rules == ("B1",)
    for text in (
        'x = "# iact-guard: allow B1 because r"\n',
        '"""\n# iact-guard: allow B1 because r\n"""\n',
        "# see iact-guard: allow B1 because r\n",
        "# iact-guard: allowed B1 because r\n",
    ):
        assert allows(Text("a.py", text)) == []


def test_the_marks_of_other_formats_count() -> None:
    assert one("a = 1 /* iact-guard: allow TF001 because r */\n", "a.tf").reason == "r"
    assert one("// iact-guard: allow TF001 because r\na = 1\n", "a.tf").line == 2
    script = "on: push\njobs: {a: {steps: [{run: b}]}}\n# iact-guard: allow WF001 because r\n"
    assert one(script, "a.yml").line == 4
    assert one("- run: |\n    # iact-guard: allow WF101 because r\n    pytest\n", "a.yml").line == 3


def test_it_ends_on_its_day() -> None:
    found = one("# iact-guard: allow B1 until 2027-01-31 because r")
    assert in_force(found, DAY)
    assert not in_force(found, DAY + datetime.timedelta(days=1))
