"""What a step costs on PostgreSQL: lock, scan, rewrite, and the old code's queries.

The verdicts were measured on a running database: locks in `pg_locks`, rewrites by `relfilenode`,
scans by the counters, and the old model's queries on the new schema.
"""

from collections.abc import Callable
from dataclasses import replace

from iact_guard.analyze.migration.databases.conversions import (
    is_convertible,
    keeps_rows,
    used_by_old_code,
)
from iact_guard.analyze.migration.databases.narrowing import narrowed
from iact_guard.analyze.migration.effect import (
    BREAKS,
    IMPACTS,
    UNSURE,
    WORKS,
    Cost,
    Impact,
    Lock,
    OldCode,
)
from iact_guard.analyze.migration.state.columns import Column
from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    Aside,
    BuildIndex,
    Change,
    ChangeDefault,
    ChangeTable,
    ChangeType,
    CheckDeferred,
    Comment,
    CreateTable,
    Declared,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropTable,
    LockTable,
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

_FULL: Lock = "AccessExclusiveLock"
_ROWS: Lock = "ShareRowExclusiveLock"
_WEAK: Lock = "ShareUpdateExclusiveLock"
_WRITES: Lock = "ShareLock"

INSERT_BREAKS = OldCode(insert="breaks")


def cost(step: Step) -> Cost:
    """The cost of a step on a table that is in use."""
    costs: Callable[[object], Cost] = _COSTS[type(step)]
    return costs(step)


def requires_value(column: Column) -> bool:
    """Whether an INSERT that does not know the column fails."""
    return bool(column.not_null) and column.default in ("none", "python")


def _create(step: CreateTable) -> Cost:
    others = tuple((t, _ROWS) for t in step.references if t not in ("?", step.table))
    impact: Impact = "brief_write_block" if step.references else "none"
    return Cost((f'CREATE TABLE "{step.table}" (...)',), others, impact)


def _drop(step: DropTable) -> Cost:
    others = tuple((t, _FULL) for t in step.references if t not in ("?", step.table))
    sql = (f'DROP TABLE "{step.table}" CASCADE',)
    loses = f"every row of {step.table}"
    return Cost(sql, ((step.table, _FULL), *others), "brief_full_block", BREAKS, loses=loses)


def _rename_table(step: RenameTable) -> Cost:
    sql = (f'ALTER TABLE "{step.table}" RENAME TO "{step.to}"',)
    return Cost(sql, ((step.table, _FULL),), "brief_full_block", BREAKS)


def _add_column(step: AddColumn) -> Cost:
    column = step.column
    sql = [f'ALTER TABLE "{step.table}" ADD COLUMN "{column.name}" {column.definition}']
    locks: list[tuple[str, Lock]] = [(step.table, _FULL)]
    if column.references:
        sql.append(f'... REFERENCES "{column.references}"')
        if column.references not in ("?", step.table):
            locks.append((column.references, _ROWS))
    if column.index:
        sql.append(f'CREATE INDEX ON "{step.table}" ("{column.name}")')
        locks.append((step.table, _WRITES))
    old, reason = WORKS, ""
    if column.not_null is None:
        old = OldCode(insert="unknown")
        reason = f"whether {column.name} may be NULL hangs on its field class"
    elif requires_value(column):
        old = INSERT_BREAKS
    refused = _refused(column)
    impact = "fails" if refused else _added(column)
    return Cost(tuple(sql), tuple(locks), impact, old, refused or reason)


def is_indexed_apart(column: Column) -> bool:
    """Whether all that a new column looks through is the index that Django builds at the end."""
    return _added(column) == "full_block_scan" and _added(replace(column, index=False)) != (
        "full_block_scan"
    )


def _refused(column: Column) -> str:
    """Why rows that are there cannot have the new column."""
    if column.not_null and column.default == "none":
        return f"none of them has a value for {column.name}, which is NOT NULL without a default"
    if column.default in ("python", "database") and (column.unique or column.primary):
        return f"each of them gets the same {column.name}, which must be unique"
    return ""


def _added(column: Column) -> Impact:
    if column.default in ("volatile", "generated", "identity"):
        return "full_block_rewrite"
    if column.unique or column.primary or column.index or column.check:
        return "full_block_scan"
    if column.references and column.not_null:
        return "full_block_scan"  # the default is looked up for every row
    return "unknown" if column.not_null is None else "brief_full_block"


