"""An operation and the state before and after it, to the steps that Django takes."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from iact_guard.analyze.migration.declared import shipped
from iact_guard.analyze.migration.forwards import fields, indexes, models, special
from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.sql.run import run_sql
from iact_guard.analyze.migration.steps import ANYTHING, May, Placed, Step, Unclear
from iact_guard.model.migration import UNKNOWN, Operation


def steps(scene: Scene, operation: Operation) -> Iterator[Step | Placed]:
    """What is done to the database, in order; nothing for what only Django sees."""
    kind = operation.kind
    plain = operation.base or kind
    if kind in scene.declared:
        yield from special.declared(scene, operation)
    elif kind == UNKNOWN:
        reason = f"the operation cannot be read: {operation.reason}"
        yield Unclear(reason, may=ANYTHING)
    elif operation.base and (changed := _changed(operation)):
        reason = f"`{kind}` has its own `{changed}`: what of {plain} is left is not known"
        yield Unclear(reason, may=ANYTHING)
    elif (method := _METHODS.get(plain)) is not None:
        for step in method(scene, operation):
            if isinstance(step, Unclear) and not step.may:
                yield replace(step, may=_MAY.get(plain, step.may))
            else:
                yield step
    elif plain not in _SILENT | shipped().silent:
        reason = (
            f"what `{kind}` does is not known: `migrations.operations` in the configuration"
            " can say it"
        )
        yield Unclear(reason, may=ANYTHING)


_METHODS: dict[str, Callable[[Scene, Operation], Iterator[Step | Placed]]] = {
    "CreateModel": models.create_model,
    "DeleteModel": models.delete_model,
    "RenameModel": models.rename_model,
    "AlterModelTable": models.alter_table,
    "AlterModelTableComment": models.table_comment,
    "AlterOrderWithRespectTo": models.order_with_respect_to,
    "AlterUniqueTogether": models.together,
    "AlterIndexTogether": models.together,
    "AddField": fields.add_field,
    "RemoveField": fields.remove_field,
    "RenameField": fields.rename_field,
    "AlterField": fields.alter_field,
    "AddIndex": indexes.add_index,
    "AddIndexConcurrently": indexes.add_index,
    "RemoveIndex": indexes.remove_index,
    "RemoveIndexConcurrently": indexes.remove_index,
    "RenameIndex": indexes.rename_index,
    "AddConstraint": indexes.add_constraint,
    "AddConstraintNotValid": indexes.add_constraint,
    "AlterConstraint": indexes.alter_constraint,
    "RemoveConstraint": indexes.remove_constraint,
    "ValidateConstraint": indexes.validate,
    "RunSQL": run_sql,
    "RunPython": special.run_python,
    "SeparateDatabaseAndState": special.separate,
}
_SILENT = frozenset({"AlterModelOptions", "AlterModelManagers"})
# What an operation may do of which a part is not known.
_MAY: dict[str, frozenset[May]] = {
    "AddField": frozenset({"require"}),
    "RemoveField": frozenset({"remove"}),
    "RenameField": frozenset({"rename"}),
    "AddIndex": frozenset({"index"}),
    "AlterIndexTogether": frozenset({"index"}),
    "SeparateDatabaseAndState": ANYTHING,
}
# Methods of Django's operations that decide what happens to the database.
_DECISIVE = ("database_forwards", "_run_sql", "__init__", "__new__")


def _changed(operation: Operation) -> str:
    """The method that makes a subclass something else than what it derives from."""
    if operation.base == "RunPython" and "database_forwards" not in operation.overrides:
        return ""  # other arguments, another function: it writes rows either way
    return next((name for name in _DECISIVE if name in operation.overrides), "")
