"""The tables as the steps so far have left them, and since when each column is there."""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Literal

from iact_guard.analyze.migration.state.columns import Column
from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    BuildIndex,
    ChangeDefault,
    ChangeType,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropTable,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetNotNull,
    Step,
    Truncate,
    Unclear,
    ValidateConstraint,
    WriteRows,
)
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass

Holds = Literal["", "null", "same"]
"""Not known; NULL; one value that is the same in all rows."""


@dataclass(frozen=True, slots=True)
class Known:
    """A column: who added it, and what it asks of an INSERT."""

    by: Operation
    added_as: str
    not_null: bool
    filled: bool
    """The database has a default for it."""
    type: str = ""
    """As PostgreSQL calls it; empty where that is not known."""
    since: int = 0
    """How many steps had written rows when it came."""
    holds: Holds = ""
    """What every row held in it then."""

    @property
    def required(self) -> bool:
        """Whether an INSERT must name it."""
        return self.not_null and not self.filled

    @property
    def origin(self) -> tuple[str, str]:
        """What stays the same when it or its table is renamed."""
        return self.by.id, self.added_as


@dataclass(frozen=True, slots=True)
class Write:
    """Rows were written: by whom, as the how manieth write."""

    number: int
    by: Operation


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint: the columns that are not NULL in rows that satisfy it; whether all do."""

    proves: frozenset[str]
    valid: bool


@dataclass(slots=True)
class Table:
    """A table: who created it (None: it was found in use), and its columns by name."""

    by: Operation | None
    columns: dict[str, Known] = field(default_factory=dict)
    written: dict[str, Write] = field(default_factory=dict)
    """The last write of each column; under `*` one that may have been of any."""
    rules: dict[str, Rule] = field(default_factory=dict)


class Tables:
    """Every table that a step has touched."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.anywhere: Write | None = None
        """The last write of which nobody knows where it went."""
        self.copied: Operation | None = None
        """The last that added rows."""
        self._writes = 0
        self.indexes: dict[str, str] = {}
        """The table of each index that a step has built under a name of its own."""

    def get(self, name: str) -> Table | None:
        """A table by its present name."""
        return self.tables.get(name)

    def exists(self, table: str) -> bool:
        """Whether a step has created or changed a table that is still there."""
        return table in self.tables

    def column(self, table: str, name: str) -> Known | None:
        """A column by its present name."""
        found = self.tables.get(table)
        return found.columns.get(name) if found else None

    def proves(self, table: str, column: str) -> bool:
        """Whether a constraint that every row satisfies keeps NULL out of a column."""
        found = self.tables.get(table)
        rules = found.rules.values() if found else ()
        return any(rule.valid and column in rule.proves for rule in rules)

    def holder(self, index: str) -> str:
        """The table of an index by its name; empty where no step has built it."""
        return self.indexes.get(index, "")

    def origins(self) -> dict[tuple[str, str], Known]:
        """Every column by its origin, whatever it and its table are called by now."""
        return {
            known.origin: known
            for table in self.tables.values()
            for known in table.columns.values()
        }

    def places(self) -> dict[tuple[str, str], tuple[str, str]]:
        """The present table and name of every column by its origin."""
        return {
            known.origin: (table, name)
            for table, found in self.tables.items()
            for name, known in found.columns.items()
        }

    def names(self) -> dict[tuple[str, str], str]:
        """The present name of every column by its origin."""
        return {
            known.origin: name
            for table in self.tables.values()
            for name, known in table.columns.items()
        }

    def written(self, table: str, columns: Sequence[str]) -> Operation | None:
        """Who may have filled or mended columns since they are there; without names any write."""
        found = self.tables.get(table)
        known = found.columns if found else {}
        since = max((known[name].since for name in columns if name in known), default=0)
        writes = [self.anywhere]
        if found is not None:
            names = ("*", *columns) if columns else tuple(found.written)
            writes += [found.written.get(name) for name in names]
        last = max((w for w in writes if w), key=lambda w: w.number, default=None)
        return last.by if last and last.number > since else None

    def _write(self, step: WriteRows | Truncate | Unclear, operation: Operation) -> None:
        self._writes += 1
        write = Write(self._writes, operation)
        if step.table in ("", "?"):
            self.anywhere = write
            return
        written = self.tables.setdefault(step.table, Table(None)).written
        update = isinstance(step, WriteRows) and step.verb == "update"
        columns = step.columns if isinstance(step, WriteRows) and update else None
        for name in ("*",) if columns is None else columns:
            written[name] = write

    def apply(self, step: Step, operation: Operation) -> None:
        """Take a step."""
        match step:
            case WriteRows(verb="insert"):
                self.copied = operation  # mends nothing that is there
            case WriteRows() | Truncate():
                self._write(step, operation)
            case Unclear(table=name, schema=schema) if not (schema and name):
                self._write(step, operation)
            case CreateTable(table=name, columns=columns, maybe=maybe):
                if not ((operation.conditional or maybe) and name in self.tables):
                    known = {c.name: self._known(c, operation) for c in columns}
                    self.tables[name] = Table(operation, known)
            case DropTable(table=name):
                self.tables.pop(name, None)
            case RenameTable(table=name, to=to):
                if name in self.tables:
                    self.tables[to] = self.tables.pop(name)
            case AddColumn(table=name, column=column):
                known_column = self._known(column, operation)
                self._columns(name)[column.name] = replace(known_column, holds=_held(column))
            case DropColumn(table=name, column=column_name):
                self._columns(name).pop(column_name, None)
                rules = self.tables[name].rules
                for named in [n for n, rule in rules.items() if column_name in rule.proves]:
                    del rules[named]
            case RenameColumn(table=name, column=column_name, to=to):
                columns_of = self._columns(name)
                if column_name in columns_of:
                    columns_of[to] = columns_of.pop(column_name)
                for named, rule in self.tables[name].rules.items():
                    if column_name in rule.proves:
                        proves = rule.proves - {column_name} | {to}
                        self.tables[name].rules[named] = replace(rule, proves=proves)
            case AddConstraint(table=name, name=named, proves=proves, valid=valid):
                if proves:
                    self._columns(name)
                    self.tables[name].rules[named] = Rule(frozenset(proves), valid)
            case ValidateConstraint(table=name, name=named) if name in self.tables:
                if (rule_of := self.tables[name].rules.get(named)) is not None:
                    self.tables[name].rules[named] = replace(rule_of, valid=True)
            case DropConstraint(table=name, name=named) if name in self.tables:
                self.tables[name].rules.pop(named, None)
            case BuildIndex(table=name, name=named):
                self.indexes[named] = name
            case RenameIndex(name=named, to=to) if named in self.indexes:
                self.indexes[to] = self.indexes.pop(named)
            case SetNotNull(table=name, column=column):
                self._change(name, column.name, not_null=True)
            case DropNotNull(table=name, column=column_name):
                self._change(name, column_name, not_null=False)
            case ChangeType(table=name, new=column):
                columns_of = self._columns(name)
                if column.name in columns_of:
                    columns_of[column.name] = replace(columns_of[column.name], type=column.type)
            case ChangeDefault(table=name, column=column_name, dropped=dropped):
                self._change(name, column_name, filled=not dropped)

    def _columns(self, table: str) -> dict[str, Known]:
        return self.tables.setdefault(table, Table(None)).columns

    def _known(self, column: Column, operation: Operation) -> Known:
        filled = column.default not in ("none", "python")
        not_null = bool(column.not_null)
        return Known(operation, column.name, not_null, filled, column.type, self._writes)

    def _change(
        self, table: str, column: str, *, not_null: bool | None = None, filled: bool | None = None
    ) -> None:
        columns = self._columns(table)
        if column in columns:
            known = columns[column]
            columns[column] = replace(
                known,
                not_null=known.not_null if not_null is None else not_null,
                filled=known.filled if filled is None else filled,
            )


def _held(column: Column) -> Holds:
    """What rows hold in a column that was just added to them."""
    if column.custom is not None:
        return ""
    match column.default:
        case "python" | "database":
            return "same"
        case "none":
            return "null"
    return ""
