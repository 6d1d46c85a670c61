"""DM012: a foreign key is looked up row by row, unless it is added NOT VALID."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.constraints import column_then_reference, foreign_key_later
from iact_guard.analyze.migration.effect import BLOCKING_SCANS
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import AddColumn, AddConstraint, Step
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A foreign key of a table in use that is validated at once, for the first time or again."""
    if ctx.project.config.database.engine != "postgresql":
        yield NotApplicable("only PostgreSQL adds constraints that are NOT VALID yet")
        return
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        if (
            outcome.noticed
            and outcome.cost.impact in BLOCKING_SCANS
            and (what := _what(outcome.step))
        ):
            yield Fail(
                f"{what} is looked up for every row while {outcome.waiters} waits",
                operation.location,
                outcome.evidence,
                remedy=_remedy(operation, outcome.step),
            )


def _what(step: Step) -> str:
    match step:
        case AddColumn(table=table, column=column) if column.references and column.not_null:
            return f"the reference of the new column {table}.{column.name}"
        case AddConstraint(table=table, kind="foreign key", again=True, columns=columns):
            return f"the foreign key of {table} ({', '.join(columns)}), dropped and added again,"
        case AddConstraint(table=table, kind="foreign key", columns=columns, name=name):
            return f"the foreign key of {table} ({', '.join(columns) or name})"
    return ""


def _remedy(operation: Operation, step: Step) -> str:
    match step:
        case AddColumn():
            return column_then_reference(operation, step).text
        case AddConstraint():
            return foreign_key_later(operation, step).text
    return ""
