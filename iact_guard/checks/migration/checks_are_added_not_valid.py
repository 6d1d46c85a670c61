"""DM011: a check that rows have to meet is proved under a lock, unless it is added NOT VALID."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.constraints import check_later, column_then_check
from iact_guard.analyze.migration.effect import BLOCKING_SCANS
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import AddColumn, AddConstraint, Step
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A check constraint on a table in use that is valid at once."""
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
                f"{what} is held against every row while everybody waits",
                operation.location,
                outcome.evidence,
                remedy=_remedy(operation, outcome.step),
            )


def _what(step: Step) -> str:
    match step:
        case AddColumn(table=table, column=column) if column.check:
            return f"the check that the new column {table}.{column.name} brings (no negative value)"
        case AddConstraint(table=table, kind="check", name=name, columns=columns):
            return f"the check of {table} ({', '.join(columns) or name})"
    return ""


def _remedy(operation: Operation, step: Step) -> str:
    match step:
        case AddColumn():
            return column_then_check(operation, step).text
        case AddConstraint():
            return check_later(operation, step).text
    return ""
