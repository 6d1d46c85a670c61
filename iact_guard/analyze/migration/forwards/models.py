"""Operations on models, to steps."""

from collections.abc import Iterator

from iact_guard.analyze.migration.forwards.related import relinked
from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.forwards.values import column_names, given, through_table
from iact_guard.analyze.migration.state.columns import Column, Through, field_class, shape
from iact_guard.analyze.migration.state.models import Model, groups
from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    BuildIndex,
    Comment,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    RenameTable,
    Step,
    Unclear,
)
from iact_guard.model.literal import Call, Items, text
from iact_guard.model.migration import Operation

MAX_FIELDS = 1_600
"""Of a model, as many as PostgreSQL has columns in a table: more are not searched at a renaming."""

_ORDER = Column("_order", "integer", True, "python")


def create_model(scene: Scene, operation: Operation) -> Iterator[Step]:
    """A table, and those of its many-to-many fields."""
    model = scene.after.get(scene.label, text(operation.argument("name")))
    if model is None or not isinstance(operation.argument("fields"), Items):
        yield Unclear("its name or its fields are computed")
        return
    if not model.has_table:
        return
    if model.table is None:
        yield Unclear(f"the table of {model.name} has a computed name")
        return
    shapes = [shape(f, model, scene.after) for f in model.fields.values()]
    columns = tuple(s for s in shapes if isinstance(s, Column))
    if given(model.options.get("order_with_respect_to")):
        columns += (_ORDER,)
    references = tuple(dict.fromkeys(c.references for c in columns if c.references))
    yield CreateTable(model.table, references, columns)
    for found in shapes:
        if isinstance(found, Through):
            yield through_table(found, model.table)


def delete_model(scene: Scene, operation: Operation) -> Iterator[Step]:
    """A table goes, with those of its many-to-many fields."""
    model, table, why = scene.table(operation)
    yield from why
    if model is None:
        return
    shapes = [shape(f, model, scene.before) for f in model.fields.values()]
    for found in shapes:
        if isinstance(found, Through) and found.table:
            yield DropTable(found.table, (table, found.references) if found.constrained else ())
    references = [s.references for s in shapes if isinstance(s, Column) and s.references]
    yield DropTable(table, tuple(dict.fromkeys(references)))


def rename_model(scene: Scene, operation: Operation) -> Iterator[Step]:
    """Its table is renamed, unless `db_table` pins it."""
    old = scene.before.get(scene.label, text(operation.argument("old_name")))
    new = scene.after.get(scene.label, text(operation.argument("new_name")))
    if old is None or new is None:
        yield Unclear("the model that it renames is not in the state before it")
        return
    if old.has_table and old.table and new.table and old.table != new.table:
        yield RenameTable(old.table, new.table)
    elif old.has_table and (old.table is None or new.table is None):
        yield Unclear(f"the table of {old.name} has a computed name")
    if len(old.fields) > MAX_FIELDS:
        yield Unclear("too many fields to find those with a table of their own", old.table or "")
        return
    yield from relinked(scene, old, new)


def alter_table(scene: Scene, operation: Operation) -> Iterator[Step]:
    """`db_table` is set, changed or dropped."""
    model, _, why = scene.table(operation)
    yield from why
    new = scene.after.models.get(model.key) if model else None
    if model is not None and new is not None:
        yield from _renamed_table(scene, model, new)


def _renamed_table(scene: Scene, old: Model, new: Model) -> Iterator[Step]:
    if not old.has_table:
        return
    if old.table is None or new.table is None:
        yield Unclear(f"the table of {old.name} has a computed name")
        return
    if old.table == new.table:
        return
    yield RenameTable(old.table, new.table)
    if len(old.fields) > MAX_FIELDS:
        yield Unclear("too many fields to find those with a table of their own", old.table)
        return
    for name, item in old.fields.items():
        if not isinstance(item.value, Call) or "ManyToMany" not in field_class(item.value):
            continue
        was = shape(item, old, scene.before)
        now = shape(new.fields[name], new, scene.after) if name in new.fields else None
        if isinstance(was, Through) and isinstance(now, Through) and was.table != now.table:
            yield RenameTable(was.table or "?", now.table or "?")


def order_with_respect_to(scene: Scene, operation: Operation) -> Iterator[Step]:
    """A column `_order` comes or goes."""
    model, table, why = scene.table(operation)
    yield from why
    if model is None:
        return
    new = scene.after.models.get(model.key, model).options.get("order_with_respect_to")
    old = model.options.get("order_with_respect_to")
    has, had = given(new), given(old)
    if has and not had:
        yield AddColumn(table, _ORDER)
    elif had and not has:
        yield DropColumn(table, "_order")


def table_comment(scene: Scene, operation: Operation) -> Iterator[Step]:
    """`db_table_comment`."""
    model, table, why = scene.table(operation)
    yield from why
    if model is not None:
        yield Comment(table)


def together(scene: Scene, operation: Operation) -> Iterator[Step]:
    """`unique_together` and `index_together`: what is new is added, what is gone is dropped."""
    model, table, why = scene.table(operation)
    yield from why
    if model is None:
        return
    unique = (operation.base or operation.kind) == "AlterUniqueTogether"
    option = "unique_together" if unique else "index_together"
    old = groups(model.options.get(option))
    new = groups(operation.argument(option))
    if old is None or new is None:
        yield Unclear(f"its {option} is computed", table)
        return
    before, after = frozenset(old), frozenset(new)
    for names in old:
        if names not in after:
            name = ", ".join(names)
            yield DropConstraint(table, name) if unique else DropIndex(table, name)
    for names in new:
        if names not in before:
            name = ", ".join(names)
            if unique:
                yield AddConstraint(
                    table, name, "unique", columns=column_names(scene, model, names)
                )
            else:
                yield BuildIndex(table, "", name, cause="index_together")
