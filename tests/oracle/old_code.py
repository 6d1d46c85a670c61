"""The queries that code of before the release sends, run on the schema as it is now."""

import datetime
import decimal
import ipaddress
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.oracle.fill import free
from tests.oracle.truth import KINDS

Query = Callable[[], object]
FRESH = 3_000
"""Above the numbers of the rows that are there."""


class OldCode:
    """The models of before, with values for rows that nobody has yet."""

    def __init__(self, connection: Any, models: list[Any], depths: dict[str, int]) -> None:
        self.connection = connection
        self.models = models
        # A row of each that nobody refers to, and one that is in every table.
        numbers = {m: free(depths.get(m._meta.db_table, 0))[5] for m in models}
        self.keys = {model: (_key(model, numbers[model]), _key(model, 1)) for model in models}

    def broken(self) -> dict[str, str]:
        """The kinds of query of which one fails now, each with how it fails."""
        found: dict[str, str] = {}
        for model in self.models:
            queries = self._queries(model)
            for kind in KINDS:
                for label, query in queries[kind]:
                    error = self._try(query)
                    if error and kind not in found:
                        found[kind] = f"{model._meta.object_name} {label}: {error}"
        return found

    def _try(self, query: Query) -> str:
        from django.db import DatabaseError, transaction
        from django.db.models.deletion import ProtectedError, RestrictedError

        try:
            with transaction.atomic():
                query()
                if self.connection.features.can_defer_constraint_checks:
                    self.connection.check_constraints()
                transaction.set_rollback(True)
        except DatabaseError as error:
            return f"{type(error).__name__}: {error}".partition("\n")[0]
        except (ProtectedError, RestrictedError):
            return ""  # the code itself forbids it
        return ""

    def _queries(self, model: Any) -> dict[str, list[tuple[str, Query]]]:
        meta, rows = model._meta, model._base_manager
        own = [f for f in meta.local_concrete_fields if not getattr(f, "generated", False)]
        choices = [{f.attname: self._value(f, which) for f in own} for which in (0, 1)]
        written = [
            {n: v for n, v in values.items() if not meta.get_field(n).primary_key}
            for values in choices
        ]
        spared = [
            {n: v for n, v in values.items() if not _left_out(meta.get_field(n))}
            for values in choices
        ]
        key = self.keys[model][0]
        queries: dict[str, list[tuple[str, Query]]] = {kind: [] for kind in KINDS}

        def add(kind: str, label: str, *alternatives: Query) -> None:
            queries[kind].append((label, self._any(alternatives)))

        add("insert", "all", *(partial(self._insert, model, values) for values in choices))
        add("insert", "defaults", *(partial(self._insert, model, values) for values in spared))
        add("select", "all", lambda: list(rows.all()[:2]))
        if written[0]:
            add("update", "save", *(_update(rows, {"pk": key}, values) for values in written))
        add("delete", "one", lambda: model(pk=key).delete())
        for field in meta.concrete_fields:
            here = {field.attname: self._value(field, 0)}
            for label, lookups in _filters(field, here):
                add("select", label, _select(rows, lookups))
            add("select", f"order by {field.name}", _ordered(rows, field.name))
            add("delete", f"by {field.name}", _delete(rows, here))
            if written[0]:
                name, value = next(iter(written[0].items()))
                add("update", f"by {field.name}", _update(rows, here, {name: value}))
            if field.is_relation:
                add("select", f"join {field.name}", _joined(rows, field.name))
        for field in meta.many_to_many:
            add("select", f"join {field.name}", _select(rows, {f"{field.name}__pk": 1}))
        return queries

    def _any(self, alternatives: tuple[Query, ...]) -> Query:
        """Rows that satisfy every rule: which those are, only trying them tells."""
        if len(alternatives) == 1:
            return alternatives[0]

        def run() -> None:
            for query in alternatives[:-1]:
                if not self._try(query):
                    return
            alternatives[-1]()

        return run

    def _insert(self, model: Any, values: dict[str, Any]) -> None:
        row = model(**values)
        for parent in model._meta.parents:  # the row of the parent is there already
            row.pk = self.keys[parent][0]
            row.save_base(raw=True, force_insert=True)
            return
        row.save(force_insert=True)

    def _value(self, field: Any, which: int) -> Any:
        if field.is_relation:
            return self.keys.get(field.related_model, (None, None))[which]
        if field.column.endswith("_id"):  # it may refer to something later
            return value_of(field, free(0)[5])
        return value_of(field, FRESH)


