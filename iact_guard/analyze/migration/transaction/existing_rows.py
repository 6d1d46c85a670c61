"""Whether the rows that are there are in a step's way, by what was done to them before."""

from collections.abc import Callable
from dataclasses import replace

from iact_guard.analyze.migration.effect import Cost
from iact_guard.analyze.migration.state.models import State
from iact_guard.analyze.migration.state.unique import unique_columns
from iact_guard.analyze.migration.steps import (
    AddConstraint,
    ChangeType,
    DropColumn,
    DropTable,
    SetNotNull,
    Step,
)
from iact_guard.analyze.migration.transaction.tables import Tables
from iact_guard.model.migration import Operation


def meet_rows(
    step: Step,
    cost: Cost,
    tables: Tables,
    is_recent: Callable[[Operation], bool],
    before: State,
) -> tuple[Cost, Operation | None]:
    """The cost with what is known of the rows, and who may have mended them.

    `before` are the models at the start of the migration: what was unique then needs no look. A
    write after the column came is taken for what fills or cleans it. Without any, a column that
    the running code does not know still holds what it held when it came. Values may have been moved
    by what wrote rows in the same release before their column or table is dropped.
    """
    if cost.loses and isinstance(step, DropColumn | DropTable):
        mover = tables.written(step.table, ()) or tables.copied
        moved = mover is not None and is_recent(mover)
        return (replace(cost, loses=""), None) if moved else (cost, None)
    if not cost.may_fail:
        return cost, None
    table, columns = getattr(step, "table", ""), _columns(step)
    writer = tables.written(table, columns)
    if writer is not None:
        return replace(cost, may_fail=""), writer
    unique = isinstance(step, AddConstraint) and step.kind == "unique" and bool(columns)
    if unique and any(found <= set(columns) for found in unique_columns(before, table)):
        return replace(cost, may_fail=""), None
    column = tables.column(table, columns[0]) if len(columns) == 1 else None
    if column is None or not is_recent(column.by) or column.holds != _refused(step):
        return cost, None
    held = {"null": "hold NULL in", "same": "share one value of"}[column.holds]
    reason = f"all of them {held} {columns[0]}, which is new and was not filled"
    return replace(cost, impact="fails", may_fail="", reason=reason), None


def _columns(step: Step) -> tuple[str, ...]:
    match step:
        case SetNotNull(column=column) | ChangeType(new=column):
            return (column.name,)
        case AddConstraint(columns=columns):
            return columns
    return ()


def _refused(step: Step) -> str | None:
    """What no row, or no two rows, may hold in a column."""
    match step:
        case SetNotNull():
            return "null"
        case AddConstraint(kind="unique", by_index=False):
            return "same"
    return None
