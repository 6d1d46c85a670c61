"""Where the nodes and edges of a picture stand: columns by what comes before, a lane a workflow.

Lengths are CSS pixels. Gates stand within the box of their job, as badges.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from itertools import pairwise
from textwrap import wrap

from iact_guard.model.picture import HOLE, WORDS, Edge, Node, Picture
from iact_guard.model.records import dataclass

LINE = 17
"""Height of a line of text."""
CHARACTER = 7.4
"""Width of a character; a little more than most take."""
PADDING = 10
GAP = 22
"""Between boxes of a column."""
AISLE = 70
"""Between columns, at least."""
LANE_TITLE = 30
MAX_CHARACTERS = 38
"""Of a line of a box."""
MAX_LABEL = 26
SWEEPS = 4


@dataclass(slots=True)
class Box:
    """A node with its gates; `x` and `y` are those of its upper left corner."""

    node: Node
    lines: tuple[str, ...]
    badges: tuple[tuple[Node, tuple[str, ...]], ...] = ()
    lane: int = 0
    column: int = 0
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0


@dataclass(slots=True)
class Wire:
    """An edge, by the points that it runs through, and where its label's lines stand."""

    edge: Edge
    points: list[tuple[float, float]]
    label: tuple[str, ...] = ()
    at: tuple[float, float] = (0, 0)


