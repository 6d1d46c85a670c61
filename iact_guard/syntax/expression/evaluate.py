"""GitHub's evaluation of expressions, three-valued where a context is unknown."""

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from iact_guard.model.regex import regex
from iact_guard.syntax.expression.parse import (
    Call,
    Comparison,
    Index,
    Literal,
    Logical,
    Name,
    Node,
)
from iact_guard.syntax.expression.values import (
    EITHER,
    Filtered,
    Open,
    Unknown,
    Value,
    either,
    equal,
    fold,
    less,
    to_number,
    to_text,
    truth,
)

Contexts = Mapping[str, Value]
"""`github`, `needs`, ... in lower case; `success()` and its like under their name with `()`."""

_UNKNOWN: Final = Unknown()
_HOLE = regex(r"\{\{|\}\}|\{(\d+)[^{}]*\}|[{}]")


def evaluate(node: Node, contexts: Contexts) -> Value:
    """The value of an expression, or Unknown: a context that is not given is unknown."""
    if isinstance(node, Literal):  # the most frequent first
        return node.value
    if isinstance(node, Index):
        inner = evaluate(node.base, contexts)
        if node.key is None:
            return _star(inner)
        return _each(_item, (inner, evaluate(node.key, contexts)), _UNKNOWN)
    if isinstance(node, Name):
        return contexts.get(node.name, _UNKNOWN)
    if isinstance(node, Comparison):
        sides = evaluate(node.left, contexts), evaluate(node.right, contexts)
        return _each(partial(_compare, node.operator), sides, EITHER)
    if isinstance(node, Logical):
        return _logical(node.operator, node.operands, contexts)
    if isinstance(node, Call):
        return _call(node.name, node.arguments, contexts)
    return _negated(truth(evaluate(node.operand, contexts)))


def _negated(value: bool | None) -> Value:
    return EITHER if value is None else not value


def _logical(operator: str, operands: tuple[Node, ...], contexts: Contexts) -> Value:
    """The operand that decides; where that is open, one of those that may."""
    decides = operator == "||"
    candidates: list[Value] = []
    for operand in operands[:-1]:
        value = evaluate(operand, contexts)
        known = truth(value)
        if known is decides:
            return either([*candidates, value])
        if known is None:
            candidates.append(_restricted(value, decides))
    return either([*candidates, evaluate(operands[-1], contexts)])


def _restricted(value: Unknown, wanted: bool) -> Value:
    """An open value, given that its truth is the wanted one."""
    if value.options is None:
        return Unknown(None, wanted)
    return either([option for option in value.options if truth(option) is not (not wanted)])


def _each(operation: Callable[..., Value], values: tuple[Value, ...], otherwise: Value) -> Value:
    """An operation on values; on each combination of what they can be, where that is known."""
    for value in values:
        if isinstance(value, Unknown):
            break
    else:
        return operation(*values)
    combinations: list[tuple[Value, ...]] = [()]
    for value in values:
        options = value.options if isinstance(value, Unknown) else (value,)
        if options is None or len(combinations) * len(options) > 64:
            return otherwise
        combinations = [(*c, option) for c in combinations for option in options]
    return either([operation(*combination) for combination in combinations])


def _compare(operator: str, left: Value, right: Value) -> bool:
    match operator:
        case "==":
            return equal(left, right)
        case "!=":
            return not equal(left, right)
        case "<":
            return less(left, right)
        case ">":
            return less(right, left)
        case "<=":
            return equal(left, right) or less(left, right)
        case _:
            return equal(left, right) or less(right, left)


def _item(base: Value, key: Value) -> Value:
    if isinstance(base, Filtered):
        found = (_lookup(item, key) for item in base)
        return Filtered(item for item in found if item is not _ABSENT)
    value = _lookup(base, key)
    return None if value is _ABSENT else value


_ABSENT: Final = object()


