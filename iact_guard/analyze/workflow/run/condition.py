"""An `if` as GitHub reads it."""

from functools import lru_cache

from iact_guard.model.records import dataclass
from iact_guard.syntax.expression import (
    Call,
    ExpressionError,
    Literal,
    Node,
    nodes_in,
    parse,
    parts,
)

STATUS = frozenset({"always", "cancelled", "failure", "success"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed `if`."""

    node: Node
    explicit: bool
    """It names a status function: no `success()` is added to it."""
    is_text: bool = False
    """Something stands around its `${{ }}`, so that it is a text, which counts as true."""


@lru_cache(4096)
def condition_of(text: str) -> Condition | None:
    """What an `if` means; None where GitHub refuses it."""
    found = parts(text)
    expressions = [part for part in found if part.is_expression]
    try:
        if not expressions:
            node = parse(text) if text.strip() else Call("success", ())
            return Condition(node, _is_explicit(node))
        nodes = [parse(part.text) for part in expressions]
    except (ExpressionError, RecursionError):
        return None
    explicit = any(map(_is_explicit, nodes))
    if len(found) == 1:
        return Condition(nodes[0], explicit)
    return Condition(Literal(text), explicit, is_text=True)


@lru_cache(4096)
def pieces_of(text: str) -> tuple[str | Node, ...] | None:
    """A text with its expressions parsed; None where GitHub refuses one."""
    try:
        return tuple(parse(p.text) if p.is_expression else p.text for p in parts(text))
    except (ExpressionError, RecursionError):
        return None


def _is_explicit(node: Node) -> bool:
    return any(isinstance(inner, Call) and inner.name in STATUS for inner in nodes_in(node))
