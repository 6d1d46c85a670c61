"""A picture as a flowchart of Mermaid, which GitHub draws in comments and files.

Every kind of node has a shape and a word of its own, so that nothing hangs on colour. Text of the
tree is written as entities where it could mean anything to Mermaid.
"""

from collections.abc import Iterator

from iact_guard.model.picture import HOLE, WORDS, Edge, EdgeKind, Node, NodeKind, Picture
from iact_guard.model.regex import regex

MAX_LABEL = 72
"""Characters of one line of a label."""
_SHAPES: dict[NodeKind, tuple[str, str]] = {
    "event": ("([", "])"),
    "job": ("[", "]"),
    "deploys": ("[[", "]]"),
    "environment": ("[(", ")]"),
    "note": ("[\\", "/]"),
    "enforced": ("{{", "}}"),
    "tolerated": ("[/", "/]"),
    "conditional": ("[/", "\\]"),
    "unknown": ("{", "}"),
    "advisory": ("(", ")"),
    "vacuous": ("((", "))"),
    "off": ("[\\", "\\]"),
    "swallowed": (">", "]"),
}
"""What opens and closes the shape."""
_ARROWS: dict[EdgeKind, str] = {"then": "-->", "holds": "---", "beside": "-.->", "hole": "==>"}
_CLASSES = (
    "classDef hole stroke:#b00020,stroke-width:4px",
    "classDef good stroke:#1b7f3b,stroke-width:2px",
    "classDef weak stroke:#b26a00,stroke-width:2px,stroke-dasharray:6 4",
)
_WEAK = frozenset(_SHAPES) - {"event", "job", "deploys", "environment", "note", "enforced"}
# Everything else is an entity: quotes, brackets, backticks, `#`, `%%` and `:` would be syntax.
_SPECIAL = regex(r"[^\w .,/()+=~-]")


def kinds() -> tuple[NodeKind, ...]:
    """Every kind of node that there is a shape for."""
    return tuple(_SHAPES)


def render(picture: Picture) -> str:
    """The flowchart, from its first line to a final newline."""
    ids = _ids(picture)
    lines = ["flowchart TD"]
    for number, group in enumerate(picture.groups, 1):
        inner = [f"{ids[node.id]}{_shape(node)}" for node in group.nodes]
        if group.title:
            title = f'subgraph w{number}["{_text(group.title)}"]'
            inner = [title, *(f"  {line}" for line in inner), "end"]
        lines += [f"  {line}" for line in inner]
    lines += [f"  {_edge(edge, ids)}" for edge in picture.edges]
    lines += [f"  {line}" for line in _classes(picture, ids)]
    return "\n".join(lines) + "\n"


def _ids(picture: Picture) -> dict[str, str]:
    nodes = (node for group in picture.groups for node in group.nodes)
    return {node.id: f"n{number}" for number, node in enumerate(nodes, 1)}


def _shape(node: Node) -> str:
    opens, closes = _SHAPES[node.kind]
    lines = [line for line in (WORDS[node.kind], *node.lines, HOLE * node.marked) if line]
    return f'{opens}"{"<br/>".join(map(_text, lines))}"{closes}'


def _edge(edge: Edge, ids: dict[str, str]) -> str:
    label = f'|"{_text(edge.label)}"|' if edge.label else ""
    return f"{ids[edge.start]} {_ARROWS[edge.kind]}{label} {ids[edge.end]}"


def _classes(picture: Picture, ids: dict[str, str]) -> Iterator[str]:
    nodes = [node for group in picture.groups for node in group.nodes]
    chosen = {
        "hole": [node for node in nodes if node.marked],
        "good": [node for node in nodes if node.kind == "enforced"],
        "weak": [node for node in nodes if node.kind in _WEAK],
    }
    for (name, members), definition in zip(chosen.items(), _CLASSES, strict=True):
        if members:
            yield definition
            yield f"class {','.join(ids[node.id] for node in members)} {name}"


def _text(text: str) -> str:
    """Text within the quotes of a label."""
    line = " ".join(text.split())
    if len(line) > MAX_LABEL:
        line = line[: MAX_LABEL - 1] + "\u2026"
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", line)