def _lookup(base: Value, key: Value) -> Any:
    if isinstance(base, Unknown):
        return Unknown()
    if isinstance(base, dict) and not isinstance(key, list | dict):
        if isinstance(key, str) and key in base:
            return base[key]
        wanted = fold(to_text(key))
        missing = Unknown() if isinstance(base, Open) else _ABSENT
        return next((value for name, value in base.items() if fold(name) == wanted), missing)
    if isinstance(base, list):
        number = to_number(key)
        if 0 <= number < len(base):  # false for NaN
            return base[int(number)]
    return _ABSENT


def _star(base: Value) -> Value:
    if isinstance(base, Unknown | Open):
        return Unknown()
    if isinstance(base, Filtered):
        return Filtered(inner for item in base for inner in _children(item))
    return Filtered(_children(base))


def _children(value: Value) -> list[Value]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _call(name: str, arguments: tuple[Node, ...], contexts: Contexts) -> Value:
    if name in ("success", "failure", "cancelled", "always"):
        return contexts.get(f"{name}()", True if name == "always" else EITHER)
    if name == "case":
        return _case(arguments, contexts)
    function = _FUNCTIONS.get(name)
    if function is None:
        return Unknown()
    otherwise = EITHER if name in ("contains", "startswith", "endswith") else Unknown()
    values = tuple(evaluate(argument, contexts) for argument in arguments)
    try:
        return _each(function, values, otherwise)
    except (ValueError, ArithmeticError, RecursionError):
        return Unknown()  # GitHub fails the run


def _case(arguments: tuple[Node, ...], contexts: Contexts) -> Value:
    candidates: list[Value] = []
    for predicate, result in zip(arguments[:-1:2], arguments[1::2], strict=False):
        value = evaluate(predicate, contexts)
        if not isinstance(value, bool | Unknown):
            return Unknown()  # GitHub fails the run
        known = truth(value)
        if known is not False:
            candidates.append(evaluate(result, contexts))
        if known:
            return either(candidates)
    return either([*candidates, evaluate(arguments[-1], contexts)])


def _contains(search: Value, item: Value) -> Value:
    if isinstance(search, list):
        return _any_equal(search, item)
    if isinstance(search, dict) or isinstance(item, list | dict):
        return False
    return to_text(item).lower() in to_text(search).lower()


def _any_equal(search: list[Value], item: Value) -> Value:
    found: list[bool | None] = []
    for each in search:
        value = _each(equal, (each, item), EITHER)
        found.append(truth(value))
    if True in found:
        return True
    return EITHER if None in found else False


def _starts_with(text: Value, start: Value) -> Value:
    return _texts(text, start) and fold(to_text(text)).startswith(fold(to_text(start)))


def _ends_with(text: Value, end: Value) -> Value:
    return _texts(text, end) and fold(to_text(text)).endswith(fold(to_text(end)))


def _texts(*values: Value) -> bool:
    return not any(isinstance(value, list | dict) for value in values)


def _format(template: Value, *arguments: Value) -> Value:
    def fill(match: re.Match[str]) -> str:
        if match[1] is not None and len(match[1]) < 9 and int(match[1]) < len(arguments):
            return to_text(arguments[int(match[1])])
        if match.group() in ("{{", "}}"):
            return match.group()[0]
        raise ValueError("GitHub refuses the template")

    return _HOLE.sub(fill, to_text(template))


def _join(items: Value, separator: Value = ",") -> Value:
    if not isinstance(items, list):
        return "" if isinstance(items, dict) else to_text(items)
    if any(isinstance(item, Unknown) for item in items):
        return Unknown()
    between = to_text(separator) if _texts(separator) else ","
    return between.join(map(to_text, items))


def _to_json(value: Value) -> Value:
    def plain(value: Value) -> Any:
        if isinstance(value, Unknown | Open):
            raise ValueError("not known in full")
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return None
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        return int(value) if whole else value

    return json.dumps(plain(value), indent=2, ensure_ascii=False)


def _from_json(text: Value) -> Value:
    return json.loads(to_text(text), parse_int=float, parse_constant=_refuse)


def _refuse(text: str) -> Any:
    raise ValueError("no JSON")


_FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    "contains": _contains,
    "startswith": _starts_with,
    "endswith": _ends_with,
    "format": _format,
    "join": _join,
    "tojson": _to_json,
    "fromjson": _from_json,
}
