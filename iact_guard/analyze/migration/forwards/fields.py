"""Operations on fields, to steps."""

from collections.abc import Iterator
from dataclasses import replace

from iact_guard.analyze.migration.forwards.altered import changed_column
from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.forwards.values import through_table
from iact_guard.analyze.migration.state.columns import (
    Column,
    Hidden,
    Nothing,
    Shape,
    Through,
    may_lead_to,
    shape,
)
from iact_guard.analyze.migration.state.models import Field, Model
from iact_guard.analyze.migration.steps import (
    AddColumn,
    DropColumn,
    DropTable,
    Refused,
    RenameColumn,
    RenameTable,
    Step,
    Unclear,
)
from iact_guard.model.literal import same, text
from iact_guard.model.migration import Operation

MAX_MODELS = 1_000
"""Above it nobody is searched for references to a model: a search for each would take minutes."""


def add_field(scene: Scene, operation: Operation) -> Iterator[Step]:
    """A column, a table of its own, or nothing."""
    model, table, why = scene.table(operation)
    yield from why
    new = scene.after.models.get(model.key) if model else None
    found = new.find(text(operation.argument("name"))) if new else None
    if model is None:
        return
    if new is None or found is None:
        yield Unclear("the name of the field is computed", table)
        return
    what = shape(found, new, scene.after)
    match what:
        case Column():
            yield AddColumn(table, what)
        case Through():
            yield through_table(what, table)
        case Hidden(reason=reason):
            yield Unclear(reason, table, may=frozenset({"require", "index"}))


def _field(
    scene: Scene, operation: Operation, model: Model | None, table: str, name: str
) -> tuple[Field | None, Iterator[Step]]:
    found = model.find(text(operation.argument(name))) if model else None
    if model is not None and found is None:
        called = text(operation.argument(name)) or "it changes"
        reason = f"the field {called} of {model.name} is not in the state before it"
        return None, iter((Unclear(reason, table),))
    return found, iter(())


def remove_field(scene: Scene, operation: Operation) -> Iterator[Step]:
    """A column or a table of its own goes."""
    model, table, why = scene.table(operation)
    yield from why
    found, why = _field(scene, operation, model, table, "name")
    yield from why
    if model is None or found is None:
        return
    match shape(found, model, scene.before):
        case Column(name=name, references=references) as column:
            indexed = column.index or column.unique
            yield DropColumn(table, name, references, indexed, field=found.value)
        case Through(table=through, references=references, constrained=constrained):
            yield DropTable(through or "?", (table, references) if constrained else ())
        case Hidden(reason=reason):
            yield Unclear(reason, table)


def rename_field(scene: Scene, operation: Operation) -> Iterator[Step]:
    """Its column is renamed, unless `db_column` pins it."""
    model, table, why = scene.table(operation)
    yield from why
    found, why = _field(scene, operation, model, table, "old_name")
    yield from why
    new = scene.after.models.get(model.key) if model else None
    renamed = new.find(text(operation.argument("new_name"))) if new else None
    if model is None or found is None or new is None or renamed is None:
        return
    old_shape, new_shape = shape(found, model, scene.before), shape(renamed, new, scene.after)
    match old_shape, new_shape:
        case Column(name=old, references="", check=False), Column(name=now):
            if old != now:
                yield RenameColumn(table, old, now, field=found.value)
        case _:
            for step in changed_shape(scene, model, table, old_shape, new_shape):
                if isinstance(step, RenameColumn):
                    yield replace(step, field=found.value)
                else:
                    yield step


def alter_field(scene: Scene, operation: Operation) -> Iterator[Step]:
    """What tells the two forms of a column apart."""
    model, table, why = scene.table(operation)
    yield from why
    found, why = _field(scene, operation, model, table, "name")
    yield from why
    new = scene.after.models.get(model.key) if model else None
    altered = new.find(text(operation.argument("name"))) if new else None
    if model is None or found is None or new is None or altered is None:
        return
    if same(found.value, altered.value):
        return
    old_shape = shape(found, model, scene.before)
    new_shape = shape(altered, new, scene.after)
    yield from changed_shape(scene, model, table, old_shape, new_shape, found.name)


def changed_shape(
    scene: Scene, model: Model, table: str, old: Shape, new: Shape, name: str = ""
) -> Iterator[Step]:
    """What tells two shapes of a field apart."""
    match old, new:
        case (Hidden(reason=reason), _) | (_, Hidden(reason=reason)):
            yield Unclear(reason, table, may=frozenset({"require", "rename", "index"}))
        case Column(), Column():
            rekeyed = _is_key(old, new) and (old.type, old.collation) != (new.type, new.collation)
            if rekeyed and len(scene.before.models) > MAX_MODELS:
                yield Unclear("too many models to find those that refer to it", table)
                return
            referencing = _referencing(scene, model, name) if rekeyed else ()
            yield from changed_column(table, old, new, referencing, installed=scene.installed)
        case Through(), Through():
            yield from changed_links(old, new, relinked=False)
        case Nothing(), Nothing():
            return
        case _:
            yield Refused(table, "Django cannot turn such a field into the other")


def _is_key(old: Column, new: Column) -> bool:
    """Whether others may refer to a column, before and afterwards."""
    return (old.primary and new.primary) or (old.unique and new.unique)


def changed_links(old: Through, new: Through, *, relinked: bool) -> Iterator[Step]:
    """The table of a many-to-many field, and both of its columns."""
    if not old.table or not new.table:
        yield Unclear("the table of a many-to-many field has a computed name")
        return
    if old.table != new.table:
        yield RenameTable(old.table, new.table)
    for before, after in zip(reversed(old.columns), reversed(new.columns), strict=True):
        yield from changed_column(new.table, before, after, relinked=relinked)


def _referencing(scene: Scene, model: Model, name: str) -> tuple[str, ...]:
    """Tables with a foreign key to a field of a model."""
    own = model.find(name)
    primary = own is not None and own is model.primary_key
    found: dict[str, None] = {}
    earlier = (old for (_, old), new in scene.before.renamed.items() if new == model.key)
    names = frozenset((model.name.lower(), *earlier))
    for other in scene.before.models.values():
        if not other.has_table or not other.table:
            continue
        for item in other.fields.values():
            if other is not model and not may_lead_to(item, other, names):
                continue
            what = shape(item, other, scene.before)
            if isinstance(what, Column) and what.target == model.table:
                if what.to_field == name or (primary and not what.to_field):
                    found[other.table] = None
            elif primary and (
                isinstance(what, Through)
                and what.table
                and (other is model or what.references == model.table)
            ):
                found[what.table] = None
    return tuple(found)
