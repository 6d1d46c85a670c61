"""A transaction is seen as a whole: what its end puts right never was wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from iact_guard.analyze.migration.databases.conversions import used_by_old_code
from iact_guard.analyze.migration.effect import WORKS, Cost, Waiting
from iact_guard.analyze.migration.steps import (
    AddColumn,
    DropColumn,
    DropTable,
    RenameColumn,
    RenameTable,
    SetNotNull,
    Step,
    Unclear,
)
from iact_guard.analyze.migration.transaction.tables import Known, Tables
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass


@dataclass(slots=True)
class Taken:
    """A step that was taken, until the end of its migration tells what it comes to."""

    operation: Operation
    step: Step
    cost: Cost
    new_table: bool
    evidence: tuple[Evidence, ...]
    column: Known | None = None
    """The column that it adds, drops, renames or makes NOT NULL."""
    mended: str = ""
    known_as: str = ""
    """The name that it ends up with, where the old code knows another column by that name."""
    waiting: Waiting | None = None
    """Rows for which the database refuses it."""


def mend(steps: Sequence[Taken], tables: Tables, start: Mapping[str, frozenset[str]]) -> None:
    """Forgive the steps of one transaction what the tables at its end do not show.

    `start` holds the columns of each table that it touched, as it found them.
    """
    end = _End(tables, steps)
    hidden: Taken | None = None
    passing: set[str] = set()
    for taken in steps:
        if isinstance(taken.step, RenameTable | DropTable) and taken.step.table in passing:
            _mended(taken, f"no code knows the name {taken.step.table}")
        if isinstance(taken.step, RenameTable) and tables.get(taken.step.to) is None:
            passing.add(taken.step.to)
    for taken in reversed(steps):
        if taken.cost.old_code != WORKS and not taken.new_table:
            _mend(taken, end, start, hidden)
        if isinstance(taken.step, Unclear) and taken.step.schema and not taken.step.table:
            hidden = taken


def find_successors(
    steps: Sequence[Taken], tables: Tables, start: Mapping[str, frozenset[str]], migration: str
) -> None:
    """Mark the new columns that take over a name which the old code knows."""
    gone = {
        (taken.step.table, taken.step.column): taken
        for taken in steps
        if isinstance(taken.step, DropColumn | RenameColumn)
    }
    names = tables.names() if gone else {}
    for taken in steps:
        if not isinstance(taken.step, AddColumn | SetNotNull) or taken.column is None:
            continue
        if taken.column.by.migration != migration:
            continue
        name, table = names.get(taken.column.origin, ""), taken.step.table
        before = gone.get((table, name))
        if before is not None and name in start.get(table, ()):
            taken.known_as = name
            place = before.operation.location
            taken.evidence += (Evidence(place, f"takes the old {name} away"),)


class _End:
    """The tables at the end of the transaction."""

    def __init__(self, tables: Tables, steps: Sequence[Taken]) -> None:
        self.tables = tables
        self.gone = {
            (taken.step.table, taken.step.column): taken.column
            for taken in steps
            if isinstance(taken.step, DropColumn | RenameColumn) and taken.column
        }
        """The columns that went under each name."""

    @cached_property
    def _origins(self) -> dict[tuple[str, str], Known]:
        return self.tables.origins()

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """The name of every column by its origin."""
        return self.tables.names()

    def of(self, column: Known, table: str, name: str) -> Known | None:
        """What has become of a column that once had this name."""
        found = self.tables.column(table, name)
        if found is not None and found.origin == column.origin:
            return found
        return self._origins.get(column.origin)


def _mend(
    taken: Taken, end: _End, start: Mapping[str, frozenset[str]], hidden: Taken | None
) -> None:
    match taken.step:
        case AddColumn(table=table) | SetNotNull(table=table) if taken.column:
            if taken.cost.old_code.insert != "breaks":
                return
            found = end.of(taken.column, table, taken.step.column.name)
            if found is None or not found.required:
                _mended(taken, "an INSERT does without it at the end of the migration")
            elif _is_named(taken.column, found, end, table, start):
                _mended(taken, "an INSERT of the old code names it")
            elif hidden is not None:
                _doubted(taken, hidden)
        case DropColumn(table=table, column=name) | RenameColumn(table=table, column=name):
            found = end.tables.column(table, name)
            if found and taken.column and found.origin == taken.column.origin:
                _mended(taken, f"{name} is there again at the end of the migration")
            elif name != "?" and name not in start.get(table, (name,)):
                _mended(taken, f"no code knows the name {name}")
            elif found and taken.column and _serves(taken.column, found):
                _mended(taken, f"another {name} is there at the end of the migration")
        case DropTable(table=name, kind=kind) if kind != "table":
            if end.tables.get(name) is not None:
                _mended(taken, f"{name} is there again at the end of the migration")
        case RenameTable(table=name, to=to):
            if end.tables.get(to) is None and end.tables.get(name) is not None:
                _mended(taken, f"{name} is there again at the end of the migration")


def _is_named(
    column: Known, now: Known, end: _End, table: str, start: Mapping[str, frozenset[str]]
) -> bool:
    """Whether a new column ends up with a name that the old code writes to, and takes its values.

    `now` is what has become of it.
    """
    name = end.names.get(column.origin, "")
    before = end.gone.get((table, name)) if name in start.get(table, ()) else None
    return before is not None and before.origin != column.origin and _serves(before, now)


def _serves(old: Known, new: Known) -> bool:
    """Whether queries that know one column work on the other."""
    return bool(old.type and new.type) and used_by_old_code(old.type, new.type) == WORKS


def _mended(taken: Taken, how: str) -> None:
    taken.cost = replace(taken.cost, old_code=WORKS)
    taken.mended = how


def _doubted(taken: Taken, hidden: Taken) -> None:
    """What cannot be read may give the column a default."""
    reason = "a later operation of the migration may give the column a default"
    old = replace(taken.cost.old_code, insert="unknown")
    taken.cost = replace(taken.cost, old_code=old, reason=reason)
    said = hidden.step.reason if isinstance(hidden.step, Unclear) else ""
    taken.evidence += (Evidence(hidden.operation.location, said),)
