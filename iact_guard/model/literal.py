"""Values of Python source as their author wrote them: what can be said without running it."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass

HOLE = "iact_guard_hole"
"""Stands in a text for what only running it would tell."""

Plain = str | int | float | bool | bytes | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, a number, a truth value or None."""

    value: Plain
    location: Location


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that means something elsewhere, imports resolved: `django.db.models.CASCADE`."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call; `name` is empty for a positional one."""

    name: str
    value: "Value"
    location: Location


@dataclass(frozen=True, slots=True)
class Call:
    """`function(...)`, the function's name with imports resolved."""

    function: str
    arguments: tuple[Argument, ...]
    location: Location

    def get(self, name: str, position: int | None = None) -> "Value | None":
        """An argument by its name, or by its place among the positional ones."""
        for argument in self.arguments:
            if argument.name == name:
                return argument.value
        if position is not None:
            unnamed = [argument.value for argument in self.arguments if not argument.name]
            if position < len(unnamed):
                return unnamed[position]
        return None


@dataclass(frozen=True, slots=True)
class Items:
    """A list, a tuple or a set."""

    items: tuple["Value", ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dictionary, in the order it was written."""

    entries: tuple[tuple["Value", "Value"], ...]
    location: Location

    def get(self, key: str) -> "Value | None":
        """The value behind a text; of equal keys the last counts."""
        found = [v for k, v in self.entries if isinstance(k, Constant) and k.value == key]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Opaque:
    """What only running it would tell."""

    reason: str
    location: Location
    outline: str = ""
    """Of a text the parts that are known, with `HOLE` for each of the others."""


Value = Constant | Reference | Call | Items | Mapping | Opaque


def text(value: Value | None) -> str | None:
    """The text that a value is; None for anything else."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    return None


def same(left: Value | None, right: Value | None) -> bool:
    """Whether two values mean the same wherever they stand; what is opaque equals nothing."""
    match left, right:
        case (None, None):
            return True
        case (Constant(a), Constant(b)):
            return type(a) is type(b) and a == b
        case (Reference(a), Reference(b)):
            return a == b
        case (Items(a), Items(b)):
            return len(a) == len(b) and all(map(same, a, b))
        case (Mapping(a), Mapping(b)):
            pairs = zip(a, b, strict=False)
            return len(a) == len(b) and all(same(x, y) and same(v, w) for (x, v), (y, w) in pairs)
        case (Call(f, a), Call(g, b)):
            given = zip(a, b, strict=False)
            alike = all(x.name == y.name and same(x.value, y.value) for x, y in given)
            return f == g and len(a) == len(b) and alike
    return False