def _drop_column(step: DropColumn) -> Cost:
    sql = (f'ALTER TABLE "{step.table}" DROP COLUMN "{step.column}" CASCADE',)
    locks: list[tuple[str, Lock]] = [(step.table, _FULL)]
    if step.references not in ("", "?", step.table):
        locks.append((step.references, _FULL))
    loses = f"the values of {step.table}.{step.column}"
    return Cost(sql, tuple(locks), "brief_full_block", BREAKS, loses=loses)


def _rename_column(step: RenameColumn) -> Cost:
    sql = (f'ALTER TABLE "{step.table}" RENAME COLUMN "{step.column}" TO "{step.to}"',)
    return Cost(sql, ((step.table, _FULL),), "brief_full_block", BREAKS)


def _change_type(step: ChangeType) -> Cost:
    sql = [f'ALTER TABLE "{step.table}" ALTER COLUMN "{step.new.name}" TYPE {step.new.type}']
    before, after = step.old.type, step.new.type
    locks: list[tuple[str, Lock]] = [(step.table, _FULL)]
    for table in step.referencing:
        sql.append(f'ALTER TABLE "{table}" ALTER COLUMN ... TYPE {after}')
        locks.append((table, _FULL))
    if not (step.computed or step.cast) and not is_convertible(before, after):
        reason = f"PostgreSQL does not turn {before} into {after} by itself"
        return Cost(tuple(sql), tuple(locks), "fails", WORKS, reason)
    impact: Impact = "full_block_rewrite"
    if not step.computed and keeps_rows(before, after):
        # The index is sorted anew; foreign keys were dropped, and are checked again.
        sorted_anew = step.old.collation != step.new.collation and _is_indexed(step.new)
        again = sorted_anew or bool(step.referencing)
        impact = "full_block_scan" if again else "brief_full_block"
    old = used_by_old_code(before, after) if before else UNSURE
    reason = "" if old != UNSURE else "whether the old code can use the new type is not known"
    may_fail, loses = narrowed(step.new.name, before, after)
    return Cost(tuple(sql), tuple(locks), impact, old, reason, may_fail, loses)


def _is_indexed(column: Column) -> bool:
    return column.index or column.unique or column.primary


def _set_not_null(step: SetNotNull) -> Cost:
    sql = (f'ALTER TABLE "{step.table}" ALTER COLUMN "{step.column.name}" SET NOT NULL',)
    may_fail = "" if step.filled else f"rows in which {step.column.name} is NULL"
    return Cost(sql, ((step.table, _FULL),), "full_block_scan", may_fail=may_fail)


def _drop_not_null(step: DropNotNull) -> Cost:
    sql = (f'ALTER TABLE "{step.table}" ALTER COLUMN "{step.column}" DROP NOT NULL',)
    return Cost(sql, ((step.table, _FULL),), "brief_full_block")


def _change_default(step: ChangeDefault) -> Cost:
    verb = "DROP" if step.dropped else "SET"
    sql = (f'ALTER TABLE "{step.table}" ALTER COLUMN "{step.column}" {verb} DEFAULT',)
    old = INSERT_BREAKS if step.required else WORKS
    return Cost(sql, ((step.table, _FULL),), "brief_full_block", old)


def _build_index(step: BuildIndex) -> Cost:
    how = " CONCURRENTLY" if step.concurrently else ""
    name = f' "{step.name}"' if step.name else ""
    unique = "UNIQUE " if step.unique else ""
    sql = (f'CREATE {unique}INDEX{how}{name} ON "{step.table}" ({step.columns})',)
    if step.concurrently:
        return Cost(sql, ((step.table, _WEAK),), "nonblocking_scan")
    return Cost(sql, ((step.table, _WRITES),), "write_block_scan")


def _drop_index(step: DropIndex) -> Cost:
    if step.concurrently:
        return Cost((f'DROP INDEX CONCURRENTLY "{step.name}"',), ((step.table, _WEAK),))
    sql = (f'DROP INDEX "{step.name}"',)
    return Cost(sql, ((step.table, _FULL),), "brief_full_block")


def _rename_index(step: RenameIndex) -> Cost:
    return Cost((f'ALTER INDEX "{step.name}" RENAME TO "{step.to}"',))


