"""YAML: positions, typing, oddities, hostile input."""

import re
import time

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model.errors import UnreadableError
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text, decode

STYLES = """plain: echo one
literal: |
  echo one
    two

  three | four
kept: |+
  text

indented: |2
    two more
folded: >-
  one two
  three

  four
double: "one \\"two\\" \\
    three"
single: 'it is
  here'
multi: plain one
   two
crlf: x
list: [a, "b", 'c']
anchored: &here {x: y}
alias: *here
"""


def scalars(node: yaml.Node) -> list[yaml.Scalar]:
    if isinstance(node, yaml.Scalar):
        return [node]
    if isinstance(node, yaml.Sequence):
        return [scalar for item in node.items for scalar in scalars(item)]
    return [s for e in node.entries for s in (e.key, *scalars(e.value))]


def root(text: str) -> yaml.Node:
    node = yaml.parse(Text("x.yml", text))[0].root
    assert node is not None
    return node


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_word_of_every_style_is_found_where_it_stands(ends: str) -> None:
    text = STYLES.replace("\n", ends)
    for scalar in scalars(root(text)):
        for word in re.finditer(r"[a-z]+", scalar.text):
            place = scalar.region(word.start(), word.end())
            start = scalar.source.offset(place.line, place.column)
            end = scalar.source.offset(place.end_line, place.end_column)
            assert text[start:end] == word.group(), scalar.text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("010", 10), ("22:22", "22:22"),
        ("0o17", 15), ("0x1f", 31), ("true", True), ("False", False), ("~", None), ("", None),
        ("1.5", 1.5), ("1e3", 1000.0), ("1_000", "1_000"), ("2024-01-01", "2024-01-01"),
        ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_plain_scalars_are_typed_by_yaml_1_2(text: str, value: object) -> None:
    found = yaml.resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_quoted_scalars_are_texts() -> None:
    assert [s.value for s in scalars(root("['1', \"true\", null]"))] == ["1", "true", None]


def test_oddities_are_named_and_the_first_key_counts() -> None:
    document = yaml.parse(Text("x", "a: 1\na: 2\n<<: {b: 1}\n? [x]\n: 1\nif: !cancelled()\n"))[0]
    kinds = [oddity.kind for oddity in document.oddities]
    assert sorted(kinds) == ["complex-key", "duplicate-key", "merge-key", "tag"]
    assert isinstance(document.root, yaml.Mapping)
    value = document.root.get("a")
    assert isinstance(value, yaml.Scalar)
    assert value.text == "1"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: [1\nb: 2\n", 2, "not YAML"),
        ("a: *nowhere\n", 1, "alias"),
        ("a: \x07\n", 1, "character"),
        ("\tx: 1\n", 1, "not YAML"),
        ("[" * 40_000, 1, "nested"),
        ("{a: " * 40_000, 1, "nested"),
    ],
)
def test_broken_input_is_a_reason_with_a_place(text: str, line: int, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason) as caught:
        yaml.parse(Text("x.yml", text))
    assert caught.value.location.line == line


def test_an_alias_bomb_is_a_few_nodes_and_cannot_be_written_out() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    began = time.monotonic()
    node = root("\n".join(levels))
    with pytest.raises(UnreadableError, match="too large"):
        yaml.plain(node)
    assert time.monotonic() - began < 30  # a bound against a hang, not a measurement


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(UnreadableError, match="0xff") as caught:
        decode("x", b"a\nb\xff")
    assert (caught.value.location.line, caught.value.location.column) == (2, 2)
    with pytest.raises(UnreadableError, match="binary"):
        decode("x", b"a\0b")
    assert decode("x", b"\xef\xbb\xbfa").text == "a"


@settings(max_examples=200)
@given(st.text(alphabet="ab:-?[]{}&*!|>'\"%#, \n\t", max_size=60))
def test_agrees_with_the_reference_on_what_is_yaml(text: str) -> None:
    """Whatever PyYAML's own event parser takes, we take; whatever it refuses, we refuse."""
    try:
        list(pyyaml.parse(text, Loader=pyyaml.CSafeLoader))
        wellformed = True
    except pyyaml.YAMLError:
        wellformed = False
    try:
        yaml.parse(Text("x", text))
        ours = True
    except UnreadableError as error:
        ours = "alias" in error.reason and wellformed
    assert ours == wellformed


@settings(max_examples=200)
@given(
    st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")),
        min_size=1,
        max_size=30,
    )
)
def test_any_text_survives_double_quotes_with_its_places(text: str) -> None:
    source = pyyaml.safe_dump({"key": text}, default_style='"', allow_unicode=True, width=20)
    scalar = scalars(root(source))[-1]
    assert scalar.text == text
    for index in range(len(text)):
        place = scalar.region(index, index + 1)
        assert 1 <= place.line <= source.count("\n") + 1
