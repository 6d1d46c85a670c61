"""GitHub's `${{ }}` expressions: found, parsed, evaluated as far as contexts are known."""

from iact_guard.syntax.expression.evaluate import Contexts, evaluate
from iact_guard.syntax.expression.parse import (
    Call,
    Comparison,
    ExpressionError,
    Index,
    Literal,
    Logical,
    Name,
    Node,
    Not,
    Part,
    inner_nodes,
    nodes_in,
    parse,
    parts,
)
from iact_guard.syntax.expression.values import EITHER, Open, Unknown, Value, to_text, truth

__all__ = [
    "EITHER",
    "Call",
    "Comparison",
    "Contexts",
    "ExpressionError",
    "Index",
    "Literal",
    "Logical",
    "Name",
    "Node",
    "Not",
    "Open",
    "Part",
    "Unknown",
    "Value",
    "evaluate",
    "inner_nodes",
    "nodes_in",
    "parse",
    "parts",
    "to_text",
    "truth",
]