def _add_constraint(step: AddConstraint) -> Cost:
    named = f'ALTER TABLE "{step.table}" ADD CONSTRAINT "{step.name}" {step.kind.upper()}'
    locks: list[tuple[str, Lock]] = [(step.table, _FULL)]
    if step.using_index:
        using = f'{named} USING INDEX "{step.using_index}"'
        return Cost((using,), tuple(locks), "brief_full_block")
    violating = _violating(step)
    if step.by_index:
        sql = f'CREATE UNIQUE INDEX "{step.name}" ON "{step.table}" (...)'
        locks = [(step.table, _WRITES)]
        return Cost((sql,), tuple(locks), "write_block_scan", may_fail=violating)
    if step.kind == "foreign key":
        locks = [(step.table, _ROWS)]
        if step.references not in ("?", step.table):
            locks.append((step.references, _ROWS))
        if step.valid:
            return Cost((named,), tuple(locks), "write_block_scan", may_fail=violating)
    if not step.valid:
        brief: Impact = "brief_write_block" if step.kind == "foreign key" else "brief_full_block"
        return Cost((f"{named} NOT VALID",), tuple(locks), brief)
    return Cost((named,), tuple(locks), "full_block_scan", may_fail=violating)


def _violating(step: AddConstraint) -> str:
    """The rows that a constraint refuses, where it meets them for the first time."""
    if step.again:
        return ""
    columns = ", ".join(step.columns)
    match step.kind:
        case "unique":
            return f"rows that share a value of {columns}" if columns else "rows that are alike"
        case "foreign key":
            other = "" if step.references == "?" else f" in {step.references}"
            return f"values of {columns or 'it'} that lead to no row{other}"
        case "check":
            what = f"the check of {columns}" if columns else f"the check {step.name}"
            return f"rows that violate {what}"
    return f"rows that violate {step.name}"


def _validate(step: ValidateConstraint) -> Cost:
    sql = (f'ALTER TABLE "{step.table}" VALIDATE CONSTRAINT "{step.name}"',)
    may_fail = f"rows that violate {step.name}"
    return Cost(sql, ((step.table, _WEAK),), "nonblocking_scan", may_fail=may_fail)


def _drop_constraint(step: DropConstraint) -> Cost:
    locks: list[tuple[str, Lock]] = [(step.table, _FULL)]
    if step.references not in ("", "?", step.table):
        locks.append((step.references, _FULL))
    sql = (f'ALTER TABLE "{step.table}" DROP CONSTRAINT "{step.name}"',)
    return Cost(sql, tuple(locks), "brief_full_block")


def _comment(step: Comment) -> Cost:
    if step.column:
        locks: list[tuple[str, Lock]] = [(step.table, _FULL)]
        if step.references not in ("", "?", step.table):
            locks.append((step.references, _FULL))
        sql = (f'COMMENT ON COLUMN "{step.table}"."{step.column}"',)
        return Cost(sql, tuple(locks), "brief_full_block")
    return Cost((f'COMMENT ON TABLE "{step.table}"',), ((step.table, _WEAK),))


def _declared(step: Declared) -> Cost:
    lock = {"brief_write_block": _ROWS, "brief_full_block": _FULL}.get(step.impact)
    locks = ((step.table, lock),) if lock and step.table else ()
    if step.impact not in IMPACTS:
        return Cost((), (), "unknown", UNSURE, f"`{step.impact}` is no impact")
    impact = next(known for known in IMPACTS if known == step.impact)
    return Cost((), locks, impact)


def _refuse(step: Refused) -> Cost:
    return Cost((), (), "fails", WORKS, step.reason)


def _unclear(step: Unclear) -> Cost:
    # Rows may change as they like: the queries of the old code work on other rows as well.
    return Cost((), (), "unknown", UNSURE if step.schema else WORKS, step.reason)


def _write_rows(step: WriteRows) -> Cost:
    impacts: dict[str, Impact] = {"row": "none", "batches": "nonblocking_scan", "all": "row_locks"}
    impact = impacts.get(step.extent, "unknown")
    reason = "" if impact != "unknown" else "how many rows it writes at once is not known"
    # Rows may change as they like: the queries of the old code work on other rows as well.
    loses = f"every row of {step.table}" if step.whole and step.table != "?" else ""
    return Cost((), (), impact, WORKS, reason, loses=loses)


