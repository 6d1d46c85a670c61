"""Terraform's conversions: what a value is as a string, a number, a list; when two are equal."""

from collections.abc import Iterable
from fractions import Fraction

from iact_guard.model.value import (
    Entries,
    Items,
    Scalar,
    Value,
    failed,
    known,
    null,
    unknown,
)

MAX_STRING = 65_536
MAX_ITEMS = 10_000
MAX_NODES = 50_000
_LARGEST = 10**300


class UnresolvedError(Exception):
    """Stops a computation whose outcome is already certain: unknown, or refused by Terraform."""

    def __init__(self, value: Value) -> None:
        super().__init__(value.reason)
        self.value = value


def refuse(reason: str, *parts: Value) -> UnresolvedError:
    """Terraform would refuse this."""
    return UnresolvedError(failed(reason, *parts))


def resolved(value: Value) -> Value:
    """The value, if it is known and not null."""
    if value.state == "unknown":
        raise UnresolvedError(value)
    if value.nothing:
        raise refuse("null stands where a value is needed", value)
    return value


def string(value: Value) -> str:
    """As a string."""
    content = resolved(value).content
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, str):
        return content
    if isinstance(content, int):
        return str(content)
    if isinstance(content, float):
        return format(content, ".15g") if abs(content) < 1e15 else format(content, ".0f")
    raise refuse("a collection stands where a string is needed", value)


def numeric(value: Value) -> int | float:
    """As a number."""
    content = resolved(value).content
    if isinstance(content, str):
        try:
            return tidy(float(content)) if len(content) < 100 else _no_number(value)
        except (ValueError, OverflowError):
            return _no_number(value)
    if isinstance(content, int | float) and not isinstance(content, bool):
        return content
    return _no_number(value)


def _no_number(value: Value) -> int:
    raise refuse("not a number", value)


def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(number if isinstance(number, int) else repr(number))


def tidy(number: float | Fraction) -> int | float:
    """An integer where it is one."""
    if not -_LARGEST < number < _LARGEST:
        raise UnresolvedError(unknown("a number that is too large to be followed"))
    return int(number) if number == int(number) else float(number)


def boolean(value: Value) -> bool:
    """As a boolean."""
    content = resolved(value).content
    if isinstance(content, bool):
        return content
    if content in ("true", "false"):
        return content == "true"
    raise refuse("not a boolean", value)


def items(value: Value) -> Items:
    """As a sequence; a map gives its values."""
    content = resolved(value).content
    if isinstance(content, Items):
        return content
    if isinstance(content, Entries):
        closed(value)
        return Items(tuple(content.values[key] for key in sorted(content.values)))
    raise refuse("not a list", value)


def entries(value: Value) -> Entries:
    """As a map."""
    content = resolved(value).content
    if isinstance(content, Entries):
        return content
    raise refuse("not a map", value)


def closed(value: Value) -> dict[str, Value]:
    """The entries of a map whose keys are all known."""
    found = entries(value)
    if found.others:
        raise UnresolvedError(unknown(found.others, value))
    return found.values


def bounded(values: Iterable[Value], *, is_set: bool = False) -> Items:
    """A sequence that is not too long to follow."""
    collected = tuple(values)
    if len(collected) > MAX_ITEMS:
        raise UnresolvedError(unknown(f"a list of more than {MAX_ITEMS} elements"))
    return Items(unique(collected) if is_set else collected, is_set)


def unique(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The elements of a set, in Terraform's order where they are scalars."""
    kept: dict[object, Value] = {}
    for value in values:
        kept.setdefault(identity(value) or id(value), value)
    scalars = [v for v in kept.values() if isinstance(v.content, str | int | float)]
    if len(scalars) != len(kept):
        return tuple(kept.values())
    return tuple(sorted(scalars, key=lambda v: (isinstance(v.content, str), v.content)))


def measured(value: Value) -> Value:
    """The value, unless it holds too much: ten locals of `[local.a, local.a]` hold a thousand."""
    if not isinstance(value.content, Items | Entries):
        return value
    stack, count = [value], 0
    while stack:
        content = stack.pop().content
        count += 1
        if count > MAX_NODES:
            raise UnresolvedError(unknown(f"a value of more than {MAX_NODES} parts"))
        if isinstance(content, Items):
            stack += content.values
        elif isinstance(content, Entries):
            stack += content.values.values()
    return value


def joined(parts: Iterable[str], separator: str = "") -> str:
    """One string of many, which must not be too long to follow."""
    collected: list[str] = []
    length = 0
    for part in parts:
        collected.append(part)
        length += len(part) + len(separator)
        if length > MAX_STRING + len(separator):
            raise UnresolvedError(unknown(f"a string of more than {MAX_STRING} characters"))
    return separator.join(collected)


def identity(value: Value) -> object:
    """A key that is equal for equal values; None where an unknown is in it."""
    return _identity(measured(value))


def _identity(value: Value) -> object:
    if value.nothing:
        return ("null",)
    content = value.content
    if content is None:
        return None
    if isinstance(content, Items):
        inner = tuple(_identity(item) for item in content.values)
        return None if None in inner else ("list", inner)
    if isinstance(content, Entries):
        pairs = tuple((k, _identity(v)) for k, v in sorted(content.values.items()))
        return None if content.others or any(v is None for _, v in pairs) else ("map", pairs)
    kind = "bool" if isinstance(content, bool) else "str" if isinstance(content, str) else "num"
    return (kind, content)


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where that is not known."""
    first, second = identity(left), identity(right)
    if first is None or second is None:
        return False if _differ(left, right) else None
    return first == second


def _differ(left: Value, right: Value) -> bool:
    """Whether two values differ, although something in them is unknown."""
    if left.state == "unknown" or right.state == "unknown":
        return False
    return type(left.content) is not type(right.content)


def unify(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Elements of a list have one type: strings, where scalars are mixed."""
    scalars = [v.content for v in values if v.state == "known"]
    kinds = {"bool" if isinstance(c, bool) else "num" if isinstance(c, int | float) else
             "str" if isinstance(c, str) else "other" for c in scalars}  # fmt: skip
    if len(kinds) < 2 or "other" in kinds:
        return values
    return tuple(known(string(v), v) if v.state == "known" else v for v in values)


def either(first: Value, second: Value, reason: str) -> Value:
    """What is certain of a value that is one of two."""
    same = equal(first, second)
    if same:
        return known(first.content, first, second) if first.content is not None else first
    if isinstance(first.content, Entries) and isinstance(second.content, Entries):
        one, two = first.content.values, second.content.values
        common = {key: either(one[key], two[key], reason) for key in one if key in two}
        others = first.content.others or second.content.others
        if one.keys() != two.keys():
            others = others or reason
        return known(Entries(common, others), first, second)
    return unknown(reason, first, second)


def scalar(content: Scalar) -> Value:
    """A known scalar, bounded."""
    if isinstance(content, str) and len(content) > MAX_STRING:
        return unknown(f"a string of more than {MAX_STRING} characters")
    return known(content)


def nullable(content: Scalar | None) -> Value:
    """A scalar or null."""
    return null() if content is None else scalar(content)
