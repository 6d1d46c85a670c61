"""DM008: SET NOT NULL reads the whole table under a lock, unless a check has proved it before."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.columns import not_null
from iact_guard.analyze.migration.advice.version import check_argument
from iact_guard.analyze.migration.effect import BLOCKING_SCANS
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import SetNotNull
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A column of a table in use that becomes NOT NULL with a scan."""
    if ctx.project.config.database.engine != "postgresql":
        yield NotApplicable("only PostgreSQL takes a validated check for the proof")
        return
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        step = outcome.step
        if not (isinstance(step, SetNotNull) and outcome.noticed):
            continue
        if outcome.cost.impact in BLOCKING_SCANS:
            filled = "given the default and " if step.filled else ""
            yield Fail(
                f"{step.table}.{step.column.name} becomes NOT NULL: every row is {filled}looked"
                " through while everybody waits",
                operation.location,
                outcome.evidence,
                remedy=not_null(operation, step, check_argument(ctx, operation)).text,
            )
