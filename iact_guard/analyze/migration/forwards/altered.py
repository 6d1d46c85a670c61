"""The steps from one form of a column to another."""

from collections.abc import Iterator

from iact_guard.analyze.migration.state.columns import Column, same_custom
from iact_guard.analyze.migration.steps import (
    AddConstraint,
    BuildIndex,
    ChangeDefault,
    ChangeType,
    Comment,
    DropConstraint,
    DropIndex,
    DropNotNull,
    RenameColumn,
    SetNotNull,
    Step,
    Unclear,
)
from iact_guard.model.literal import same


def changed_column(
    table: str, old: Column, new: Column, referencing: tuple[str, ...] = ()
) -> Iterator[Step]:
    """The steps from one form of a column to another."""
    if old.name != new.name:
        yield RenameColumn(table, old.name, new.name)
    again = _is_made_again(old, new)
    if old.references and (not new.references or again):
        # It goes first: Django also has it checked then for rows that were written before.
        yield DropConstraint(table, f"{new.name} foreign key", old.references)
    if old.custom or new.custom:
        if not same_custom(old, new):
            yield Unclear(f"the type of {new.name} hangs on a field class that is not known", table)
    elif old.type != new.type:
        yield from _retyped(table, old, new, referencing)
    elif not old.type:
        yield Unclear(f"the type of {new.name} is computed", table)
    if old.not_null is None or new.not_null is None:
        # The same class twice: what it does about NULL, it does in both.
        if not (old.custom and old.not_null == new.not_null):
            yield Unclear(f"whether {new.name} may be NULL is not known", table)
    elif old.not_null != new.not_null:
        yield (
            SetNotNull(table, new, filled=new.fills)
            if new.not_null
            else DropNotNull(table, new.name)
        )
    yield from _changed_rest(table, old, new, again=again)


def _is_made_again(old: Column, new: Column) -> bool:
    """Whether a foreign key is dropped and added once more for another type or another NULL."""
    custom = bool(old.custom or new.custom)
    known = old.not_null is not None and new.not_null is not None
    retyped = not custom and old.type != new.type
    return retyped or (known and old.not_null != new.not_null and bool(new.references))


def _changed_rest(table: str, old: Column, new: Column, *, again: bool) -> Iterator[Step]:
    """Default, keys, indexes, comment."""
    if not same(old.database_default, new.database_default):
        yield ChangeDefault(table, new.name, dropped=new.database_default is None)
    if new.references and (not old.references or again):
        yield AddConstraint(
            table,
            f"{new.name} foreign key",
            "foreign key",
            references=new.references,
            columns=(new.name,),
            again=old.references == new.references,
        )
    if old.unique and not new.unique:
        yield DropConstraint(table, f"{old.name} unique")
    if new.unique and not old.unique:
        yield AddConstraint(table, f"{new.name} unique", "unique", columns=(new.name,))
    if old.index and not new.index and not new.unique:
        yield DropIndex(table, f"{old.name} index")
    if new.index and not old.index:
        cause = "no longer unique" if old.unique else "db_index turned on"
        yield BuildIndex(table, "", new.name, cause=cause)
    if old.check and not new.check:
        yield DropConstraint(table, f"{old.name} check")
    if new.check and not old.check:
        yield AddConstraint(table, f"{new.name} check", "check", columns=(new.name,))
    if old.comment != new.comment:
        yield Comment(table, new.name)


def _retyped(table: str, old: Column, new: Column, referencing: tuple[str, ...]) -> Iterator[Step]:
    if not old.type or not new.type:
        yield Unclear(f"the type of {new.name} is computed", table)
    elif old.target and new.target:
        yield Unclear(f"{new.name} refers to another table afterwards", table)
    else:
        yield ChangeType(table, old, new, referencing)
