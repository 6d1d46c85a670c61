"""Flowcharts of Mermaid: a grammar of the part of it that we write, and hostile names."""

import html
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model.picture import Edge, Group, Node, Picture
from iact_guard.report.mermaid import MAX_LABEL, kinds, render

LABEL = r'"(?:[^"`#%:\[\]{}|<>&\\]|#\d+;|<br/>)*"'
SHAPES = [(r"\(\[", r"\]\)"), (r"\[\[", r"\]\]"), (r"\[\(", r"\)\]"), (r"\[\\", r"/\]"),
          (r"\[\\", r"\\\]"), (r"\[/", r"/\]"), (r"\[/", r"\\\]"), (r"\{\{", r"\}\}"),
          (r"\(\(", r"\)\)"), (r"\[", r"\]"), (r"\{", r"\}"), (r"\(", r"\)"),
          (">", r"\]")]  # fmt: skip
NODE = re.compile(rf" +n\d+(?:{'|'.join(f'{a}{LABEL}{b}' for a, b in SHAPES)})")
LINE = [
    NODE,
    re.compile(rf"  subgraph w\d+\[{LABEL}\]"),
    re.compile(r"  end"),
    re.compile(rf"  n\d+ (?:-->|---|-\.->|==>)(?:\|{LABEL}\|)? n\d+"),
    re.compile(r"  classDef \w+ [\w:#,. -]+"),
    re.compile(r"  class n\d+(?:,n\d+)* \w+"),
]


def _picture(*names: str) -> Picture:
    every = kinds()
    nodes = [
        Node(f"id {i} {n}", every[i % len(every)], (n, n), i == 1) for i, n in enumerate(names)
    ]
    edges = [
        Edge(a.id, b.id, "hole" if b.marked else "then", a.lines[0]) for a, b in pairwise(nodes)
    ]
    return Picture((Group("", tuple(nodes[:1])), Group(names[0], tuple(nodes[1:]))), tuple(edges))


def _check(text: str) -> None:
    first, *rest = text.rstrip("\n").split("\n")
    assert first == "flowchart TD"
    for line in rest:
        assert any(pattern.fullmatch(line) for pattern in LINE), line
    defined = set(re.findall(r"^ +(n\d+)[\[({>]", text, re.MULTILINE))
    assert set(re.findall(r"\bn\d+\b(?= (?:-->|---|-\.->|==>))", text)) <= defined


@given(st.lists(st.text(max_size=90), min_size=1, max_size=20))
@settings(max_examples=200)
def test_whatever_names_hold_the_flowchart_is_well_formed(names: list[str]) -> None:
    """Quotes, brackets, line ends, directives: nothing of a name is syntax."""
    _check(render(_picture(*names)))


@pytest.mark.parametrize(
    "name",
    [
        '"quoted"',
        "a`b`",
        "#quot;",
        "%%{init: {}}%%",
        "x|y",
        "end",
        "<script>",
        "a]b[c",
        "style a:#f;",
    ],
)
def test_names_are_shown_as_they_are(name: str) -> None:
    """What is written as an entity reads as what it was."""
    text = render(_picture("first", name))
    _check(text)
    assert name in html.unescape(re.sub(r"#(\d+);", r"&#\1;", text))


def test_long_names_are_cut() -> None:
    """A label stays readable."""
    assert "x" * MAX_LABEL not in render(_picture("x" * 500))


def test_kinds_of_gates_differ_in_shape_and_in_word() -> None:
    """Colour alone tells nothing."""
    gates = kinds()[5:]
    nodes = tuple(Node(kind, kind, ("pytest",)) for kind in gates)
    lines = render(Picture((Group("", nodes),), ())).split("\n")[1 : len(gates) + 1]
    assert len({re.sub(r'".*"', "", line).strip()[2:] for line in lines}) == len(gates)
    assert len({re.search(r'"(.*)"', line)[1] for line in lines}) == len(gates)  # type: ignore[index]


def test_the_hole_is_marked_by_words_and_edges() -> None:
    """Thick edges, and a word on the node that they lead to."""
    text = render(_picture("a", "b"))
    assert '==>|"a"| n2' in text
    assert "HOLE#58; comes here past the gates" in text
