"""What a step costs on SQLite, where one writer has the whole file to itself.

Django can change little in place: for the rest it makes the table anew, with all its rows.
Locks are named by their nearest kin in PostgreSQL. What a change means for the queries of the old
code is the same on every database, and taken from there.
"""

from dataclasses import replace

from iact_guard.analyze.migration.databases import postgresql
from iact_guard.analyze.migration.effect import Cost, Impact
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
    SetNotNull,
    SetTimeout,
    Step,
    Unclear,
    ValidateConstraint,
    WriteRows,
)

_REMADE = (ChangeType, SetNotNull, DropNotNull, ChangeDefault, AddConstraint, DropConstraint)


def cost(step: Step) -> Cost:
    """The cost of a step on a table that is in use."""
    shared = postgresql.cost(step)
    match step:
        case CreateTable() | WriteRows() | Declared() | Unclear() | SetTimeout():
            return replace(shared, locks=(), impact=_of_rows(step, shared.impact))
        case Comment():
            return Cost()  # it has none
        case (
            BuildIndex(concurrently=True)
            | DropIndex(concurrently=True)
            | ValidateConstraint()
            | AddConstraint(valid=False)
        ):
            reason = "SQLite does not know it"
            return replace(shared, locks=(), impact="fails", may_fail="", reason=reason)
    if shared.impact == "fails":
        return replace(shared, locks=())
    sql = shared.sql
    if _is_remade(step):
        impact: Impact = "full_block_rewrite"
        table = getattr(step, "table", "?")
        sql = (f'CREATE TABLE "new__{table}" (...); INSERT INTO "new__{table}" SELECT ...',)
    else:
        impact = "full_block_scan" if isinstance(step, BuildIndex) else "brief_full_block"
    return replace(
        shared,
        sql=sql,
        locks=((getattr(step, "table", "?"), "AccessExclusiveLock"),),
        impact=impact,
    )


def _of_rows(step: Step, impact: Impact) -> Impact:
    """Any write that lasts keeps every other writer out."""
    if isinstance(step, WriteRows):
        return "write_block_scan" if impact == "row_locks" else impact
    return "none" if isinstance(step, CreateTable) else impact


def _is_remade(step: Step) -> bool:
    match step:
        case AddColumn(column=column):
            plain = not column.not_null and column.default == "none"
            return not plain or column.unique or column.primary
        case DropColumn(indexed=indexed, references=references):
            return indexed or bool(references)
        case AddConstraint(by_index=True):
            return False
    return isinstance(step, _REMADE)
