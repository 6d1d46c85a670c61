"""Texts of which parts are not known: what is in a name becomes `?`, anything else is refused."""

import dataclasses
from typing import Any

from iact_guard.model.literal import HOLE
from iact_guard.syntax.sql.nodes import Hidden, Node, Refused


def with_marks(node: Node) -> Node:
    """The node with `?` for each name that holds a hole."""
    if isinstance(node, Refused):
        return Refused("a part of its text is only known when it runs")
    if isinstance(node, Hidden):
        return node
    changed = {
        field.name: marked
        for field in dataclasses.fields(node)
        if (marked := _marked(value := getattr(node, field.name))) != value
    }
    return dataclasses.replace(node, **changed) if changed else node


def _marked(value: Any) -> Any:
    if isinstance(value, str):
        return "?" if HOLE in value else value
    if isinstance(value, tuple):
        return tuple(map(_marked, value))
    return with_marks(value) if dataclasses.is_dataclass(value) else value  # type: ignore[arg-type]
