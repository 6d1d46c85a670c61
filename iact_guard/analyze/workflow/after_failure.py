"""What an `if` of a step or job lets through, by the functions and results that it names."""

from collections.abc import Iterable

from iact_guard.model.authored import Authored
from iact_guard.syntax.expression import Call, ExpressionError, Node, Not, nodes_in, parse, parts

_STATUS = frozenset({"always", "failure", "cancelled", "success"})


def expressions_in(condition: Authored) -> list[Node] | None:
    """The expressions of an `if`; None where one cannot be read."""
    found = [part.text for part in parts(condition.text) if part.is_expression]
    try:
        return [parse(text) for text in found or [condition.text]]
    except ExpressionError:
        return None


def status_functions(condition: Authored) -> frozenset[str] | None:
    """`always`, `failure`, `cancelled`, `success`, as far as it calls them; None if unreadable."""
    nodes = expressions_in(condition)
    if nodes is None:
        return None
    calls = {inner.name for node in nodes for inner in nodes_in(node) if isinstance(inner, Call)}
    return frozenset(calls & _STATUS)


def only_after_failure(conditions: Iterable[Authored]) -> bool:
    """Whether one of them asks for a failure before it."""
    return any(asks_for_failure(each) for each in conditions)


def asks_for_failure(condition: Authored) -> bool:
    """Whether an `if` holds only where something before it failed; not for `!failure()`."""
    names = status_functions(condition)
    if names is None or _is_denied(condition):
        return False
    if "failure" in names:
        return not names & {"always", "success"}
    text = condition.text.replace(" ", "").replace('"', "'")
    return bool(names) and "=='failure'" in text and "=='success'" not in text


def _is_denied(condition: Authored) -> bool:
    inner = (each for node in expressions_in(condition) or () for each in nodes_in(node))
    operands = (each.operand for each in inner if isinstance(each, Not))
    return any(isinstance(each, Call) and each.name == "failure" for each in operands)
