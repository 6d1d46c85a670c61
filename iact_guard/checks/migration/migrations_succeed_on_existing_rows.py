"""DM002: what works on the empty database of the tests may fail where there are rows."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import ChangeType, Refused, alone
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
            )
        elif outcome.cost.may_fail:
            yield Unknown(
                f"it fails if {table} has {outcome.cost.may_fail}: nothing before it in the history"
                " changes such rows, and the files do not tell whether there are any",
                operation.location,
                outcome.evidence,
            )
