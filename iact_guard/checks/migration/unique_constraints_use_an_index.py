"""DM010: a unique rule builds an index, which can be built beforehand without a lock."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.indexes import (
    column_then_unique,
    exclusion,
    unique_by_index,
)
from iact_guard.analyze.migration.effect import BLOCKING_SCANS, Outcome
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import AddColumn, AddConstraint, Step
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A unique or exclusion constraint whose index is built under a lock."""
    if ctx.project.config.database.engine != "postgresql":
        yield NotApplicable("only PostgreSQL makes a constraint of an index that is there")
        return
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        if outcome.noticed and outcome.cost.impact in BLOCKING_SCANS and (what := _what(outcome)):
            yield Fail(
                f"{what} is built while {outcome.waiters} waits for the table",
                operation.location,
                outcome.evidence,
                remedy=_remedy(operation, outcome.step),
            )


def _what(outcome: Outcome) -> str:
    match outcome.step:
        case AddColumn(table=table, column=column) if column.unique or column.primary:
            return f"the unique index of the new column {table}.{column.name}"
        case AddConstraint(table=table, kind="unique", name=name, columns=columns):
            return f"the index of the unique constraint on {table} ({', '.join(columns) or name})"
        case AddConstraint(table=table, kind="exclude", name=name):
            return f"the index of the exclusion constraint {name} on {table}"
    return ""


def _remedy(operation: Operation, step: Step) -> str:
    match step:
        case AddColumn():
            return column_then_unique(operation, step).text
        case AddConstraint(kind="exclude"):
            return exclusion(step).text
        case AddConstraint():
            return unique_by_index(operation, step).text
    return ""
