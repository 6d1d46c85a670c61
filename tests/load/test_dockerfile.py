"""What an image runs when it starts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.load.dockerfile import startups_of
from iact_guard.syntax.text import Text


def texts(dockerfile: str, target: str = "") -> list[tuple[str, int]]:
    found = startups_of(Text("Dockerfile", dockerfile), target)
    return [(each.text, each.location.line) for each in found]


@pytest.mark.parametrize(
    ("dockerfile", "target", "expected"),
    [
        ("FROM a\nCMD gunicorn x", "", [("gunicorn x", 2)]),
        ('FROM a\ncmd ["sh", "-c", "a && b"]', "", [("sh -c 'a && b'", 2)]),
        ("FROM a\nCMD a\nENTRYPOINT [not json\n", "", [("[not json", 3)]),
        ("FROM a\nENTRYPOINT e\nCMD c", "", [("e", 2), ("c", 3)]),
        ("FROM a\nCMD a\nCMD b", "", [("b", 3)]),
        ("FROM a AS one\nCMD 1\nFROM one\n", "", [("1", 2)]),
        ("FROM a AS one\nCMD 1\nFROM b\nCMD 2", "one", [("1", 2)]),
        ("FROM a\nCMD 1", "missing", []),
        ("FROM --platform=x a as One\nCMD 1\nFROM ONE", "", [("1", 2)]),
        ("# FROM x\nFROM a\nCMD a \\\n# between\n  b", "", [("a    b", 3)]),
        ("", "", []),
    ],
)
def test_the_last_start_of_a_stage_counts(
    dockerfile: str, target: str, expected: list[tuple[str, int]]
) -> None:
    assert texts(dockerfile, target) == expected


@settings(max_examples=200)
@given(st.text('FROMCDENTYPIas []",\\\n#1', max_size=80))
def test_any_text_is_read(text: str) -> None:
    assert len(texts(f"FROM a\n{text}")) <= 2
