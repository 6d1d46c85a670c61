"""Quoted templates and heredocs: literal text, interpolations, directives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tree_sitter import Node

from iact_guard.model import hcl
from iact_guard.model.location import Location
from iact_guard.syntax.hcl.strings import Raw, dedent, unescape

if TYPE_CHECKING:
    from iact_guard.syntax.hcl.convert import Converter


def template(converter: Converter, node: Node) -> hcl.Expression:
    """The value of a `quoted_template` or a `heredoc_template` node."""
    place = converter.place(node)
    if node.type == "heredoc_template":
        start, _, end = _heredoc_bounds(converter, node)
        flush = converter.text(node.children[0]) == "<<-"
        return _parts(converter, node.children[2:-1], start, end, place, quoted=False, flush=flush)
    children = node.children[1:-1]
    return _parts(converter, children, node.start_byte + 1, node.end_byte - 1, place, quoted=True)


def _heredoc_bounds(converter: Converter, node: Node) -> tuple[int, int, int]:
    opened, closed = node.children[1].end_byte, node.children[-1].start_byte
    start = converter.data.find(b"\n", opened) + 1
    end = converter.data.rfind(b"\n", 0, closed) + 1
    return start, opened, max(start, end)


def _parts(
    converter: Converter,
    children: Sequence[Node],
    start: int,
    end: int,
    place: Location,
    *,
    quoted: bool,
    flush: bool = False,
) -> hcl.Expression:
    """A template between two bytes; whatever is no expression in it is literal text."""
    raws: list[Raw | None] = []
    inner: list[hcl.Expression] = []
    position, strip = start, False
    for child in children:
        if child.type not in ("template_interpolation", "template_directive"):
            continue
        literal = converter.data[position : child.start_byte].decode()
        literal = literal.lstrip() if strip else literal
        if _stripped(converter, child.start_byte + 2):
            literal = literal.rstrip()
        raws += [Raw(literal, position, child.start_byte), None]
        inner.append(_inner(converter, child, quoted=quoted))
        position, strip = child.end_byte, _stripped(converter, child.end_byte - 2)
    literal = converter.data[position:end].decode()
    raws.append(Raw(literal.lstrip() if strip else literal, position, end))
    if flush and not any(child.type == "template_directive" for child in children):
        raws = dedent(raws)  # with directives HCL leaves most of it as it is
    parts: list[hcl.Expression] = []
    expressions = iter(inner)
    for raw in raws:
        if raw is None:
            parts.append(next(expressions))
        elif raw.text:
            where = converter.location(raw.start, raw.end)
            parts.append(hcl.Literal(unescape(raw.text, quoted=quoted), where))
    if not inner:
        return hcl.Literal(
            "".join(str(p.value) for p in parts if isinstance(p, hcl.Literal)), place
        )
    if len(parts) == 1 and children[0].type == "template_interpolation":
        return inner[0]  # `"${x}"` keeps the type of x
    return hcl.Template(tuple(parts), place)


def _stripped(converter: Converter, byte: int) -> bool:
    return converter.data[byte : byte + 1] == b"~"


def _inner(converter: Converter, node: Node, *, quoted: bool) -> hcl.Expression:
    if node.type == "template_interpolation":
        return converter.expression(converter.expressions(node)[0])
    converter.deeper(node)
    directive, place = node.named_children[0], converter.place(node)
    children = directive.children
    marks = [
        n for n, child in enumerate(children) if child.type.endswith(("_intro", "_start", "_end"))
    ]
    bodies = [
        _section(converter, children[a], children[a + 1 : b], children[b], quoted=quoted)
        for a, b in pairwise(marks)
    ]
    converter.depth -= 1
    if directive.type == "template_if":
        (condition,) = converter.expressions(children[0])
        empty = hcl.Literal("", place)
        otherwise = bodies[1] if len(bodies) > 1 else empty
        return hcl.Conditional(converter.expression(condition), bodies[0], otherwise, place)
    key, value, collection = converter.intro(children[0])
    body = hcl.Template((bodies[0],), bodies[0].location)
    return hcl.TemplateFor(key, value, collection, body, place)


def _section(
    converter: Converter, opening: Node, inner: Sequence[Node], closing: Node, *, quoted: bool
) -> hcl.Expression:
    start, end = opening.end_byte, closing.start_byte
    if _stripped(converter, start - 2):
        while start < end and converter.data[start : start + 1].isspace():
            start += 1
    if _stripped(converter, end + 2):
        while end > start and converter.data[end - 1 : end].isspace():
            end -= 1
    return _parts(converter, inner, start, end, converter.location(start, end), quoted=quoted)
