"""What PostgreSQL does to a column that gets another type, and to those who know the old one.

From the casts and operators of its catalogues: `pg_cast`, `pg_operator`.
"""

from iact_guard.analyze.migration.effect import UNSURE, WORKS, OldCode
from iact_guard.model.regex import regex

_VARCHAR = regex(r"varchar(?:\((\d+)\))?")
_NUMERIC = regex(r"numeric\((\d+),(\d+)\)")
_ARRAY = regex(r"(.+)\[\d*\]")

_NUMBERS = frozenset({"integer", "numeric", "float"})
# What an explicit cast turns into what, beside text, into and from which everything goes.
_CASTS = {
    "integer": _NUMBERS,
    "numeric": _NUMBERS,
    "float": _NUMBERS,
    "date": frozenset({"timestamptz"}),
    "timestamptz": frozenset({"date", "time"}),
    "time": frozenset({"interval"}),
    "interval": frozenset({"time"}),
    "jsonb": _NUMBERS | {"boolean"},
}
_FOUND = OldCode(select="breaks", update="breaks", delete="breaks")
"""Rows can be written, and not compared with values of the old type."""
_LOST = OldCode("breaks", "breaks", "breaks", "breaks")
_WRITTEN_AND_FOUND = frozenset({
    *((old, new) for old in _NUMBERS for new in _NUMBERS),
    ("date", "timestamptz"),
    ("timestamptz", "date"),
    ("time", "interval"),
    ("text", "bytea"),
})  # fmt: skip
_WRITTEN = frozenset({("timestamptz", "time"), ("interval", "time")})
_OTHERS = frozenset({
    "boolean", "date", "timestamptz", "time", "interval", "uuid", "inet", "jsonb", "bytea",
    "int4range", "int8range", "numrange", "daterange", "tstzrange", "tsvector",
})  # fmt: skip


def family(type_: str) -> str:
    """Types that are cast and compared alike, as in `integer`; empty where it is not known."""
    if type_ in ("smallint", "integer", "bigint"):
        return "integer"
    if type_ in ("text", "citext") or _VARCHAR.fullmatch(type_):
        return "text"
    if type_.startswith("numeric"):
        return "numeric"
    if type_ == "double precision":
        return "float"
    if _ARRAY.fullmatch(type_):
        return "array"
    return type_ if type_ in _OTHERS else ""


def is_convertible(old: str, new: str) -> bool:
    """Whether there is a cast, so that the change may succeed."""
    before, after = family(old), family(new)
    if not before or not after or before == after or "text" in (before, after):
        return True
    if (old, new) in (("integer", "boolean"), ("boolean", "integer")):
        return True
    return after in _CASTS.get(before, ())


def keeps_rows(old: str, new: str) -> bool:
    """Whether no row has to be written anew, nor an index of the same kind."""
    if old == new or old.partition("[")[::2] == new.partition("[")[::2]:
        return True
    before, after = _ARRAY.fullmatch(old), _ARRAY.fullmatch(new)
    if before and after:
        return before[1] == after[1]
    before, after = _VARCHAR.fullmatch(old), _VARCHAR.fullmatch(new)
    if new in ("text", "varchar") and (before or old == "text"):
        return True
    if before and after and before[1]:
        return int(after[1]) >= int(before[1])
    before, after = _NUMERIC.fullmatch(old), _NUMERIC.fullmatch(new)
    if before and after:
        return before[2] == after[2] and int(after[1]) >= int(before[1])
    return False


def used_by_old_code(old: str, new: str) -> OldCode:
    """What becomes of queries that write values of the old type, and compare with them.

    Text stands for anything: what is no number cannot even be compared with one.
    """
    before, after = family(old), family(new)
    if not before or not after:
        return UNSURE
    if before == after == "array":
        return _of_arrays(old, new)
    if before == after or (before, after) in _WRITTEN_AND_FOUND:
        return WORKS
    if after == "text" or (before, after) in _WRITTEN:
        return _FOUND
    return _LOST


def _of_arrays(old: str, new: str) -> OldCode:
    """Django names the type of an array in its queries, and arrays are compared within one only."""
    elements = [type_.partition("[")[0].partition("(")[0] for type_ in (old, new)]
    return WORKS if elements[0] == elements[1] else _FOUND
