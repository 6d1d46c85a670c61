"""What a change of a column's type refuses, and what it cuts off in silence.

Django changes a length with PostgreSQL's assignment cast, which refuses what does not fit, and
another type with an explicit one (`USING c::type`), which cuts it to fit.
"""

import re

from iact_guard.model.regex import regex

_SIZED = regex(r"varchar\((\d+)\)|numeric\((\d+),(\d+)\)")
_INTEGERS = ("smallint", "integer", "bigint")
_PARSED = {
    **dict.fromkeys((*_INTEGERS, "double precision"), "no numbers"),
    "uuid": "no UUIDs",
    "date": "no dates",
    "timestamptz": "no points in time",
    "time": "no times of day",
    "boolean": "no truth values",
    "jsonb": "no JSON",
    "inet": "no addresses",
}
# The longest text of a value of a type, year numbers of six digits and signs included.
_WIDTHS = {
    "boolean": 5, "smallint": 6, "integer": 11, "bigint": 20, "double precision": 24, "uuid": 36,
    "date": 16, "time": 15, "timestamptz": 42, "inet": 50,
}  # fmt: skip
# What two types of time have in common is kept, the rest is gone.
_CUT = {
    ("timestamptz", "date"): "the time of day in",
    ("timestamptz", "time"): "the date in",
    ("double precision", "smallint"): "the fractions in",
    ("double precision", "integer"): "the fractions in",
    ("double precision", "bigint"): "the fractions in",
}


def narrowed(name: str, old: str, new: str) -> tuple[str, str]:
    """The rows on which the change fails, and what it loses; empty where there are none.

    `old` and `new` are PostgreSQL's types, as in `varchar(30)`.
    """
    before, after = _SIZED.fullmatch(old), _SIZED.fullmatch(new)
    if _is_text(old):
        return _from_text(name, old, new, int(after[1]) if after and after[1] else None)
    if before and after and before[2] and after[2]:
        return _decimals(name, before, after)
    if old in _INTEGERS and new in _INTEGERS:
        smaller = _INTEGERS.index(new) < _INTEGERS.index(old)
        return (f"values of {name} beyond the range of {new}" if smaller else ""), ""
    if before and before[2] and new in _INTEGERS:
        lost = f"the fractions in {name}" if int(before[3]) else ""
        return f"values of {name} beyond the range of {new}", lost
    if (cut := _CUT.get((old, new))) is not None:
        range_matters = new in _INTEGERS
        beyond = f"values of {name} beyond the range of {new}" if range_matters else ""
        return beyond, f"{cut} {name}"
    if _is_text(new) and after and after[1] and int(after[1]) < _width(old, before):
        return "", f"what values of {name} have beyond {after[1]} characters"
    return "", ""


def _width(type_: str, sized: re.Match[str] | None) -> float:
    """How many characters the values of a type take at most."""
    if sized and sized[2]:
        return int(sized[2]) + 3  # a sign, a point, a zero before it
    return _WIDTHS.get(type_, float("inf"))


def _is_text(type_: str) -> bool:
    return type_ == "text" or type_.startswith("varchar")


def _from_text(name: str, old: str, new: str, length: int | None) -> tuple[str, str]:
    if length is not None:
        before = _SIZED.fullmatch(old)
        if before and int(before[1]) <= length:
            return "", ""
        if old == "text":
            return "", f"what values of {name} have beyond {length} characters"
        return f"values of {name} with more than {length} characters", ""
    like = "double precision" if new.startswith("numeric") else new
    refused = "no arrays" if new.endswith("]") else _PARSED.get(like)
    return (f"values of {name} that are {refused}" if refused else ""), ""


def _decimals(name: str, before: re.Match[str], after: re.Match[str]) -> tuple[str, str]:
    whole_before, whole_after = (int(m[2]) - int(m[3]) for m in (before, after))
    refused = lost = ""
    if whole_after < whole_before:
        refused = f"values of {name} with more than {whole_after} digits before the point"
    if int(after[3]) < int(before[3]):
        lost = f"digits of {name} beyond {after[3]} after the point"
    return refused, lost
