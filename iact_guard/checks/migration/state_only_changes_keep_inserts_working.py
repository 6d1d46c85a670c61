"""DM006: what only the models forget is still asked for by the table."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.columns import keep_a_default
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import ForgetColumn
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A column that leaves the models, and stays NOT NULL without a default in the table."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        step = outcome.step
        if isinstance(step, ForgetColumn):
            yield Fail(
                f"{step.table}.{step.column} leaves the models and stays NOT NULL, without a"
                " default in the database: INSERTs of the new code, which leaves it out, fail",
                operation.location,
                outcome.evidence,
                remedy=keep_a_default(operation).text,
            )
