"""DM019: a table with rows whose foreign keys are still to be checked cannot be altered."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.rows import check_first
from iact_guard.analyze.migration.effect import Waiting
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A change of a table after rows were written to it, in one transaction."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        waiting = outcome.waiting
        if waiting is None:
            continue
        evidence = (Evidence(waiting.place, f"writes rows of {waiting.table}"), *outcome.evidence)
        if not waiting.certain:
            message = f"whether {waiting.table} can be altered here: {_reason(waiting)}"
            yield Unknown(message, operation.location, evidence)
            return
        yield Fail(
            f'PostgreSQL refuses it, "{waiting.table} has pending trigger events":'
            f" {_reason(waiting)}",
            operation.location,
            evidence,
            remedy=check_first(waiting, operation),
        )
        return


def _reason(waiting: Waiting) -> str:
    key = f"the foreign key {waiting.child}.{waiting.column}"
    if waiting.column.startswith("?"):
        key = f"the foreign key of {waiting.child} to {waiting.target}"
    how = "were written before" if waiting.certain else "may have been written before"
    return f"rows of it {how} in the same transaction, and {key} is checked at its end only"
