"""A picture of the way to production: nodes in groups, and edges between them."""

from typing import Literal

from iact_guard.model.records import dataclass

NodeKind = Literal[
    "event", "job", "deploys", "environment", "note",
    "enforced", "tolerated", "conditional", "unknown", "advisory", "vacuous", "off", "swallowed",
]  # fmt: skip
"""The last eight are gates, by what their failure does."""
WORDS: dict[NodeKind, str] = {
    "event": "", "job": "", "note": "", "deploys": "deploys", "environment": "environment",
    "enforced": "gate, enforced", "tolerated": "gate, tolerated",
    "conditional": "gate, in some runs only", "unknown": "gate, unknown",
    "advisory": "gate, advisory", "vacuous": "gate, looks at nothing",
    "off": "gate, switched off", "swallowed": "gate, swallowed",
}  # fmt: skip
"""What a drawing says in a node beside its lines, so that nothing hangs on its shape alone."""
HOLE = "HOLE: comes here past the gates"
"""What it says in a marked node."""
EdgeKind = Literal["then", "holds", "beside", "hole"]
"""A job after another, a job and its gates, what nothing waits for, the way past the gates."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something on the way, with its lines of text."""

    id: str
    kind: NodeKind
    lines: tuple[str, ...]
    marked: bool = False
    """A hole leads to it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to another, by their ids."""

    start: str
    end: str
    kind: EdgeKind = "then"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The nodes of one workflow; without a title those that belong to none."""

    title: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, in the order in which it is drawn."""

    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
