"""Checks of foreign keys that were put off: PostgreSQL refuses to alter a table that has some.

Django's foreign keys are checked when the transaction ends. A row that is added, or gets another
key, waits for that as an event on its table; a row that is deleted, or loses a key that others
refer to, as one on its own. Until then ALTER TABLE, CREATE INDEX, DROP TABLE and TRUNCATE of that
table fail ("it has pending trigger events"); renames and comments work. All measured.
"""

from collections.abc import Iterator

from iact_guard.analyze.migration.effect import Waiting
from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    BuildIndex,
    ChangeDefault,
    ChangeType,
    CheckDeferred,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropTable,
    RenameTable,
    SetNotNull,
    Step,
    Truncate,
    ValidateConstraint,
    WriteRows,
)
from iact_guard.analyze.migration.transaction.keys import ForeignKey, ForeignKeys
from iact_guard.model.migration import Operation

_REFUSED = (
    AddColumn,
    AddConstraint,
    BuildIndex,
    ChangeDefault,
    ChangeType,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropTable,
    SetNotNull,
    Truncate,
    ValidateConstraint,
)


class Pending:
    """What one transaction has put off so far."""

    def __init__(self, keys: ForeignKeys, migration: str) -> None:
        self._keys = keys
        self._migration = migration
        self._waiting: dict[tuple[str, ForeignKey], Waiting] = {}
        self._at_once = False

    def apply(self, step: Step, operation: Operation, *, new_table: bool) -> None:
        """Take a step. A table that is new has no rows yet, unless some are added."""
        match step:
            case CheckDeferred(now=now):
                self._at_once = now
                if now:
                    self._waiting.clear()
            case WriteRows() if not self._at_once:
                place = step.place or operation.location
                for key, certain in self._checked(step):
                    before = self._waiting.get((step.table, key))
                    if before is None or not before.certain:
                        sure = certain and (step.verb == "insert" or not new_table)
                        self._waiting[(step.table, key)] = Waiting(
                            step.table, key.table, key.column, key.target, place, sure
                        )
            case DropConstraint(references=target) if target:
                # Django has the key checked at once before it drops it.
                self._waiting = {
                    at: waiting for at, waiting in self._waiting.items() if not _of(step, waiting)
                }
            case RenameTable(table=table, to=to):
                moved = {pair: w for pair, w in self._waiting.items() if pair[0] == table}
                for (_, key), waiting in moved.items():
                    del self._waiting[(table, key)]
                    self._waiting[(to, key)] = waiting

    def refuses(self, step: Step) -> Waiting | None:
        """The rows that are in the way of a step; those that certainly are come first."""
        table = getattr(step, "table", "")
        if not self._waiting or not isinstance(step, _REFUSED):
            return None
        if isinstance(step, SetNotNull) and step.filled:
            return None  # Django may have everything checked first
        touched = {table}
        if isinstance(step, DropConstraint | DropColumn):
            touched.add(step.references)  # its triggers go with the key
        found = [
            waiting
            for waiting in self._waiting.values()
            if waiting.table in touched and not _of(step, waiting)
        ]
        return max(found, key=lambda waiting: waiting.certain, default=None)

    def _checked(self, step: WriteRows) -> Iterator[tuple[ForeignKey, bool]]:
        """The keys whose check the rows of a write wait for."""
        for key in self._keys.around(step.table):
            if key.by.migration == self._migration:
                continue  # Django adds it when the migration ends, or has it checked at once
            if key.table == step.table and step.verb in ("insert", "any"):
                yield key, step.verb == "insert" and not step.unless_exists
            elif key.table == step.table and step.verb == "update":
                if step.columns is None or key.column in step.columns:
                    yield key, step.columns is not None
            elif key.target == step.table and step.verb in ("delete", "any"):
                yield key, step.verb == "delete"


def _of(step: Step, waiting: Waiting) -> bool:
    """Whether rows wait for the key that a step drops: Django has it checked before that."""
    match step:
        case DropConstraint(table=table, name=name, references=target) if target:
            named = waiting.column in name
        case DropColumn(table=table, column=column, references=target) if target:
            named = waiting.column == column
        case _:
            return False
    return named and (waiting.child, waiting.target) == (table, target)
