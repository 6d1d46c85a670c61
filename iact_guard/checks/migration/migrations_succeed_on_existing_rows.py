"""DM002: what works on the empty database of the tests may fail where there are rows."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.columns import nullable_first
from iact_guard.analyze.migration.advice.indexes import column_then_unique
from iact_guard.analyze.migration.advice.version import check_argument
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import AddColumn, ChangeType, Refused, Step, alone
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A step that the rows of a table in use are in the way of."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        table = getattr(outcome.step, "table", "")
        if alone(outcome.step) or outcome.waiting:
            continue  # what a transaction does not allow is another matter
        if outcome.cost.impact == "fails":
            when = (
                ""
                if isinstance(outcome.step, ChangeType | Refused)
                else f" as soon as {table} has rows"
            )
            yield Fail(
                f"it fails{when}: {outcome.cost.reason}",
                operation.location,
                outcome.evidence,
                remedy=_remedy(ctx, operation, outcome.step),
            )
        elif outcome.cost.may_fail:
            yield Unknown(
                f"it fails if {table} has {outcome.cost.may_fail}: nothing before it in the history"
                " changes such rows, and the files do not tell whether there are any",
                operation.location,
                outcome.evidence,
            )


def _remedy(ctx: Context, operation: Operation, step: Step) -> str:
    match step:
        case AddColumn(column=column) if column.unique:
            return column_then_unique(operation, step).text
        case AddColumn():
            return nullable_first(operation, step, check_argument(ctx, operation)).text
    return ""
