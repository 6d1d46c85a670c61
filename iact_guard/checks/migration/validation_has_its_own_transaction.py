"""DM013: what is validated beside the work only blocks nobody if no lock is left from before."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.constraints import validate_alone
from iact_guard.analyze.migration.effect import BLOCKING_SCANS
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import ValidateConstraint
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A validation while its transaction keeps a table in use locked."""
    if ctx.project.config.database.engine != "postgresql":
        yield NotApplicable("only PostgreSQL validates a constraint later")
        return
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        step = outcome.step
        if not (isinstance(step, ValidateConstraint) and outcome.noticed):
            continue
        if outcome.cost.impact in BLOCKING_SCANS:
            yield Fail(
                f"{step.name} of {step.table} is validated in a transaction that keeps a lock from"
                f" before: {outcome.waiters} waits until every row has been read",
                operation.location,
                outcome.evidence,
                remedy=validate_alone(operation, step).text,
            )
