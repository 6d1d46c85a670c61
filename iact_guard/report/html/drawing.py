"""The way to production as SVG: every kind of node has a shape and a word beside its colour."""

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from iact_guard.model.picture import WORDS, Node, NodeKind, Picture
from iact_guard.report.html.layout import (
    CHARACTER,
    LINE,
    PADDING,
    Box,
    Lane,
    Wire,
    badge_height,
    layout,
)


def draw(picture: Picture) -> str:
    """An `<svg>` element with a title. It shrinks to two thirds, and no further."""
    placed = layout(picture)
    width, height = round(placed.width), round(placed.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="way-title" style="max-width:{width}px;min-width:{width * 2 // 3}px">',
        '<title id="way-title">The way to production: what starts it, jobs with their gates, '
        "environments, and the runs that come past the gates</title>",
        _MARKERS,
        *(line for lane in placed.lanes for line in _lane(lane, width)),
        *(line for wire in placed.wires for line in _path(wire)),
        *(line for box in placed.boxes for line in _box(box)),
        *(line for wire in placed.wires for line in _label(wire)),
        "</svg>",
    ]
    return "\n".join(parts)


_MARKERS = (
    "<defs>"
    '<marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker>'
    '<marker id="hole-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="4" markerHeight="4" '
    'orient="auto"><path class="hole-tip" d="M0 0L8 4L0 8z"/></marker>'
    "</defs>"
)


def _lane(lane: Lane, width: int) -> Iterator[str]:
    if lane.title:
        yield (
            f'<rect class="lane" x="1" y="{lane.y:.0f}" width="{width - 2}" '
            f'height="{lane.height:.0f}" rx="6"/>'
        )
        yield _text(lane.title, 2 * PADDING, lane.y + 20, "lane-title")


def _path(wire: Wire) -> Iterator[str]:
    (x, y), *_ = wire.points
    d = f"M{x:.0f} {y:.0f}"
    for (x1, y1), (x2, y2) in pairwise(wire.points):
        bend = max(24.0, abs(x2 - x1) / 2) if x2 <= x1 else (x2 - x1) / 2
        d += f"C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    tip = "hole-tip" if wire.edge.kind == "hole" else "tip"
    yield f'<path class="wire {wire.edge.kind}" d="{d}" marker-end="url(#{tip})"/>'


def _label(wire: Wire) -> Iterator[str]:
    x, y = wire.at
    top = y - len(wire.label) * LINE / 2 + LINE - 4
    for number, line in enumerate(wire.label):
        yield _text(line, x, top + number * LINE, f"wire-label {wire.edge.kind}", middle=True)


def _box(box: Box) -> Iterator[str]:
    node = box.node
    marked = " marked" if node.marked else ""
    yield f'<g class="node {node.kind}{marked}">'
    yield from _shape(node.kind, box.x, box.y, box.width, box.height)
    y = box.y + PADDING + LINE - 4
    word = WORDS[node.kind]
    lines = [(word, "word")] if word else []
    lines += [(line, "name" if not n else "more") for n, line in enumerate(box.lines)]
    for text, style in lines:
        yield _text(text, box.x + PADDING, y, style)
        y += LINE
    for badge in box.badges:
        yield from _badge(badge, box, y - LINE + PADDING)
        y += badge_height(badge)
    yield "</g>"


def _badge(badge: tuple[Node, tuple[str, ...]], box: Box, y: float) -> Iterator[str]:
    gate, lines = badge
    height = badge_height(badge) - PADDING
    yield f'<g class="gate {gate.kind}">'
    yield from _shape(gate.kind, box.x + PADDING, y, box.width - 2 * PADDING, height)
    for number, line in enumerate((WORDS[gate.kind], *lines)):
        style = "more" if number else "word"
        yield _text(line, box.x + 2 * PADDING, y + LINE * (number + 1) - 5, style)
    yield "</g>"


def _shape(kind: NodeKind, x: float, y: float, width: float, height: float) -> Iterator[str]:
    """A rectangle, with round ends for events, cut corners for gates that hold, and so on."""
    if kind == "enforced":
        cut = 7.0
        corners = [
            (x + cut, y), (x + width - cut, y), (x + width, y + cut),
            (x + width, y + height - cut), (x + width - cut, y + height), (x + cut, y + height),
            (x, y + height - cut), (x, y + cut),
        ]  # fmt: skip
        points = " ".join(f"{left:.0f},{top:.0f}" for left, top in corners)
        yield f'<polygon class="shape" points="{points}"/>'
        return
    radius = {"event": min(height / 2, 22), "environment": 12}.get(kind, 3)
    yield (
        f'<rect class="shape" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'rx="{radius:.0f}"/>'
    )
    if kind == "deploys":
        for left in (x + 4, x + width - 4):
            yield f'<path class="bar" d="M{left:.0f} {y:.0f}v{height:.0f}"/>'


def _text(text: str, x: float, y: float, style: str, *, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    # A longer text than it was measured for is drawn closer instead of running out of its box.
    fit = f' textLength="{len(text) * CHARACTER * 0.97:.0f}" lengthAdjust="spacingAndGlyphs"'
    fit = fit if any(ord(c) > 0x2FF for c in text) else ""
    return f'<text class="{style}" x="{x:.0f}" y="{y:.0f}"{anchor}{fit}>{escape(text)}</text>'
