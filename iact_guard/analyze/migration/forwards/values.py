"""What arguments of operations say."""

from collections.abc import Sequence

from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.state.columns import Column, Through, shape
from iact_guard.analyze.migration.state.models import Model
from iact_guard.analyze.migration.steps import ConstraintKind, CreateTable, Step
from iact_guard.model.literal import Call, Constant, Items, Reference, Value, text


def given(value: Value | None) -> bool:
    """Whether an option says something."""
    return value is not None and not (isinstance(value, Constant) and not value.value)


def is_noop(value: Value | None) -> bool:
    """Whether a RunSQL or RunPython does nothing."""
    if isinstance(value, Reference):
        return value.name.endswith((".RunPython.noop", ".RunSQL.noop"))
    return isinstance(value, Constant) and isinstance(value.value, str) and not value.value.strip()


def through_table(found: Through, table: str) -> Step:
    """The table of a many-to-many field."""
    references = tuple(dict.fromkeys((table, found.references))) if found.constrained else ()
    return CreateTable(found.table or "?", references, found.columns)


def index_columns(value: Value | None) -> str:
    """The fields of an index, or `expressions`."""
    return ", ".join(field_names(value)) or "expressions"


def field_names(value: Value | None) -> tuple[str, ...]:
    """The `fields` of an index or a constraint; `?` for a name that is computed."""
    fields = value.get("fields") if isinstance(value, Call) else None
    names = [text(f) or "?" for f in fields.items] if isinstance(fields, Items) else []
    return tuple(name.removeprefix("-") for name in names)


def column_names(scene: Scene, model: Model, fields: Sequence[str]) -> tuple[str, ...]:
    """The columns of some fields of a model; empty where one of them has none that is known."""
    found = [model.find(name) for name in fields]
    shapes = [shape(item, model, scene.before) for item in found if item is not None]
    names = tuple(what.name for what in shapes if isinstance(what, Column))
    return names if len(names) == len(fields) else ()


_CONSTRAINTS: dict[str, ConstraintKind] = {
    "CheckConstraint": "check",
    "UniqueConstraint": "unique",
    "ExclusionConstraint": "exclude",
}


def constraint_kind(value: Value | None) -> ConstraintKind:
    """The kind of a constraint of Django's own classes."""
    if isinstance(value, Call) and value.function.startswith("django."):
        return _CONSTRAINTS.get(value.function.rpartition(".")[2], "unknown")
    return "unknown"


def is_index(value: Value | None, kind: ConstraintKind) -> bool:
    """Whether PostgreSQL knows a unique rule as an index only."""
    if kind != "unique" or not isinstance(value, Call):
        return False
    named = ("condition", "include", "opclasses")
    expressions = any(not argument.name for argument in value.arguments)
    return expressions or any(given(value.get(name)) for name in named)


def not_null_fields(value: Value | None) -> tuple[str, ...]:
    """The fields that a CheckConstraint keeps from being NULL: `Q(code__isnull=False)`, and `&`."""
    condition = value.get("condition") or value.get("check") if isinstance(value, Call) else None
    return _required(condition)


def _required(condition: Value | None) -> tuple[str, ...]:
    if not isinstance(condition, Call) or not condition.function.endswith(".Q"):
        return ()
    if any(argument.name in ("_connector", "_negated") for argument in condition.arguments):
        return ()
    found = []
    for argument in condition.arguments:
        name, _, lookup = argument.name.rpartition("__")
        is_false = isinstance(argument.value, Constant) and argument.value.value is False
        if lookup == "isnull" and name and is_false:
            found.append(name)
        elif not argument.name:
            found += _within(argument.value)
    return tuple(found)


def _within(value: Value) -> tuple[str, ...]:
    """`Q(("code__isnull", False))`, as Django writes it, and `Q(Q(...), ...)`."""
    if isinstance(value, Items) and len(value.items) == 2:
        name, _, lookup = (text(value.items[0]) or "").rpartition("__")
        given_value = value.items[1]
        is_false = isinstance(given_value, Constant) and given_value.value is False
        return (name,) if lookup == "isnull" and name and is_false else ()
    return _required(value)
