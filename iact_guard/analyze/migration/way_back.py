"""Whether Django can take an operation back, on tables with rows."""

from collections.abc import Iterable

from iact_guard.analyze.migration.code.found import refuses, shown
from iact_guard.analyze.migration.effect import WayBack
from iact_guard.analyze.migration.state.columns import Column, shape
from iact_guard.analyze.migration.state.models import State
from iact_guard.load.python_modules import Modules
from iact_guard.model.literal import Constant, Value, text
from iact_guard.model.migration import UNKNOWN, Operation

POSSIBLE = WayBack()


def way_back(operation: Operation, label: str, before: State, modules: Modules) -> WayBack:
    """What stands in the way. `before` are the models that the operation finds."""
    if operation.reversible is not None:
        return WayBack(operation.reversible, "" if operation.reversible else "its class says so")
    kind = operation.base or operation.kind
    match kind:
        case "RunPython" | "RunSQL":
            return _own(operation, kind, modules)
        case "RemoveField":
            return _column(operation, label, before)
    if "." in kind or kind == UNKNOWN or "database_backwards" in operation.overrides:
        return WayBack(None, f"what `{operation.kind}` does is not known")
    return POSSIBLE


def together(ways: Iterable[WayBack]) -> WayBack:
    """The way back of several operations: the worst of theirs."""
    found = list(ways)
    for state in (False, None):
        for way in found:
            if way.possible is state:
                return way
    return POSSIBLE


def _own(operation: Operation, kind: str, modules: Modules) -> WayBack:
    argument = "reverse_code" if kind == "RunPython" else "reverse_sql"
    value = operation.argument(argument)
    if _is_none(value):
        if operation.overrides or any(a.name in ("*", "**") for a in operation.arguments):
            return WayBack(None, f"`{operation.kind}` may have a way back of its own")
        return WayBack(False, f"the {kind} has no {argument}")
    if kind == "RunPython" and value is not None and refuses(modules, operation.path, value):
        return WayBack(False, f"`{shown(value)}` does nothing but raise")
    return POSSIBLE


def _is_none(value: Value | None) -> bool:
    return value is None or (isinstance(value, Constant) and value.value is None)


def _column(operation: Operation, label: str, before: State) -> WayBack:
    """A column that is added again gets its default in every row."""
    model = before.get(label, text(operation.argument("model_name")))
    field = model.find(text(operation.argument("name"))) if model else None
    if model is None or field is None or not model.has_table:
        return POSSIBLE
    column = shape(field, model, before)
    if not isinstance(column, Column) or not column.not_null or column.primary:
        return POSSIBLE
    name = f"{model.table}.{column.name}"
    if column.default == "none":
        why = f"{name} is NOT NULL without a default: it cannot be added again to a table with rows"
        return WayBack(False, why, name)
    if column.unique and column.default in ("python", "database"):
        why = f"{name} is unique and NOT NULL: added again, it holds the same value in every row"
        return WayBack(False, why, name)
    return POSSIBLE
