"""Operations that say themselves what they do, to steps."""

from collections.abc import Iterator
from functools import partial

from iact_guard.analyze.migration.code.steps import Stage, written
from iact_guard.analyze.migration.declared import shipped
from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.forwards.values import is_noop
from iact_guard.analyze.migration.sql.run import executed
from iact_guard.analyze.migration.state.columns import Column, shape
from iact_guard.analyze.migration.steps import ChangeDefault, Declared, Placed, Step, Unclear
from iact_guard.model.literal import Constant, text
from iact_guard.model.migration import Operation


def separate(scene: Scene, operation: Operation) -> Iterator[Step]:
    """Its operations are taken one by one: here only what hides them."""
    if operation.arguments:
        yield Unclear("its arguments are computed, and operations may be among them")


def run_python(scene: Scene, operation: Operation) -> Iterator[Step | Placed]:
    """What the function does to rows."""
    if is_noop(operation.argument("code")):
        return
    atomic = operation.argument("atomic")
    asked = isinstance(atomic, Constant) and atomic.value is not None
    alone = bool(atomic.value) if isinstance(atomic, Constant) and asked else scene.atomic
    stage = Stage(scene.modules, scene.before, scene.vendor, scene.transaction or alone)
    yield from written(stage, operation, partial(executed, scene))


def declared(scene: Scene, operation: Operation) -> Iterator[Step]:
    """What a table says of an operation of a package."""
    model = scene.model(operation)
    table = (model.table or "") if model else ""
    yield Declared(operation.kind, scene.declared[operation.kind], table)
    name = text(operation.argument("name"))
    found = model.find(name) if model and operation.kind in shipped().sets_default else None
    if model and found:
        column = shape(found, model, scene.before)
        if isinstance(column, Column):
            yield ChangeDefault(table, column.name, dropped=False)
