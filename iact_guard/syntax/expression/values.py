"""Values of expressions and GitHub's conversions between them, three-valued."""

import math
from typing import Any

from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

_DECIMAL = regex(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DOTLESS = "\u0131"
_BASES = {"0x": 16, "0X": 16, "0o": 8, "0O": 8}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the files do not tell."""

    options: tuple[Any, ...] | None = None
    """All that it can be, where that is known."""
    truth: bool | None = None
    """Whether it counts as true, where that is known without the value."""


Value = Any
"""None, bool, float, str, list, dict (of values), or Unknown."""


class Open(dict[str, Value]):
    """An object of which only some keys are known: any other is unknown, not null."""


class Filtered(list[Value]):
    """What `*` makes of an array or object: an index goes to its items."""


EITHER = Unknown((False, True))


def either(values: list[Value], limit: int = 32) -> Value:
    """One of several values, each of which may itself be unknown."""
    options: list[Value] = []
    for value in values:
        if isinstance(value, Unknown) and value.options is None:
            truths = {truth(each) for each in values}
            return Unknown(None, truths.pop() if len(truths) == 1 else None)
        for option in value.options or () if isinstance(value, Unknown) else (value,):
            if not any(same(option, known) for known in options):
                options.append(option)
    if len(options) > limit:
        return Unknown()
    return options[0] if len(options) == 1 else Unknown(tuple(options))


def same(left: Value, right: Value) -> bool:
    """Equal in type and value; unlike GitHub's `==`."""
    return type(left) is type(right) and bool(left == right)


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None where that hangs on what is unknown."""
    if isinstance(value, Unknown):
        if value.options is None:
            return value.truth
        truths = {truth(option) for option in value.options}
        return truths.pop() if len(truths) == 1 else None
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value) or isinstance(value, (list, dict))


def to_number(value: Value) -> float:
    """What GitHub makes of a known value where it needs a number; NaN for what is none."""
    if value is None or isinstance(value, bool | float):
        return float(value or 0)
    if not isinstance(value, str):
        return math.nan
    text = value.strip()
    if not text:
        return 0.0
    if base := _BASES.get(text[:2]):
        digits = text[2:]
        try:
            return float(int(digits, base)) if digits.isalnum() and digits.isascii() else math.nan
        except (ValueError, OverflowError):
            return math.nan
    if text.lstrip("+-") == "Infinity" and len(text) <= len("+Infinity"):
        return float(text)
    return float(text) if _DECIMAL.fullmatch(text) else math.nan


def to_text(value: Value) -> str:
    """What GitHub makes of a known value where it needs a string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, str):
        return value
    return "Array" if isinstance(value, list) else "Object"


def _number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def equal(left: Value, right: Value) -> bool:
    """GitHub's `==` of two known values: strings without case, objects by identity."""
    left, right = _coerce(left, right)
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return fold(left) == fold(right)
    return type(left) is type(right) and bool(left == right)


def less(left: Value, right: Value) -> bool:
    """GitHub's `<` of two known values."""
    left, right = _coerce(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return fold(left) < fold(right)
    if isinstance(left, bool | float) and type(left) is type(right):
        return left < right
    return False


def _coerce(left: Value, right: Value) -> tuple[Value, Value]:
    """Of different kinds both become numbers; arrays and objects stay what they are."""
    if type(left) is type(right) or isinstance(left, list | dict) or isinstance(right, list | dict):
        return left, right
    return to_number(left), to_number(right)


def fold(text: str) -> str:
    """Text for comparisons without case; the dotless i stays itself."""
    return _DOTLESS.join(part.upper() for part in text.split(_DOTLESS))
