"""Owners files: what GitHub reads of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.load.codeowners import load
from iact_guard.model.owners import MAX_BYTES, Owners
from iact_guard.syntax.text import Text


def _owners(text: str) -> Owners:
    loaded = load(Text(".github/CODEOWNERS", text))
    assert loaded.problems == ()
    return loaded.entities[0]


def test_rules_with_their_places() -> None:
    owners = _owners("# all\r\n\r\n  /src/\t@acme/dev  me@acme.example # why\r\n/docs/\r\n")
    rule, empty = owners.rules
    assert (rule.pattern.text, [o.text for o in rule.owners]) == (
        "/src/",
        ["@acme/dev", "me@acme.example"],
    )
    place = rule.location
    assert (place.line, place.column, place.end_line, place.end_column) == (3, 3, 3, 35)
    assert (rule.owners[0].location.column, rule.owners[0].location.end_column) == (9, 18)
    assert (empty.pattern.text, empty.owners, empty.line) == ("/docs/", (), 4)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("!/docs/ @a", "`!`"),
        ("/[ab]/ @a", "`[`"),
        ("\\#x @a", "`#`"),
        ("/docs/ acme", "'acme'"),
        ("/docs/ @", "'@'"),
        ("/docs/ @acme/", "'@acme/'"),
        ("/docs/ @good me@host", "'me@host'"),
        ("[Section] @a", "`[`"),
    ],
)
def test_lines_that_github_skips_are_kept_apart(line: str, reason: str) -> None:
    owners = _owners(f"* @a\n{line}\n")
    assert len(owners.rules) == 1
    assert reason in owners.ignored[0].reason
    assert owners.ignored[0].rule.line == 2


def test_an_escaped_space_belongs_to_the_pattern() -> None:
    (rule,) = _owners("/my\\ files/ @a\n").rules
    assert rule.pattern.text == "/my\\ files/"


def test_a_hash_within_a_word_is_no_comment() -> None:
    (rule,) = _owners("/c#/ @a\n").rules
    assert rule.pattern.text == "/c#/"


def test_a_file_over_the_limit_has_no_rules() -> None:
    owners = _owners("* @a\n" * (MAX_BYTES // 5 + 1))
    assert owners.oversized
    assert owners.rules == ()


def test_an_empty_file_has_a_first_line() -> None:
    owners = _owners("")
    assert owners.rules == ()
    assert owners.location.column < owners.location.end_column


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab/*@#!\\ \t[]\r\n.é"), max_size=60))
def test_every_place_holds_its_text(text: str) -> None:
    source = Text("CODEOWNERS", text)
    owners = load(source).entities[0]
    for rule in (*owners.rules, *(ignored.rule for ignored in owners.ignored)):
        for word in (rule.pattern, *rule.owners):
            place = word.location
            line = source.line(place.line)
            assert line[place.column - 1 : place.end_column - 1] == word.text
