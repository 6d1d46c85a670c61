"""Where a migration waits for a lock that somebody may hold, and with which bound."""

from collections.abc import Iterator, Mapping

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.migration.replay import effect
from iact_guard.analyze.migration.steps import SetTimeout
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.migration import Migration, Operation
from iact_guard.model.records import dataclass

_FREE = ("ShareUpdateExclusiveLock",)
"""Nobody who reads or writes waits behind one that waits for it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """An operation that waits for locks on tables in use, and the bounds that hold by then."""

    operation: Operation
    table: str
    bounds: Mapping[str, int | None]
    """By name in milliseconds, as far as the migration sets them; None where that is computed."""


@fact("migration.waits")
def waits(ctx: Context, migration: Migration) -> Fact[tuple[Wait, ...]]:
    """Each operation of a migration that is new and waits."""
    bounds: dict[str, int | None] = {}
    found: list[Wait] = []
    for operation in migration.operations:
        what = effect(ctx, operation).known
        if what.skipped:
            return not_applicable(what.skipped)
        for outcome in what.outcomes:
            step = outcome.step
            if isinstance(step, SetTimeout):
                bounds[step.name] = step.milliseconds
            elif outcome.noticed and not what.released:
                tables = _waited_for(outcome.cost.locks)
                found += [Wait(operation, table, dict(bounds)) for table in tables]
    return known(tuple(found))


def _waited_for(locks: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield from dict.fromkeys(table for table, lock in locks if lock not in _FREE)
