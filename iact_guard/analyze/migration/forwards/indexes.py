"""Operations on indexes and constraints, to steps."""

from collections.abc import Iterator

from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.forwards.values import (
    column_names,
    constraint_kind,
    field_names,
    index_columns,
    is_index,
    not_null_fields,
)
from iact_guard.analyze.migration.state.models import part_name
from iact_guard.analyze.migration.steps import (
    AddConstraint,
    BuildIndex,
    DropConstraint,
    DropIndex,
    RenameIndex,
    Step,
    Unclear,
    ValidateConstraint,
)
from iact_guard.model.literal import text
from iact_guard.model.migration import Operation


def add_index(scene: Scene, operation: Operation) -> Iterator[Step]:
    """`AddIndex` and `AddIndexConcurrently`."""
    model, table, why = scene.table(operation)
    yield from why
    if model is not None:
        value = operation.argument("index")
        concurrently = (operation.base or operation.kind) == "AddIndexConcurrently"
        yield BuildIndex(table, part_name(value), index_columns(value), concurrently)


def remove_index(scene: Scene, operation: Operation) -> Iterator[Step]:
    """`RemoveIndex` and `RemoveIndexConcurrently`."""
    model, table, why = scene.table(operation)
    yield from why
    if model is not None:
        concurrently = (operation.base or operation.kind) == "RemoveIndexConcurrently"
        yield DropIndex(table, text(operation.argument("name")) or "", concurrently)


def rename_index(scene: Scene, operation: Operation) -> Iterator[Step]:
    """Only its name changes."""
    model, table, why = scene.table(operation)
    yield from why
    if model is not None:
        old = text(operation.argument("old_name")) or ""
        yield RenameIndex(table, old, text(operation.argument("new_name")) or "")


def add_constraint(scene: Scene, operation: Operation) -> Iterator[Step]:
    """`AddConstraint` and `AddConstraintNotValid`."""
    model, table, why = scene.table(operation)
    yield from why
    if model is None:
        return
    value = operation.argument("constraint")
    valid = (operation.base or operation.kind) != "AddConstraintNotValid"
    kind = constraint_kind(value)
    if kind == "unknown":
        yield Unclear("the class of the constraint is not one of Django's", table)
    else:
        yield AddConstraint(
            table,
            part_name(value),
            kind,
            valid,
            is_index(value, kind),
            columns=column_names(scene, model, field_names(value)),
            proves=column_names(scene, model, not_null_fields(value)),
        )


def alter_constraint(scene: Scene, operation: Operation) -> Iterator[Step]:
    """Only what Django sees of it changes: its message."""
    yield from scene.table(operation)[2]


def remove_constraint(scene: Scene, operation: Operation) -> Iterator[Step]:
    """A constraint goes, or the index that stands for it."""
    model, table, why = scene.table(operation)
    yield from why
    if model is None:
        return
    name = text(operation.argument("name")) or ""
    known = model.constraints.get(name)
    if known is not None and is_index(known.value, constraint_kind(known.value)):
        yield DropIndex(table, name)
    else:
        yield DropConstraint(table, name)


def validate(scene: Scene, operation: Operation) -> Iterator[Step]:
    """`ValidateConstraint`."""
    model, table, why = scene.table(operation)
    yield from why
    if model is not None:
        yield ValidateConstraint(table, text(operation.argument("name")) or "")
