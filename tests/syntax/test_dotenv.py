"""`.env` files: quotes, comments, several lines, exact places."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.syntax.dotenv import parse
from iact_guard.syntax.text import Text


def _values(text: str) -> list[tuple[str, str]]:
    return [(item.name, item.value) for item in parse(Text(".env", text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=b", [("A", "b")]),
        ("export A=b", [("A", "b")]),
        ("  A = b  ", [("A", "b")]),
        ("A=b # c", [("A", "b")]),
        ("A=b#c", [("A", "b#c")]),
        ("A=\nB=c", [("A", ""), ("B", "c")]),
        ("A='b # c'", [("A", "b # c")]),
        ('A="b\\"c\\nd" # e', [("A", 'b"c\nd')]),
        ('A="b\nc"\nD=e', [("A", "b\nc"), ("D", "e")]),
        ("A='b\nc'\nD=e", [("A", "b\nc"), ("D", "e")]),
        ("# A=b\nC=d", [("C", "d")]),
        ("not an assignment\nC=d", [("C", "d")]),
        ("A=b=c", [("A", "b=c")]),
        ('A="unclosed\nC=d', [("A", '"unclosed'), ("C", "d")]),
        ("A=b\r\nC=d\r\n", [("A", "b"), ("C", "d")]),
        ("A=b c", [("A", "b c")]),
    ],
)
def test_assignments(text: str, expected: list[tuple[str, str]]) -> None:
    assert _values(text) == expected


def test_places_are_the_values_without_quotes() -> None:
    (item,) = parse(Text(".env", "# x\nexport A = 'b c' # d\n"))
    place = item.location
    assert (place.line, place.column, place.end_column) == (2, 13, 16)


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("A=b'\"\\ #\n\r\té$"), max_size=60))
def test_nothing_crashes_and_plain_values_stand_where_they_are_said_to(text: str) -> None:
    source = Text(".env", text)
    for item in parse(source):
        place = item.location
        if place.line == place.end_line and "\\" not in text:
            line = source.line(place.line)
            assert line[place.column - 1 : place.end_column - 1].strip() == item.value.strip()
