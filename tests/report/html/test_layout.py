"""The drawing: boxes do not overlap, lanes hold their own, every edge ends where it should."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model.picture import Edge, EdgeKind, Group, Node, NodeKind, Picture
from iact_guard.report.html.layout import Box, layout

KINDS: st.SearchStrategy[NodeKind] = st.sampled_from(("job", "deploys", "event", "environment"))
EDGES: st.SearchStrategy[EdgeKind] = st.sampled_from(("then", "hole", "beside"))


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Any picture: several workflows, edges of every kind, circles too."""
    groups, ids = [], []
    for number in range(draw(st.integers(1, 3))):
        kinds: list[NodeKind] = draw(st.lists(KINDS, min_size=1, max_size=6))
        nodes = [
            Node(f"{number}.{n}", kind, ("x" * draw(st.integers(1, 50)),))
            for n, kind in enumerate(kinds)
        ]
        gates = [Node(f"{node.id}!", "enforced", ("test pytest",)) for node in nodes[:2]]
        groups.append(Group(f"w{number}.yml" if number else "", (*nodes, *gates)))
        ids += [node.id for node in nodes]
    ends = st.sampled_from(ids)
    drawn: list[tuple[str, str, EdgeKind]] = draw(
        st.lists(st.tuples(ends, ends, EDGES), max_size=20)
    )
    edges = [Edge(start, end, kind, "a label") for start, end, kind in drawn if start != end]
    holds = [
        Edge(node.id[:-1], node.id, "holds")
        for group in groups
        for node in group.nodes
        if node.id.endswith("!")
    ]
    return Picture(tuple(groups), (*edges, *holds))


def _overlap(a: Box, b: Box) -> bool:
    across = a.x < b.x + b.width and b.x < a.x + a.width
    return across and a.y < b.y + b.height and b.y < a.y + a.height


@settings(max_examples=150)
@given(pictures())
def test_boxes_stand_apart_within_the_drawing_and_edges_join_them(picture: Picture) -> None:
    placed = layout(picture)
    boxes = {box.node.id: box for box in placed.boxes}
    assert not [pair for pair in combinations(placed.boxes, 2) if _overlap(*pair)]
    for box in placed.boxes:
        assert box.x >= 0 and box.x + box.width <= placed.width
        lane = placed.lanes[box.lane]
        assert lane.y <= box.y and box.y + box.height <= lane.y + lane.height
    for wire in placed.wires:
        start, end = boxes[wire.edge.start], boxes[wire.edge.end]
        assert wire.points[0] == (start.x + start.width, start.y + start.height / 2)
        assert wire.points[-1] == (end.x, end.y + end.height / 2)
    joined = [edge for edge in picture.edges if edge.kind != "holds"]
    assert [wire.edge for wire in placed.wires] == joined


@settings(max_examples=100)
@given(pictures())
def test_what_comes_after_stands_further_right_unless_it_goes_round(picture: Picture) -> None:
    forward = [
        edge for edge in picture.edges if edge.kind in ("then", "hole") and edge.start < edge.end
    ]
    placed = layout(Picture(picture.groups, tuple(forward)))
    boxes = {box.node.id: box for box in placed.boxes}
    for edge in forward:
        if boxes[edge.start].node.kind != "environment":
            assert boxes[edge.start].column < boxes[edge.end].column


def test_the_same_picture_is_drawn_alike() -> None:
    picture = Picture((Group("", (Node("a", "job", ("a",)), Node("b", "job", ("b",)))),), ())
    assert layout(picture) == layout(picture)
