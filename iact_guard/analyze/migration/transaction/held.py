"""The locks that a transaction has taken and keeps until it ends."""

from collections.abc import Iterable

from iact_guard.analyze.migration.effect import LOCKS, Lock
from iact_guard.analyze.migration.steps import Step, ValidateConstraint, WriteRows
from iact_guard.model.migration import Operation


class Held:
    """For each table in use its strongest lock, and the operation that took it."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[Lock, Operation]] = {}

    def clear(self) -> None:
        """The transaction has ended."""
        self._locks.clear()

    def take(self, locks: Iterable[tuple[str, Lock]], by: Operation) -> None:
        """Locks on tables in use; the weakest of all keeps nobody waiting."""
        for table, lock in locks:
            weaker = LOCKS.index(self._locks[table][0]) if table in self._locks else 0
            if LOCKS.index(lock) > weaker:
                self._locks[table] = (lock, by)

    def rename(self, table: str, to: str) -> None:
        """A table gets another name; who waits for it goes on waiting."""
        if table in self._locks:
            self._locks[to] = self._locks.pop(table)

    def behind(self, step: Step) -> list[tuple[str, Lock, Operation]]:
        """The locks behind which others wait while a step reads many rows.

        What blocks by itself is made worse on its own table; a validation or a write of many rows,
        which would keep nobody from reading, on any.
        """
        if isinstance(step, ValidateConstraint | WriteRows):
            return [(table, *held) for table, held in self._locks.items()]
        table = getattr(step, "table", "")
        held = self._locks.get(table)
        return [(table, *held)] if held and held[0] == "AccessExclusiveLock" else []
