"""Rows and tables in one transaction: which locks are kept while rows are written."""

from collections.abc import Iterable, Iterator

from iact_guard.analyze.migration.effect import Effect, Lock, Outcome
from iact_guard.analyze.migration.steps import CreateTable, WriteRows
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass

_BLOCKING: tuple[Lock, ...] = ("ShareLock", "ShareRowExclusiveLock", "AccessExclusiveLock")


@dataclass(frozen=True, slots=True)
class Change:
    """An operation that locks a table in use."""

    operation: Operation
    table: str
    everybody: bool
    """Also those who only read."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """Rows that are written, and the changes of tables before and after them."""

    operation: Operation
    outcome: Outcome
    before: tuple[Change, ...]
    after: tuple[Change, ...]


def mixed(effects: Iterable[tuple[Operation, Effect]]) -> Iterator[Mixed]:
    """The writes of a transaction that holds locks as well."""
    found = [(operation, outcome) for operation, what in effects for outcome in what.own]
    changes = [
        (number, change)
        for number, (operation, outcome) in enumerate(found)
        for change in _changes(operation, outcome)
    ]
    for number, (operation, outcome) in enumerate(found):
        if isinstance(outcome.step, WriteRows):
            others = [(n, c) for n, c in changes if c.operation is not operation]
            before = tuple(change for n, change in others if n < number)
            after = tuple(change for n, change in others if n > number)
            yield Mixed(operation, outcome, before, after)


def _changes(operation: Operation, outcome: Outcome) -> Iterator[Change]:
    """The locks of a step. The foreign keys of a new table come when the migration ends."""
    if isinstance(outcome.step, CreateTable) or outcome.small:
        return
    strongest: dict[str, bool] = {}
    for table, lock in outcome.cost.locks:
        if lock in _BLOCKING:
            strongest[table] = strongest.get(table, False) or lock == "AccessExclusiveLock"
    for table, everybody in strongest.items():
        yield Change(operation, table, everybody)
