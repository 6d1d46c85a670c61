"""DM004: a column that has another name is a column that is gone."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.columns import keep_the_column
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import RenameColumn, Unclear
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A renamed column that the code before this release uses by its old name."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        step = outcome.step
        if isinstance(step, RenameColumn) and outcome.cost.old_code.select == "breaks":
            yield Fail(
                f"{step.table}.{step.column} becomes {step.to} while the code that still runs"
                f" asks for {step.column}",
                operation.location,
                outcome.evidence,
                remedy=keep_the_column(operation, step).text,
            )
        elif isinstance(step, Unclear) and "rename" in step.may:
            message = f"whether a column is renamed: {step.reason}"
            yield Unknown(message, operation.location, outcome.evidence)