def _truncate(step: Truncate) -> Cost:
    sql = (f'TRUNCATE TABLE "{step.table}"' + (" CASCADE" if step.cascade else ""),)
    loses = f"every row of {step.table}"
    return Cost(sql, ((step.table, _FULL),), "brief_full_block", loses=loses)


def _set_timeout(step: SetTimeout) -> Cost:
    return Cost((f"SET {step.name}",))


# https://www.postgresql.org/docs/current/explicit-locking.html and the pages of the commands.
_CHANGES: dict[Change, tuple[Lock, Impact]] = {
    "column options": (_WEAK, "none"),
    "table options": (_WEAK, "none"),
    "statistics": (_WEAK, "none"),
    "comment": (_WEAK, "none"),
    "analyze": (_WEAK, "none"),
    "take partition": (_WEAK, "none"),
    "detach partition concurrently": (_WEAK, "none"),
    "vacuum": (_WEAK, "nonblocking_scan"),
    "reindex concurrently": (_WEAK, "nonblocking_scan"),
    "refresh concurrently": ("ExclusiveLock", "nonblocking_scan"),
    "create trigger": (_ROWS, "brief_write_block"),
    "switch trigger": (_ROWS, "brief_write_block"),
    # Its lock on the index stops every query that is planned meanwhile.
    "reindex": (_WRITES, "full_block_scan"),
    "become partition": (_FULL, "full_block_scan"),
    "rewrite": (_FULL, "full_block_rewrite"),
    "cluster": (_FULL, "full_block_rewrite"),
    "vacuum full": (_FULL, "full_block_rewrite"),
    "refresh": (_FULL, "full_block_rewrite"),
}


def _change(step: ChangeTable) -> Cost:
    lock, impact = _CHANGES.get(step.change, (_FULL, "brief_full_block"))
    old, reason = WORKS, ""
    if step.change == "schema":
        old = BREAKS
    elif step.change == "rename value":
        old, reason = UNSURE, "whether the old code writes the value by its old name is not known"
    elif step.change == "row security":
        old, reason = UNSURE, "which rows are left to the old code is not known"
    return Cost(
        (f'ALTER TABLE "{step.table}" ({step.change})',), ((step.table, lock),), impact, old, reason
    )


_MODES: dict[str, tuple[Lock, Impact]] = {
    "SHARE UPDATE EXCLUSIVE": (_WEAK, "none"),
    "SHARE": (_WRITES, "brief_write_block"),
    "SHARE ROW EXCLUSIVE": (_ROWS, "brief_write_block"),
    "EXCLUSIVE": ("ExclusiveLock", "brief_write_block"),
    "ACCESS EXCLUSIVE": (_FULL, "brief_full_block"),
}


def _lock(step: LockTable) -> Cost:
    sql = (f'LOCK TABLE "{step.table}" IN {step.mode} MODE',)
    if step.mode not in _MODES:
        return Cost(sql)
    lock, impact = _MODES[step.mode]
    return Cost(sql, ((step.table, lock),), impact)


def _check_deferred(step: CheckDeferred) -> Cost:
    return Cost((f"SET CONSTRAINTS ALL {'IMMEDIATE' if step.now else 'DEFERRED'}",))


def _aside(step: Aside) -> Cost:
    return Cost((step.what,))


_COSTS: dict[type, Callable[..., Cost]] = {
    CreateTable: _create,
    DropTable: _drop,
    RenameTable: _rename_table,
    AddColumn: _add_column,
    DropColumn: _drop_column,
    RenameColumn: _rename_column,
    ChangeType: _change_type,
    SetNotNull: _set_not_null,
    DropNotNull: _drop_not_null,
    ChangeDefault: _change_default,
    BuildIndex: _build_index,
    DropIndex: _drop_index,
    RenameIndex: _rename_index,
    AddConstraint: _add_constraint,
    ValidateConstraint: _validate,
    DropConstraint: _drop_constraint,
    Comment: _comment,
    Declared: _declared,
    WriteRows: _write_rows,
    Truncate: _truncate,
    SetTimeout: _set_timeout,
    ChangeTable: _change,
    LockTable: _lock,
    CheckDeferred: _check_deferred,
    Aside: _aside,
    Refused: _refuse,
    Unclear: _unclear,
}
