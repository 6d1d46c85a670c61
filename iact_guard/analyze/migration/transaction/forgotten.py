"""Columns that only the models forget, while the table still asks for a value."""

from collections.abc import Iterable, Iterator

from iact_guard.analyze.migration.effect import Cost, Outcome
from iact_guard.analyze.migration.state.columns import Column, shape
from iact_guard.analyze.migration.state.models import State
from iact_guard.analyze.migration.steps import ForgetColumn
from iact_guard.analyze.migration.transaction.tables import Known, Tables
from iact_guard.model.literal import text
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A column that an operation took out of the models, and since when it was there."""

    by: Operation
    column: Known


def forgets(operation: Operation, label: str, state: State, tables: Tables) -> Forgotten | None:
    """The column that an operation on the state only takes out of the models."""
    if (operation.base or operation.kind) != "RemoveField":
        return None
    model = state.get(label, text(operation.argument("model_name")))
    found = model.find(text(operation.argument("name"))) if model and model.has_table else None
    what = shape(found, model, state) if model and found else None
    column = (
        tables.column(model.table or "", what.name) if isinstance(what, Column) and model else None
    )
    return Forgotten(operation, column) if column else None


def still_required(
    forgotten: Iterable[Forgotten], tables: Tables
) -> Iterator[tuple[Operation, Outcome]]:
    """Those that an INSERT must name all the same, once the migration or the release is over."""
    items = list(forgotten)
    places = tables.places() if items else {}
    for item in items:
        table, name = places.get(item.column.origin, ("", ""))
        known = tables.column(table, name)
        if known is None or not known.required:
            continue
        evidence = (
            Evidence(item.by.location, f"takes {name} out of the models only"),
            Evidence(known.by.location, f"adds the column {known.added_as}"),
        )
        yield (
            item.by,
            Outcome(ForgetColumn(table, name), Cost(), new_table=False, evidence=evidence),
        )
