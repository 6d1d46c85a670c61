"""The steps from one form of a column to another, in the order in which Django takes them."""

from collections.abc import Iterator

from iact_guard.analyze.migration.django_version import ANY, DjangoVersion
from iact_guard.analyze.migration.state.columns import Column, same_custom, same_relation
from iact_guard.analyze.migration.steps import (
    AddConstraint,
    BuildIndex,
    ChangeDefault,
    ChangeType,
    Comment,
    DropConstraint,
    DropIndex,
    DropNotNull,
    Refused,
    RenameColumn,
    SetNotNull,
    Step,
    Unclear,
)
from iact_guard.model.literal import Opaque, same


def changed_column(
    table: str,
    old: Column,
    new: Column,
    referencing: tuple[str, ...] = (),
    *,
    relinked: bool = False,
    installed: DjangoVersion = ANY,
) -> Iterator[Step]:
    """The steps from one form of a column to another.

    `referencing` are the tables whose keys change with it. `relinked`: Django believes that a key
    leads elsewhere.
    """
    if "generated" in (old.default, new.default):
        yield from _generated(table, old, new)
        return
    again = _is_made_again(old, new, relinked)
    if old.references and again:
        # It goes first: Django also has it checked then for rows that were written before.
        yield DropConstraint(table, f"{old.name} foreign key", old.references)
    # Before 5.0, a check was another one for Django where its column has another name.
    checked_again = old.name != new.name and not installed.maybe(5, 0)
    yield from _dropped(table, old, new)
    if old.check and (checked_again or not new.check):
        yield DropConstraint(table, f"{old.name} check")
    if old.name != new.name:
        yield RenameColumn(table, old.name, new.name)
    yield from _retyped(table, old, new, referencing)
    yield from _defaults(table, old, new)
    yield from _nulls(table, old, new)
    yield from _added(table, old, new)
    if installed.maybe(5, 2) and old.like and new.like and _is_other_text(old, new):
        yield BuildIndex(table, "", new.name, cause="another type of text")
    if new.references and (again or not old.references):
        yield AddConstraint(
            table,
            f"{new.name} foreign key",
            "foreign key",
            references=new.references,
            columns=(new.name,),
            again=old.references == new.references,
        )
    if new.check and (checked_again or not old.check):
        yield AddConstraint(table, f"{new.name} check", "check", columns=(new.name,))


def _generated(table: str, old: Column, new: Column) -> Iterator[Step]:
    """Django refuses to change how a column is worked out, and whether it is."""
    expressions = list(zip(old.generated, new.generated, strict=False))
    hidden = any(isinstance(value, Opaque) for pair in expressions for value in pair)
    alike = all(same(a, b) for a, b in expressions)
    if old.default == new.default and alike:
        yield from _retyped(table, old, new, ())
    elif old.default == new.default and hidden:
        yield Unclear(f"whether {new.name} is worked out in another way is not known", table)
    else:
        yield Refused(table, f"Django does not change how {new.name} is worked out")


def _is_made_again(old: Column, new: Column, relinked: bool) -> bool:
    """Whether a foreign key is dropped, and added once more if there is one afterwards."""
    if not new.references or old.references != new.references or old.name != new.name:
        return True
    retyped = not (old.custom or new.custom) and old.type != new.type
    return relinked or retyped or not same_relation(old, new)


def _is_other_text(old: Column, new: Column) -> bool:
    return old.type.partition("(")[0] != new.type.partition("(")[0]


def _dropped(table: str, old: Column, new: Column) -> Iterator[Step]:
    """Rules and indexes that are no longer."""
    if old.unique and not new.unique:
        yield DropConstraint(table, f"{old.name} unique")
    if old.index and not new.index:
        yield DropIndex(table, f"{old.name} index")


def _retyped(table: str, old: Column, new: Column, referencing: tuple[str, ...]) -> Iterator[Step]:
    if old.custom or new.custom:
        if not same_custom(old, new):
            yield Unclear(f"the type of {new.name} hangs on a field class that is not known", table)
    elif not old.type or not new.type:
        yield Unclear(f"the type of {new.name} is computed", table)
    elif old.type != new.type and _is_hidden_key(old) != _is_hidden_key(new):
        yield Unclear(f"the type of {new.name} is that of a key which no migration shows", table)
    elif old.type != new.type and _is_hidden_key(old) and new.target:
        yield Unclear(f"{new.name} refers to another table afterwards", table)
    elif old.type != new.type or old.collation != new.collation:
        yield ChangeType(table, old, new, referencing)
    if old.comment != new.comment:
        kept = old.references if old.references == new.references else ""
        yield Comment(table, new.name, kept)


def _is_hidden_key(column: Column) -> bool:
    """Whether the type is that of a key in a table which the models do not show."""
    return column.type.startswith("key of ")


def _defaults(table: str, old: Column, new: Column) -> Iterator[Step]:
    required = new.not_null is True and new.default in ("none", "python")
    identity = [column.default == "identity" for column in (old, new)]
    if identity[0] != identity[1]:
        yield ChangeDefault(table, new.name, dropped=identity[0], required=required)
    elif not same(old.database_default, new.database_default):
        dropped = new.database_default is None
        yield ChangeDefault(table, new.name, dropped, required=dropped and required)


def _nulls(table: str, old: Column, new: Column) -> Iterator[Step]:
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


def _added(table: str, old: Column, new: Column) -> Iterator[Step]:
    """Rules and indexes that were not there before."""
    if new.unique and not old.unique:
        yield AddConstraint(table, f"{new.name} unique", "unique", columns=(new.name,))
    if new.index and not old.index:
        cause = "no longer unique" if old.unique else "db_index turned on"
        yield BuildIndex(table, "", new.name, cause=cause)
