"""What a step costs on MySQL and MariaDB, whose DDL commits at once and is often online.

For MariaDB measured on 10.11: the least `ALGORITHM` and `LOCK` that the server accepts for each
statement of Django, and who waits for it. For MySQL by its manual, "Online DDL Operations":
https://dev.mysql.com/doc/refman/8.0/en/innodb-online-ddl-operations.html
Locks are named by their nearest kin in PostgreSQL. What a change means for the queries of the old
code is the same on every database, and taken from there.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from iact_guard.analyze.migration.databases import postgresql
from iact_guard.analyze.migration.effect import WORKS, Cost, Impact, Lock, OldCode
from iact_guard.analyze.migration.state.columns import Column, text_length
from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    BuildIndex,
    ChangeDefault,
    ChangeType,
    Comment,
    CreateTable,
    Declared,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropTable,
    Refused,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetNotNull,
    SetTimeout,
    Step,
    Truncate,
    Unclear,
    ValidateConstraint,
    WriteRows,
)
from iact_guard.model.literal import Call, Value
from iact_guard.model.records import dataclass

How = Literal["instant", "online", "copy"]
"""Only the definition changes; rows are read or rebuilt beside writers; writers wait for a copy."""

_IMPACT: dict[How, Impact] = {
    "instant": "brief_full_block",
    "online": "nonblocking_scan",
    "copy": "write_block_scan",
}
_LOCK: dict[How, Lock] = {
    "instant": "AccessExclusiveLock",
    "online": "ShareUpdateExclusiveLock",
    "copy": "ShareLock",
}
_LIMITED = ("text", "bytea")
"""Types for which Django does not ask for an empty default: it writes it into each row."""
MAX_SHORT = 63
"""Characters of four bytes that a length of one byte can count."""
MAX_TINY = 31
"""Up to here MariaDB tells lengths of one and of two bytes apart by their first bit."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which of the two it is, and since when it can do what."""

    name: str
    version: tuple[int, ...]

    def since(self, mysql: tuple[int, ...], mariadb: tuple[int, ...]) -> bool:
        """Whether it is at least of a version."""
        return self.version >= (mariadb if self.name == "mariadb" else mysql)


def cost(step: Step, dialect: Dialect) -> Cost:
    """The cost of a step on a table that is in use."""
    shared = postgresql.cost(step)
    how = _HOW.get(type(step))
    if how is not None:
        found: How | None = how(step, dialect)
        if found is None:
            reason = f"how {dialect.name} does it is not known"
            return Cost(_sql(step, shared), (), "unknown", shared.old_code, reason)
        table = getattr(step, "table", "")
        locks = ((table, _LOCK[found]), *_parents(step, dialect))
        reason = "" if shared.impact == "fails" else shared.reason
        shared = replace(shared, locks=locks, impact=_IMPACT[found], reason=reason)
    elif isinstance(step, CreateTable):
        shared = replace(shared, locks=_parents(step, dialect))
    elif isinstance(step, WriteRows | Declared | Unclear | Refused | SetTimeout):
        return shared
    if (why := _refused(step)) is not None:
        shared = replace(shared, impact="fails", may_fail="", reason=why)
    elif isinstance(step, ChangeType) and shared.old_code.insert == "ok":
        # Values are converted in comparisons, too: measured on MariaDB.
        shared = replace(shared, old_code=WORKS)
    elif isinstance(step, AddColumn | SetNotNull) and _is_filled(step):
        shared = replace(shared, impact="row_locks")
    if isinstance(step, AddColumn) and _is_empty_document(step.column):
        # What the server fills in is no JSON: any later UPDATE of the row is refused.
        shared = replace(shared, old_code=shared.old_code | OldCode(update="breaks"))
    return replace(shared, sql=_sql(step, shared))


def _is_empty_document(column: Column) -> bool:
    return column.type == "jsonb" and bool(column.not_null) and column.default == "none"


def _refused(step: Step) -> str | None:
    """Why Django or the database does not do it at all."""
    match step:
        case BuildIndex(concurrently=True) | DropIndex(concurrently=True):
            return "CONCURRENTLY is PostgreSQL's"
        case AddConstraint(valid=False) | ValidateConstraint():
            return "NOT VALID is PostgreSQL's"
        case AddColumn(column=column) if _is_foreign(column.database_default):
            return "its default is a function of PostgreSQL"
        case AddColumn(column=column) if column.not_null and (column.unique or column.references):
            # Every row gets the same value; without a default it is 0, which refers to nothing.
            unfilled = column.default == "none"
            return "every row gets the same value" if column.unique or unfilled else None
    return None


