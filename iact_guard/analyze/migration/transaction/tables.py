"""The tables as the steps so far have left them, and since when each column is there."""

from dataclasses import field, replace

from iact_guard.analyze.migration.databases.postgresql import requires_value
from iact_guard.analyze.migration.steps import (
    AddColumn,
    ChangeDefault,
    CreateTable,
    DropColumn,
    DropNotNull,
    DropTable,
    RenameColumn,
    RenameTable,
    SetNotNull,
    Step,
)
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A column: who added it, and whether an INSERT must name it."""

    by: Operation
    added_as: str
    required: bool

    @property
    def origin(self) -> tuple[str, str]:
        """What stays the same when it or its table is renamed."""
        return self.by.id, self.added_as


@dataclass(slots=True)
class Table:
    """A table: who created it (None: it was found in use), and its columns by name."""

    by: Operation | None
    columns: dict[str, Known] = field(default_factory=dict)


class Tables:
    """Every table that a step has touched."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}

    def get(self, name: str) -> Table | None:
        """A table by its present name."""
        return self.tables.get(name)

    def column(self, table: str, name: str) -> Known | None:
        """A column by its present name."""
        found = self.tables.get(table)
        return found.columns.get(name) if found else None

    def origins(self) -> dict[tuple[str, str], Known]:
        """Every column by its origin, whatever it and its table are called by now."""
        return {
            known.origin: known
            for table in self.tables.values()
            for known in table.columns.values()
        }

    def names(self) -> dict[tuple[str, str], str]:
        """The present name of every column by its origin."""
        return {
            known.origin: name
            for table in self.tables.values()
            for name, known in table.columns.items()
        }

    def apply(self, step: Step, operation: Operation) -> None:
        """Take a step."""
        match step:
            case CreateTable(table=name, columns=columns):
                if not (operation.conditional and name in self.tables):
                    known = {c.name: Known(operation, c.name, requires_value(c)) for c in columns}
                    self.tables[name] = Table(operation, known)
            case DropTable(table=name):
                self.tables.pop(name, None)
            case RenameTable(table=name, to=to):
                if name in self.tables:
                    self.tables[to] = self.tables.pop(name)
            case AddColumn(table=name, column=column):
                known_column = Known(operation, column.name, requires_value(column))
                self._columns(name)[column.name] = known_column
            case DropColumn(table=name, column=column_name):
                self._columns(name).pop(column_name, None)
            case RenameColumn(table=name, column=column_name, to=to):
                columns_of = self._columns(name)
                if column_name in columns_of:
                    columns_of[to] = columns_of.pop(column_name)
            case SetNotNull(table=name, column=column):
                self._require(name, column.name, requires_value(column))
            case DropNotNull(table=name, column=column_name):
                self._require(name, column_name, False)
            case ChangeDefault(table=name, column=column_name, dropped=False):
                self._require(name, column_name, False)

    def _columns(self, table: str) -> dict[str, Known]:
        return self.tables.setdefault(table, Table(None)).columns

    def _require(self, table: str, column: str, required: bool) -> None:
        columns = self._columns(table)
        if column in columns:
            columns[column] = replace(columns[column], required=required)
