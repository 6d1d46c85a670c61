"""Which columns of a table the models declare to be unique."""

from collections.abc import Iterator, Sequence

from iact_guard.analyze.migration.state.columns import Column, shape
from iact_guard.analyze.migration.state.models import Model, State, groups
from iact_guard.model.literal import Call, Items, text


def unique_columns(state: State, table: str) -> Iterator[frozenset[str]]:
    """The sets of columns of which no two rows of a table share the values."""
    for model in state.models.values():
        if not model.has_table or model.table != table:
            continue
        columns = {name: shape(item, model, state) for name, item in model.fields.items()}
        known = {name: what for name, what in columns.items() if isinstance(what, Column)}
        for column in known.values():
            if column.unique or column.primary:
                yield frozenset((column.name,))
        for names in _together(model):
            if all(name in known for name in names):
                yield frozenset(known[name].name for name in names)


def _together(model: Model) -> Iterator[Sequence[str]]:
    yield from groups(model.options.get("unique_together")) or ()
    for part in model.constraints.values():
        value = part.value
        if not isinstance(value, Call) or not value.function.endswith(".UniqueConstraint"):
            continue
        fields = value.get("fields")
        plain = value.get("condition") is None and all(a.name for a in value.arguments)
        if plain and isinstance(fields, Items):
            yield [text(item) or "?" for item in fields.items]
