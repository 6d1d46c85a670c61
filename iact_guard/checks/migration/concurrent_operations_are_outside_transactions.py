"""DM014: what PostgreSQL does concurrently refuses to run in a transaction."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.concurrently import outside
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import alone
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A concurrent index, VACUUM and the like in a migration, or in one query with others."""
    if ctx.project.config.database.engine != "postgresql":
        yield NotApplicable("only PostgreSQL refuses such statements in a transaction")
        return
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        if not alone(outcome.step):
            continue
        what = f"`{outcome.cost.sql[0]}`" if outcome.cost.sql else "a statement"
        if outcome.cost.impact == "fails":
            yield Fail(
                f"{what} fails: {outcome.cost.reason}",
                operation.location,
                outcome.evidence,
                remedy=outside(operation),
            )
            return  # the others of the operation never come to it
        elif outcome.cost.impact == "unknown":
            message = f"whether {what} runs in a transaction: {outcome.cost.reason}"
            yield Unknown(message, operation.location, outcome.evidence)
