"""DM020: tables that the configuration calls hot are not locked, if only for a moment."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.rows import with_a_bound
from iact_guard.analyze.migration.effect import Effect, Outcome
from iact_guard.analyze.migration.replay import effects
from iact_guard.analyze.migration.steps import SetTimeout, Unclear
from iact_guard.model.migration import Migration, Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown

PATIENCE = 10_000
"""Milliseconds that everybody may have to queue behind a lock that is waited for."""
_BLOCKING = {
    "AccessExclusiveLock": "everybody who reads or writes it",
    "ShareRowExclusiveLock": "everybody who writes it",
    "ShareLock": "everybody who writes it",
}
_LONG = {
    "full_block_scan": "while all rows are read",
    "full_block_rewrite": "while all rows are written again",
    "write_block_scan": "while all rows are read",
}


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """A lock on a hot table that others wait behind."""
    hot = frozenset(ctx.project.config.database.hot_tables)
    if not hot:
        yield NotApplicable("the configuration names no `database.hot_tables`")
        return
    found = effects(ctx, migration)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    bound: int | None = None
    for operation, what in found.known:
        for outcome in what.own:
            step = outcome.step
            if isinstance(step, SetTimeout) and step.name == "lock_timeout":
                bound = step.milliseconds
            elif (answer := _judge(operation, outcome, hot, bound)) is not None:
                yield answer
                break
        if (doubt := _doubt(operation, what)) is not None:
            yield doubt


def _judge(
    operation: Operation, outcome: Outcome, hot: frozenset[str], bound: int | None
) -> Answer | None:
    cost, table = outcome.cost, getattr(outcome.step, "table", "")
    if outcome.new_table and not any(name in hot for name, _ in cost.locks):
        return None
    if table in hot and cost.impact == "row_locks":
        what = "its rows are locked until all of them are written"
        return _fail(operation, outcome, table, what)
    for name, lock in cost.locks:
        if name not in hot or lock not in _BLOCKING:
            continue
        long = _LONG.get(cost.impact) if name == table else None
        if long is None and bound is not None and 0 < bound <= PATIENCE:
            continue
        how = long or "behind the lock, as long as the slowest query on it takes"
        return _fail(operation, outcome, name, f"{_BLOCKING[lock]} waits {how}")
    return None


def _fail(operation: Operation, outcome: Outcome, table: str, what: str) -> Fail:
    return Fail(
        f"{table} is a hot table, and {what}",
        operation.location,
        outcome.evidence,
        remedy=with_a_bound(outcome.cost.impact),
        anchor=operation.id,
    )


def _doubt(operation: Operation, what: Effect) -> Unknown | None:
    for outcome in what.own:
        step = outcome.step
        if isinstance(step, Unclear) and step.schema and not step.table:
            message = f"whether a hot table is locked: {step.reason}"
            return Unknown(message, operation.location, outcome.evidence, anchor=operation.id)
    return None