@dataclass(frozen=True, slots=True)
class Lane:
    """A band of the drawing; `title` is the path of a workflow, or empty."""

    title: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything with its place, and the size of the whole."""

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    lanes: tuple[Lane, ...]
    width: float
    height: float


@dataclass(slots=True)
class _Bend:
    """Where a long edge crosses a column."""

    lane: int
    column: int
    y: float = 0
    height: float = 8


_Item = Box | _Bend


@dataclass(slots=True)
class _Grid:
    boxes: dict[str, Box]
    chains: list[tuple[Edge, list[_Item]]]
    """Each edge with the items that it runs through, from start to end."""
    cells: dict[tuple[int, int], list[_Item]] = field(default_factory=lambda: defaultdict(list))
    """By lane and column, from top to bottom."""


def layout(picture: Picture) -> Layout:
    """The places of everything in a picture."""
    boxes = _boxes(picture)
    edges = [e for e in picture.edges if e.kind != "holds" and {e.start, e.end} <= boxes.keys()]
    _columns(boxes, edges)
    titles = _lanes(picture, boxes, edges)
    grid = _Grid(boxes, [(edge, _chain(edge, boxes)) for edge in edges])
    for box in boxes.values():
        grid.cells[box.lane, box.column].append(box)
    for _, chain in grid.chains:
        for item in chain[1:-1]:
            grid.cells[item.lane, item.column].append(item)
    _order(grid)
    lanes, height = _rows(grid, titles)
    columns = _across(grid)
    width = columns[-1][1] + 2 * PADDING
    return Layout(tuple(boxes.values()), tuple(_wires(grid, columns)), lanes, width, height)


def _boxes(picture: Picture) -> dict[str, Box]:
    nodes = {node.id: node for group in picture.groups for node in group.nodes}
    gates: dict[str, list[Node]] = defaultdict(list)
    for edge in picture.edges:
        if edge.kind == "holds" and edge.end in nodes:
            gates[edge.start].append(nodes[edge.end])
    held = {gate.id for some in gates.values() for gate in some}
    return {id: _box(node, gates[id]) for id, node in nodes.items() if id not in held}


def _box(node: Node, gates: list[Node]) -> Box:
    lines = tuple(_wrapped((*node.lines, *[HOLE] * node.marked), MAX_CHARACTERS))
    badges = tuple((gate, tuple(_wrapped(gate.lines, MAX_CHARACTERS))) for gate in gates)
    box = Box(node, lines, badges)
    words = [WORDS[node.kind], *lines]
    inner = [line for gate, some in badges for line in (WORDS[gate.kind], *some)]
    box.width = max((*map(len, words), *(len(each) + 3 for each in inner))) * CHARACTER
    box.width += 2 * PADDING
    box.height = (len(lines) + bool(words[0])) * LINE + 2 * PADDING
    box.height += sum(map(badge_height, badges))
    return box


def badge_height(badge: tuple[Node, tuple[str, ...]]) -> float:
    """How much a gate takes, the space above it included."""
    return (len(badge[1]) + 1) * LINE + PADDING


def _wrapped(lines: Iterable[str], most: int) -> list[str]:
    return [part for line in lines for part in wrap(line, most) or [""]]


def _columns(boxes: dict[str, Box], edges: list[Edge]) -> None:
    """One further than the furthest before it. What goes round in a circle stays where it is."""
    after = [edge for edge in edges if edge.kind != "beside"]
    for _ in range(min(len(boxes), 60)):
        moved = False
        for edge in after:
            start, end = boxes[edge.start], boxes[edge.end]
            if end.column <= start.column and start.column < len(boxes):
                end.column, moved = start.column + 1, True
        if not moved:
            break
    last = max((box.column for box in boxes.values()), default=0)
    for box in boxes.values():
        if box.node.kind == "environment":
            box.column = last


def _lanes(picture: Picture, boxes: dict[str, Box], edges: list[Edge]) -> list[str]:
    """Titles of the lanes; what belongs to no workflow stands beside what it is joined to."""
    titles = [group.title for group in picture.groups if group.title] or [""]
    for group in picture.groups:
        for node in group.nodes if group.title else ():
            if node.id in boxes:
                boxes[node.id].lane = titles.index(group.title)
    loose = {n.id for group in picture.groups if not group.title for n in group.nodes}
    for edge in reversed(edges):
        for here, there in ((edge.start, edge.end), (edge.end, edge.start)):
            if here in loose and there not in loose:
                boxes[here].lane = boxes[there].lane
    return titles


def _chain(edge: Edge, boxes: dict[str, Box]) -> list[_Item]:
    start, end = boxes[edge.start], boxes[edge.end]
    bends = [_Bend(start.lane, column) for column in range(start.column + 1, end.column)]
    return [start, *bends, end]


def _order(grid: _Grid) -> None:
    """Items of a cell by the mean place of what they are joined to, a few times to and fro."""
    before: dict[int, list[_Item]] = defaultdict(list)
    after: dict[int, list[_Item]] = defaultdict(list)
    for _, chain in grid.chains:
        for left, right in pairwise(chain):
            before[id(right)].append(left)
            after[id(left)].append(right)
    for sweep in range(SWEEPS):
        joined = after if sweep % 2 else before
        place = {
            id(item): (item.lane, number)
            for cell in grid.cells.values()
            for number, item in enumerate(cell)
        }
        for place_of, cell in grid.cells.items():
            weights = {
                id(item): _mean([place[id(other)] for other in joined[id(item)]], place[id(item)])
                for item in cell
            }
            grid.cells[place_of] = sorted(cell, key=_by(weights))


def _by(
    weights: dict[int, tuple[float, float, int]],
) -> Callable[[_Item], tuple[float, float, int]]:
    return lambda item: weights[id(item)]


def _mean(around: list[tuple[int, int]], own: tuple[int, int]) -> tuple[float, float, int]:
    """The mean lane and place of the neighbours, of the item itself where it has none."""
    lanes, places = zip(*around or [own], strict=True)
    return sum(lanes) / len(lanes), sum(places) / len(places), own[1]


def _rows(grid: _Grid, titles: list[str]) -> tuple[tuple[Lane, ...], float]:
    """Sets every `y`; gives the lanes and the height of all."""
    lanes, y = [], 0.0
    for number, title in enumerate(titles):
        cells = {place: cell for place, cell in grid.cells.items() if place[0] == number}
        heights = {place: sum(i.height + GAP for i in cell) for place, cell in cells.items()}
        head = LANE_TITLE if title else GAP
        inner = max(heights.values(), default=0)
        for place, cell in cells.items():
            top = y + head + (inner - heights[place]) / 2
            for item in cell:
                item.y = top
                top += item.height + GAP
        lanes.append(Lane(title, y, head + inner))
        y += head + inner + GAP / 2
    return tuple(lanes), y


def _across(grid: _Grid) -> list[tuple[float, float]]:
    """Sets every `x`; gives where each column begins and ends, the last being the end of all.

    An aisle is as wide as the labels in it.
    """
    widths: dict[int, float] = defaultdict(float)
    aisles: dict[int, float] = defaultdict(lambda: float(AISLE))
    for box in grid.boxes.values():
        widths[box.column] = max(widths[box.column], box.width)
    for edge, chain in grid.chains:
        if lines := wrap(edge.label, MAX_LABEL):
            aisle = chain[0].column
            needed = max(map(len, lines)) * CHARACTER + 4 * PADDING
            aisles[aisle] = max(aisles[aisle], needed)
    x, columns = 2.0 * PADDING, []
    for column in range(max(widths, default=0) + 1):
        columns.append((x, x + widths[column]))
        x += widths[column] + aisles[column]
    for box in grid.boxes.values():
        start, end = columns[box.column]
        box.x = start + (end - start - box.width) / 2
    return columns


def _wires(grid: _Grid, columns: list[tuple[float, float]]) -> Iterator[Wire]:
    for edge, chain in grid.chains:
        first, last = grid.boxes[edge.start], grid.boxes[edge.end]
        points = [(first.x + first.width, first.y + first.height / 2)]
        for item in chain[1:-1]:
            middle = item.y + item.height / 2
            points += [(columns[item.column][0], middle), (columns[item.column][1], middle)]
        points.append((last.x, last.y + last.height / 2))
        lines = tuple(wrap(edge.label, MAX_LABEL))
        (x, y), (next_x, next_y) = points[0], points[1]
        yield Wire(edge, points, lines, ((x + next_x) / 2, (y + next_y) / 2))
