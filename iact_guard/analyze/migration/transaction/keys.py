"""Foreign keys with a constraint, as the steps so far have left them."""

from collections.abc import Iterator
from dataclasses import field, replace

from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropTable,
    RenameColumn,
    RenameTable,
    Step,
)
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key: its table and column, and the table that it leads to."""

    table: str
    column: str
    target: str
    by: Operation = field(compare=False)  # there is one key a column; an operation hashes slowly


class ForeignKeys:
    """All of them."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], ForeignKey] = {}

    def around(self, table: str) -> Iterator[ForeignKey]:
        """The foreign keys of a table, and those that lead to it."""
        for key in self._keys.values():
            if table in (key.table, key.target):
                yield key

    def apply(self, step: Step, operation: Operation) -> None:
        """Take a step."""
        match step:
            case CreateTable(table=table, columns=columns, references=references):
                named = [(column.name, column.references) for column in columns]
                apart = [("", target) for target in references if not columns]
                for number, (column, target) in enumerate(named + apart):
                    self._add(table, column or f"?{number}", target, operation)
            case AddColumn(table=table, column=column):
                self._add(table, column.name, column.references, operation)
            case AddConstraint(table=table, kind="foreign key", columns=columns):
                self._add(table, ", ".join(columns) or step.name, step.references, operation)
            case DropColumn(table=table, column=name):
                self._keys.pop((table, name), None)
            case DropConstraint(table=table, references=target) if target:
                for at, key in list(self._keys.items()):
                    if key.table == table and key.target == target and key.column in step.name:
                        del self._keys[at]
            case DropTable(table=table):
                self._keys = {at: k for at, k in self._keys.items() if k.table != table}
            case RenameColumn(table=table, column=name, to=to) if (table, name) in self._keys:
                self._keys[(table, to)] = replace(self._keys.pop((table, name)), column=to)
            case RenameTable(table=table, to=to):
                self._rename(table, to)

    def _add(self, table: str, column: str, target: str, operation: Operation) -> None:
        if target:
            self._keys[(table, column)] = ForeignKey(table, column, target, operation)

    def _rename(self, table: str, to: str) -> None:
        for at, key in list(self._keys.items()):
            if table in (key.table, key.target):
                del self._keys[at]
                owner = to if key.table == table else key.table
                target = to if key.target == table else key.target
                self._keys[(owner, key.column)] = replace(key, table=owner, target=target)
