"""DM003: a column must be forgotten by the code one release before it goes."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.columns import forget_first
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import DropColumn, Unclear
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A dropped column that the code before this release uses."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        step = outcome.step
        if isinstance(step, DropColumn) and outcome.cost.old_code.select == "breaks":
            yield Fail(
                f"{step.table}.{step.column} is dropped while the code that still runs names it in"
                " every query of that model",
                operation.location,
                outcome.evidence,
                remedy=forget_first(operation, step).text,
            )
        elif isinstance(step, Unclear) and "remove" in step.may:
            message = f"whether a column is dropped that is in use: {step.reason}"
            yield Unknown(message, operation.location, outcome.evidence)
