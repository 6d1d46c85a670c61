"""Methods of managers, querysets and instances: what they give, and what they write. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Literal

from iact_guard.analyze.migration.code.schema import Schema
from iact_guard.analyze.migration.code.sizes import Size, most
from iact_guard.analyze.migration.code.values import (
    FIXED,
    Entity,
    Many,
    Null,
    Pair,
    Plain,
    Row,
    Rows,
    Text,
    Thing,
    element,
)
from iact_guard.model.records import dataclass

Verb = Literal["insert", "update", "delete", "any"]

CHAINED = frozenset({
    "all", "order_by", "reverse", "distinct", "select_related", "prefetch_related", "only",
    "defer", "using", "annotate", "alias", "iterator", "aiterator", "extra", "select_for_update",
    "exclude", "complex_filter", "get_queryset", "db_manager", "union", "intersection",
    "difference", "filter",
})  # fmt: skip
_ONE = frozenset({"get", "first", "last", "latest", "earliest"})
_VALUES = frozenset({"values", "values_list", "dates", "datetimes", "in_bulk"})
_FIGURES = frozenset({"count", "exists", "aggregate", "contains", "explain"})


@dataclass(frozen=True, slots=True)
class Written:
    """Rows that one call writes; `columns` are those that get a value, None: any of them."""

    entity: Entity
    verb: Verb
    size: Size
    columns: frozenset[str] | None = None
    unless_exists: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a call gives, and what it writes."""

    thing: Thing = FIXED
    written: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of a call."""

    positional: tuple[Thing, ...] = ()
    named: Mapping[str, Thing] = field(default_factory=dict)

    def get(self, position: int, name: str) -> Thing | None:
        """An argument by its place or its name."""
        if position < len(self.positional):
            return self.positional[position]
        return self.named.get(name)

    @property
    def every(self) -> tuple[Thing, ...]:
        """All of them."""
        return (*self.positional, *self.named.values())


def of_rows(schema: Schema, rows: Rows, method: str, given: Given) -> Done | None:
    """A method of a manager or a queryset; None for one that is not Django's."""
    name = method[1:] if method.startswith("a") and method[1:] in _ASYNC else method
    if name in CHAINED:
        size = rows.size
        if name == "filter":
            size = min(size, narrowed(schema, rows.entity, given.named))
        return Done(Rows(rows.entity, size, False))
    if name in _ONE:
        return Done(Row(rows.entity))
    if name in _VALUES:
        return Done(Many(rows.size, FIXED))
    if name in _FIGURES:
        return Done(Plain(rows.size))
    if name == "none":
        return Done(Rows(rows.entity, Size.FIXED))
    return _write(rows, name, given)


def _write(rows: Rows, name: str, given: Given) -> Done | None:
    entity = rows.entity
    linked = (Written(rows.link, "insert", Size.FIXED),) if rows.link else ()
    match name:
        case "create":
            return Done(Row(entity), (Written(entity, "insert", Size.FIXED), *linked))
        case "get_or_create":
            made = Written(entity, "insert", Size.FIXED, unless_exists=True)
            return Done(Pair((Row(entity), FIXED)), (made, *linked))
        case "update_or_create":
            return Done(Pair((Row(entity), FIXED)), (Written(entity, "any", Size.FIXED), *linked))
        case "bulk_create":
            objects = given.get(0, "objs") or FIXED
            verb: Verb = "any" if "update_conflicts" in given.named else "insert"
            size, careful = element(objects)[0], "ignore_conflicts" in given.named
            made = Written(entity, verb, size, unless_exists=careful)
            return Done(Rows(entity, size), (made,))
        case "bulk_update":
            objects = given.get(0, "objs") or FIXED
            named = _texts(given.get(1, "fields"))
            return Done(FIXED, (Written(entity, "update", element(objects)[0], named),))
        case "update":
            columns = frozenset(n for n, v in given.named.items() if not isinstance(v, Null))
            return Done(FIXED, (Written(entity, "update", rows.size, columns),))
        case "delete" | "_raw_delete":
            return Done(FIXED, (Written(entity, "delete", rows.size),))
        case "add" | "set" | "remove" | "clear" if rows.managed:
            return Done(FIXED, _linked(rows, name, given))
    return None


_ASYNC = frozenset({
    "get", "first", "last", "latest", "earliest", "in_bulk", "count", "exists", "aggregate",
    "contains", "explain", "create", "get_or_create", "update_or_create", "bulk_create",
    "bulk_update", "update", "delete", "add", "set", "remove", "clear",
})  # fmt: skip


def _linked(rows: Rows, name: str, given: Given) -> tuple[Written, ...]:
    """What the manager of a relation writes: the table between, or the rows that refer back."""
    many = [element(thing)[0] for thing in given.positional if isinstance(thing, Rows | Many)]
    size = rows.size if name == "clear" else most(many)
    if rows.link is None:
        return (Written(rows.entity, "update", size),)
    verbs: dict[str, Verb] = {"add": "insert", "set": "any"}
    return (Written(rows.link, verbs.get(name, "delete"), size),)


def of_row(row: Row, method: str, given: Given) -> Done | None:
    """A method of an instance; None for one that is not Django's."""
    match method:
        case "save" | "asave" | "save_base":
            if row.fresh:
                return Done(FIXED, (Written(row.entity, "insert", Size.FIXED),))
            columns = _texts(given.get(3, "update_fields"))
            if "update_fields" not in given.named and row.changed is not None:
                columns = frozenset(row.changed)
            return Done(FIXED, (Written(row.entity, "update", Size.FIXED, columns),))
        case "delete" | "adelete":
            return Done(FIXED, (Written(row.entity, "delete", Size.FIXED),))
        case "refresh_from_db" | "full_clean" | "clean" | "get_deferred_fields":
            return Done()
    return None


def narrowed(schema: Schema, entity: Entity, lookups: Mapping[str, Thing]) -> Size:
    """How many rows a filter leaves at most."""
    exact: dict[str, Thing] = {}
    size = schema.rows(entity)
    ranges: dict[str, set[str]] = {}
    for lookup, value in lookups.items():
        field, _, how = lookup.partition("__")
        if how in ("", "exact", "iexact"):
            exact[field] = value
        elif how == "in" and _is_key(schema, entity, field):
            size = min(size, _values(value))
        elif how == "range" and _is_key(schema, entity, field):
            size = min(size, Size.PORTION)
        elif how in ("gt", "gte", "lt", "lte") and _is_key(schema, entity, field):
            ranges.setdefault(field, set()).add(how[:2])
    if any(len(ends) == 2 for ends in ranges.values()):
        size = min(size, Size.PORTION)
    fields = {field.removesuffix("_id") for field in exact} | set(exact)
    if any(key <= fields for key in schema.keys(entity)):
        return Size.FIXED
    if any(schema.leads(entity, field) for field in exact):
        return min(size, Size.PORTION)
    return size


def _is_key(schema: Schema, entity: Entity, field: str) -> bool:
    return frozenset({field}) in schema.keys(entity)


def _values(thing: Thing) -> Size:
    return element(thing)[0] if isinstance(thing, Rows | Many | Pair) else Size.UNKNOWN


def _texts(thing: Thing | None) -> frozenset[str] | None:
    parts: Iterable[Thing] = thing.parts if isinstance(thing, Pair) else ()
    names = [part.value for part in parts if isinstance(part, Text)]
    complete = isinstance(thing, Pair) and len(names) == len(thing.parts)
    return frozenset(names) if complete else None