def _key(model: Any, number: int) -> Any:
    """The key that `fill` gives row `number`."""
    match model._meta.pk.get_internal_type():
        case "CharField" | "SlugField" | "TextField":
            return str(number)
        case "UUIDField":
            return uuid.UUID(str(number).zfill(32))
    return number


def value_of(field: Any, number: int) -> Any:
    """A value that suits a field, another one for each number."""
    for kind, make in _MAKERS.items():
        if field.get_internal_type() == kind or kind in {c.__name__ for c in type(field).__mro__}:
            return make(field, number)
    return f"x{number}"


_DAY = datetime.date(2001, 1, 1)
_NOON = datetime.datetime(2001, 1, 1, 12, tzinfo=datetime.UTC)
_MAKERS: dict[str, Callable[[Any, int], Any]] = {
    "ArrayField": lambda f, n: [value_of(f.base_field, n)],
    "DateTimeRangeField": lambda f, n: _range(
        _NOON + datetime.timedelta(n), _NOON + datetime.timedelta(n + 1), "DateTimeTZRange"
    ),
    "DateRangeField": lambda f, n: _range(
        _DAY + datetime.timedelta(n), _DAY + datetime.timedelta(n + 1), "DateRange"
    ),
    "RangeField": lambda f, n: _range(n, n + 1, "NumericRange"),
    "GeneratedField": lambda f, n: value_of(f.output_field, n),
    "BooleanField": lambda f, n: True,
    "DateTimeField": lambda f, n: _NOON + datetime.timedelta(n),
    "DateField": lambda f, n: _DAY + datetime.timedelta(n),
    "TimeField": lambda f, n: datetime.time(n // 3600, n // 60 % 60, n % 60),
    "DurationField": lambda f, n: datetime.timedelta(seconds=n),
    "DecimalField": lambda f, n: decimal.Decimal(n),
    "FloatField": lambda f, n: float(n),
    "UUIDField": lambda f, n: uuid.UUID(int=n),
    "GenericIPAddressField": lambda f, n: str(ipaddress.ip_address("10.0.0.0") + n),
    "BinaryField": lambda f, n: str(n).encode(),
    "IntegerField": lambda f, n: n,
    "AutoField": lambda f, n: n,
    "JSONField": lambda f, n: {"n": n},
}


def _range(low: Any, high: Any, name: str) -> Any:
    from django.db.backends.postgresql import psycopg_any

    return getattr(psycopg_any, name)(low, high)


def _left_out(field: Any) -> bool:
    """What an INSERT leaves to the database."""
    from django.db.models import NOT_PROVIDED

    return getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED or (
        field.get_internal_type().endswith("AutoField")
    )


def _filters(field: Any, here: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    (name, value), kind = next(iter(here.items())), field.get_internal_type()
    yield f"by {field.name}", here
    yield f"{field.name} is null", {f"{name}__isnull": True}
    if kind in ("CharField", "TextField", "SlugField"):
        yield f"{field.name} contains", {f"{name}__contains": "1"}
    if "Integer" in kind or kind in ("DateField", "DateTimeField", "DecimalField", "FloatField"):
        yield f"{field.name} greater", {f"{name}__gt": value}


def _select(rows: Any, lookups: dict[str, Any]) -> Query:
    return lambda: list(rows.filter(**lookups)[:2])


def _ordered(rows: Any, name: str) -> Query:
    return lambda: list(rows.order_by(name)[:2])


def _joined(rows: Any, name: str) -> Query:
    return lambda: list(rows.select_related(name)[:2])


def _delete(rows: Any, lookups: dict[str, Any]) -> Query:
    return lambda: rows.filter(**lookups).delete()


def _update(rows: Any, lookups: dict[str, Any], values: dict[str, Any]) -> Query:
    return lambda: rows.filter(**lookups).update(**values)