def _is_foreign(default: Value | None) -> bool:
    return isinstance(default, Call) and default.function.startswith("django.contrib.postgres.")


def _add_column(step: AddColumn, dialect: Dialect) -> How | None:
    column = step.column
    if column.references or (column.default == "generated"):
        return "copy"
    if column.check and dialect.name == "mysql":
        return "copy"
    if column.default == "volatile" and dialect.name == "mysql":
        return "copy"
    if column.unique or column.index or column.primary:
        return "online"
    return "instant" if dialect.since((8, 0, 12), (10, 3)) else "online"


def _drop_column(step: DropColumn, dialect: Dialect) -> How | None:
    if step.indexed:
        return "online"
    return "instant" if dialect.since((8, 0, 29), (10, 4)) else "online"


def _change_type(step: ChangeType, dialect: Dialect) -> How | None:
    if step.referencing:
        return "copy"
    before, after = text_length(step.old), text_length(step.new)
    if before is None or after is None or after < before:
        return "copy"
    if before <= MAX_SHORT < after and (dialect.name == "mysql" or before > MAX_TINY):
        return "copy"  # the length of a value takes a second byte
    return "instant"


def _add_constraint(step: AddConstraint, dialect: Dialect) -> How | None:
    return "online" if step.kind == "unique" else "copy"


_HOW: dict[type, Callable[..., How | None]] = {
    AddColumn: _add_column,
    DropColumn: _drop_column,
    ChangeType: _change_type,
    AddConstraint: _add_constraint,
    SetNotNull: lambda step, dialect: "online",
    DropNotNull: lambda step, dialect: "online",
    BuildIndex: lambda step, dialect: "online",
    ValidateConstraint: lambda step, dialect: None,
    DropTable: lambda step, dialect: "instant",
    RenameTable: lambda step, dialect: "instant",
    RenameColumn: lambda step, dialect: "instant",
    ChangeDefault: lambda step, dialect: "instant",
    DropIndex: lambda step, dialect: "instant",
    RenameIndex: lambda step, dialect: "instant",
    DropConstraint: lambda step, dialect: "instant",
    Comment: lambda step, dialect: "instant",
    Truncate: lambda step, dialect: "instant",
}


def _parents(step: Step, dialect: Dialect) -> tuple[tuple[str, Lock], ...]:
    """Locks on the tables that a new foreign key refers to."""
    lock: Lock = "ShareRowExclusiveLock" if dialect.name == "mariadb" else "AccessExclusiveLock"
    match step:
        case CreateTable(table=table, references=references):
            return tuple((name, lock) for name in references if name not in ("?", table))
        case AddColumn(table=table, column=Column(references=name)) if name not in ("", "?", table):
            return ((name, lock),)
        case AddConstraint(table=table, references=name) if name not in ("", "?", table):
            return ((name, lock),)
    return ()


def _is_filled(step: AddColumn | SetNotNull) -> bool:
    """Whether Django writes the default into the rows: into NULLs, or where no default can be."""
    if isinstance(step, SetNotNull):
        return step.filled
    column = step.column
    return column.type in _LIMITED and column.fills_empty and bool(column.not_null)


def _sql(step: Step, shared: Cost) -> tuple[str, ...]:
    """The shape of its statements, in MySQL's words."""
    match step:
        case ChangeType(table=table, new=column) | SetNotNull(table=table, column=column):
            null = " NOT NULL" if column.not_null else ""
            return (f"ALTER TABLE `{table}` MODIFY `{column.name}` {column.type or '?'}{null}",)
        case DropNotNull(table=table, column=name):
            return (f"ALTER TABLE `{table}` MODIFY `{name}` ... NULL",)
        case RenameTable(table=table, to=to):
            return (f"RENAME TABLE `{table}` TO `{to}`",)
        case DropIndex(table=table, name=name):
            return (f"DROP INDEX `{name}` ON `{table}`",)
        case Comment(table=table):
            return (f"ALTER TABLE `{table}` ... COMMENT",)
    return tuple(line.replace('"', "`") for line in shared.sql)
