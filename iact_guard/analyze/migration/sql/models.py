"""What the models tell of the tables that SQL names."""

from collections.abc import Iterable
from functools import cached_property

from iact_guard.analyze.migration.state.columns import Column, Through, field_class, shape
from iact_guard.analyze.migration.state.models import Field, Model, State, groups
from iact_guard.analyze.migration.steps import IN_USE, Use
from iact_guard.model.literal import Call, Items, text
from iact_guard.model.migration import Operation

MAX_MODELS = 2_000
"""Above it nobody is searched for the table of a many-to-many field."""


class Models:
    """The models of a state by their tables."""

    def __init__(self, state: State) -> None:
        self.state = state

    @cached_property
    def _by_table(self) -> dict[str, Model]:
        found: dict[str, Model] = {}
        for model in self.state.models.values():
            if model.table is not None and model.proxied is None:
                found.setdefault(plain(model.table), model)
        return found

    @cached_property
    def _through(self) -> dict[str, Use]:
        """The tables of many-to-many fields, of those that are gone as well."""
        found: dict[str, Use] = {}
        if len(self.state.models) + len(self.state.forgotten) > MAX_MODELS:
            return found
        gone = self.state.forgotten.values()
        for model in (*gone, *self.state.models.values()):
            for item in model.forgotten.values():
                found |= self._tables_of(model, (item,), item.by)
        for model in gone:
            found |= self._tables_of(model, model.fields.values(), model.by)
        for model in self.state.models.values():
            found |= self._tables_of(model, model.fields.values(), None)
        return found

    def _tables_of(
        self, model: Model, fields: Iterable[Field], forgotten: Operation | None
    ) -> dict[str, Use]:
        found: dict[str, Use] = {}
        for item in fields:
            if isinstance(item.value, Call) and "ManyToMany" in field_class(item.value):
                what = shape(item, model, self.state)
                if isinstance(what, Through) and what.table:
                    found[plain(what.table)] = Use(forgotten=forgotten)
        return found

    def model(self, table: str) -> Model | None:
        """The model of a table."""
        return self._by_table.get(table)

    def name(self, table: str) -> str:
        """A table as the models call it."""
        found = self.model(table)
        return found.table or table if found else table

    def column(self, table: str, name: str) -> Column | None:
        """A column of a model's table."""
        model = self.model(table)
        return self._in(model, model.fields.values(), name) if model else None

    def _in(self, model: Model, fields: Iterable[Field], name: str) -> Column | None:
        for item in fields:
            what = shape(item, model, self.state)
            if isinstance(what, Column) and what.name == name:
                return what
        return None

    def use(self, table: str, column: str = "") -> Use:
        """What the running code makes of a table, or of a column of it."""
        if "?" in (table, column):
            return Use(modelled=False)
        model = self.model(table)
        if model is None:
            gone = [m for m in self.state.forgotten.values() if plain(m.table or "") == table]
            if gone:
                return Use(forgotten=gone[-1].by)
            return self._through.get(table, Use(modelled=False))
        if not column or self.column(table, column) is not None:
            return IN_USE
        for item in reversed(list(model.forgotten.values())):
            if self._in(model, (item,), column) is not None:
                return Use(forgotten=item.by)
        # No model has or had it: nothing that Django writes names it.
        return Use(forgotten=model.by)

    def targets(self, table: str) -> tuple[str, ...]:
        """The tables that the foreign keys of a table refer to."""
        model = self.model(table)
        fields = model.fields.values() if model else ()
        shapes = [shape(item, model, self.state) for item in fields] if model else []
        found = (what.references for what in shapes if isinstance(what, Column))
        return tuple(dict.fromkeys(name for name in found if name))

    def is_key(self, table: str, columns: frozenset[str]) -> bool:
        """Whether columns hold something that no two rows share."""
        model = self.model(table)
        if model is None:
            return "id" in columns
        if model.primary_key is None and "id" in columns:
            return True
        for item in model.fields.values():
            what = shape(item, model, self.state)
            unique = isinstance(what, Column) and (what.primary or what.unique)
            if unique and isinstance(what, Column) and what.name in columns:
                return True
        rules = [part.value for part in model.constraints.values()]
        sets = [*(groups(model.options.get("unique_together")) or ()), *map(_unique, rules)]
        return any(names and self._columns(model, names) <= columns for names in sets)

    def _columns(self, model: Model, names: tuple[str, ...]) -> frozenset[str]:
        shapes = [shape(item, model, self.state) for name in names if (item := model.find(name))]
        return frozenset(what.name if isinstance(what, Column) else "?" for what in shapes)

    def holder(self, index: str) -> str:
        """The table of an index or a constraint that a model declares."""
        for table, model in self._by_table.items():
            if index in model.indexes or index in model.constraints:
                return table
        # Django calls an index of its own after the table and the columns, with a hash.
        named = [table for table in self._by_table if index.startswith(f"{table}_")]
        return max(named, key=len, default="")

    def references(self, table: str, constraint: str) -> str:
        """The table that a foreign key of Django's refers to, by the name of its constraint."""
        model = self.model(table)
        if model is None or "_fk_" not in constraint:
            return ""
        for item in model.fields.values():
            what = shape(item, model, self.state)
            if isinstance(what, Column) and what.references and f"_{what.name}_" in constraint:
                return what.references
        return ""


def plain(table: str) -> str:
    """`schema.name` of Django's `schema"."name`, by which people get a schema into it."""
    return table.replace('"."', ".").strip('"').removeprefix("public.")


def _unique(value: object) -> tuple[str, ...]:
    """The fields of a UniqueConstraint without a condition."""
    if not isinstance(value, Call) or not value.function.endswith(".UniqueConstraint"):
        return ()
    fields = value.get("fields")
    if value.get("condition") is not None or not isinstance(fields, Items):
        return ()
    return tuple(text(item) or "?" for item in fields.items)
