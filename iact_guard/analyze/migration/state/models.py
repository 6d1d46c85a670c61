"""What Django believes of the models after each operation (`state_forwards`)."""

from dataclasses import field, replace

from iact_guard.analyze.migration.history.labels import plain
from iact_guard.analyze.migration.state.layers import Layered
from iact_guard.model.literal import Call, Constant, Items, Mapping, Value, text
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass

MAX_RENAMES = 50
"""Of one model: longer chains are not followed."""

Key = tuple[str, str]
"""App label and the model's name in lower case."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model, and the operation that gave it its present form."""

    name: str
    value: Value | None
    by: Operation


@dataclass(frozen=True, slots=True)
class Part:
    """An index or a constraint of a model."""

    name: str
    value: Value | None
    by: Operation


@dataclass(slots=True)
class Model:
    """A model. Never changed once it is in a state: a change makes another one."""

    label: str
    name: str
    by: Operation
    fields: Layered[str, Field] = field(default_factory=Layered)
    options: dict[str, Value] = field(default_factory=dict)
    indexes: Layered[str, Part] = field(default_factory=Layered)
    constraints: Layered[str, Part] = field(default_factory=Layered)
    bases: tuple[str, ...] = ()
    forgotten: Layered[str, Field] = field(default_factory=Layered)
    """Fields that it had, as they were; `by` is the operation that took them."""

    @property
    def key(self) -> Key:
        """Label and name."""
        return self.label, self.name.lower()

    @property
    def table(self) -> str | None:
        """The name of its table; None where it is computed."""
        option = self.options.get("db_table")
        if option is None or (isinstance(option, Constant) and not option.value):
            return f"{plain(self.label)}_{self.name.lower()}"
        return text(option)

    @property
    def has_table(self) -> bool:
        """Whether migrations make and change its table: not for unmanaged and proxy models."""
        return not self._is("managed", False) and not self._is("proxy", True)

    @property
    def proxied(self) -> Key | None:
        """The model that a proxy stands for."""
        if not self._is("proxy", True) or not self.bases:
            return None
        label, dot, name = self.bases[0].rpartition(".")
        return (label if dot else self.label), name.lower()

    def _is(self, option: str, wanted: bool) -> bool:
        value = self.options.get(option)
        return isinstance(value, Constant) and value.value is wanted

    @property
    def primary_key(self) -> Field | None:
        """The field that was declared as the primary key."""
        for item in self.fields.values():
            if isinstance(item.value, Call) and flag(item.value, "primary_key"):
                return item
        return None

    def find(self, name: str | None) -> Field | None:
        """A field by its name."""
        return self.fields.get(name) if name else None

    def copy(self) -> "Model":
        """One that may be changed."""
        return replace(
            self,
            fields=self.fields.copy(),
            options=dict(self.options),
            indexes=self.indexes.copy(),
            constraints=self.constraints.copy(),
            forgotten=self.forgotten.copy(),
        )


class State:
    """The models by key. `apply` is what an operation does to them."""

    def __init__(self) -> None:
        self.models: Layered[Key, Model] = Layered()
        self.renamed: Layered[Key, Key] = Layered()
        self.forgotten: Layered[Key, Model] = Layered()
        """Models that were there, as they were; `by` is the operation that took them."""

    def copy(self) -> "State":
        """Another one with the same models."""
        other = State()
        other.models = self.models.copy()
        other.renamed = self.renamed.copy()
        other.forgotten = self.forgotten.copy()
        return other

    def get(self, label: str, name: str | None) -> Model | None:
        """A model by its name, in any case."""
        return self.models.get((label, name.lower())) if name else None

    def current(self, key: Key) -> Key:
        """The key that a reference leads to by now: models may have been renamed."""
        for _ in range(MAX_RENAMES):
            if key not in self.renamed:
                break
            key = self.renamed[key]
        return key

    def apply(self, label: str, operation: Operation) -> None:
        """Change the models; what the operation names and is not there is left alone."""
        kind = operation.base or operation.kind
        if "state_forwards" in operation.overrides:
            return
        if kind == "CreateModel":
            self._create(label, operation)
        elif kind == "RenameModel":
            self._rename(label, operation)
        elif kind in _CHANGES:
            name = text(operation.argument("model_name")) or text(operation.argument("name"))
            model = self.get(label, name)
            if model is None:
                return
            if kind == "DeleteModel":
                del self.models[model.key]
                self.forgotten[model.key] = replace(model, by=operation)
                return
            changed = model.copy()
            _change(changed, kind, operation)
            self.models[model.key] = changed

    def _create(self, label: str, operation: Operation) -> None:
        name = text(operation.argument("name"))
        if not name:
            return
        model = Model(label, name, operation, bases=_bases(operation))
        fields = operation.argument("fields")
        for item in fields.items if isinstance(fields, Items) else ():
            if isinstance(item, Items) and len(item.items) == 2 and (key := text(item.items[0])):
                model.fields[key] = Field(key, item.items[1], operation)
        options = operation.argument("options")
        if isinstance(options, Mapping):
            model.options = {key: v for k, v in options.entries if (key := text(k))}
        for option, parts in (("indexes", model.indexes), ("constraints", model.constraints)):
            value = model.options.pop(option, None)
            for item in value.items if isinstance(value, Items) else ():
                part = Part(part_name(item), item, operation)
                parts[part.name] = part
        self.models[model.key] = model
        self.renamed.pop(model.key, None)

    def _rename(self, label: str, operation: Operation) -> None:
        new = text(operation.argument("new_name"))
        model = self.get(label, text(operation.argument("old_name")))
        if model is None or not new:
            return
        del self.models[model.key]
        renamed = replace(model.copy(), name=new)
        self.models[renamed.key] = renamed
        if renamed.key != model.key:
            self.forgotten[model.key] = replace(model, by=operation)
            self.renamed[model.key] = renamed.key
            self.renamed.pop(renamed.key, None)


_CHANGES = frozenset({
    "DeleteModel", "AlterModelTable", "AlterModelOptions", "AlterUniqueTogether",
    "AlterIndexTogether", "AlterOrderWithRespectTo", "AlterModelTableComment", "AddField",
    "AlterField", "RemoveField", "RenameField", "AddIndex", "AddIndexConcurrently", "RemoveIndex",
    "RemoveIndexConcurrently", "RenameIndex", "AddConstraint", "AddConstraintNotValid",
    "RemoveConstraint", "AlterConstraint",
})  # fmt: skip
# What AlterModelOptions replaces; the other options have operations of their own.
_OPTIONS = (
    "base_manager_name", "default_manager_name", "default_related_name", "get_latest_by",
    "managed", "ordering", "permissions", "default_permissions", "select_on_save",
    "verbose_name", "verbose_name_plural",
)  # fmt: skip
_SET_OPTION = {
    "AlterModelTable": ("table", "db_table"),
    "AlterUniqueTogether": ("unique_together", "unique_together"),
    "AlterIndexTogether": ("index_together", "index_together"),
    "AlterOrderWithRespectTo": ("order_with_respect_to", "order_with_respect_to"),
    "AlterModelTableComment": ("table_comment", "db_table_comment"),
}


def _change(model: Model, kind: str, operation: Operation) -> None:
    name = text(operation.argument("name"))
    match kind:
        case "AddField" | "AlterField" if name:
            known = model.find(name)
            key = known.name if known else name
            model.fields[key] = Field(key, operation.argument("field"), operation)
        case "RemoveField":
            known = model.find(name)
            if known:
                model.forgotten[known.name] = replace(known, by=operation)
                del model.fields[known.name]
        case "RenameField":
            _rename_field(model, operation)
        case "AddIndex" | "AddIndexConcurrently":
            _add(model.indexes, operation, "index")
        case "AddConstraint" | "AddConstraintNotValid" | "AlterConstraint":
            _add(model.constraints, operation, "constraint")
        case "RemoveIndex" | "RemoveIndexConcurrently" if name:
            model.indexes.pop(name, None)
        case "RemoveConstraint" if name:
            model.constraints.pop(name, None)
        case "RenameIndex":
            before, after = (text(operation.argument(a)) for a in ("old_name", "new_name"))
            if before and after and before in model.indexes:
                model.indexes[after] = replace(model.indexes.pop(before), name=after)
        case "AlterModelOptions":
            options = operation.argument("options")
            for option in _OPTIONS:
                model.options.pop(option, None)
            if isinstance(options, Mapping):
                model.options |= {named: v for k, v in options.entries if (named := text(k))}
        case _ if kind in _SET_OPTION:
            argument, option = _SET_OPTION[kind]
            value = operation.argument(argument)
            if value is None:
                model.options.pop(option, None)
            else:
                model.options[option] = value


def _rename_field(model: Model, operation: Operation) -> None:
    known = model.find(text(operation.argument("old_name")))
    new = text(operation.argument("new_name"))
    if known is None or not new:
        return
    model.forgotten[known.name] = replace(known, by=operation)
    del model.fields[known.name]
    model.fields[new] = replace(known, name=new)
    for option in ("unique_together", "index_together"):
        if option in model.options:
            model.options[option] = _renamed(model.options[option], known.name, new)


def _renamed(value: Value, old: str, new: str) -> Value:
    """A list of lists of field names with one of them renamed."""
    if isinstance(value, Items):
        return replace(value, items=tuple(_renamed(item, old, new) for item in value.items))
    if isinstance(value, Constant) and value.value == old:
        return replace(value, value=new)
    return value


def _add(parts: Layered[str, Part], operation: Operation, argument: str) -> None:
    value = operation.argument(argument)
    parts[part_name(value)] = Part(part_name(value), value, operation)


def part_name(value: Value | None) -> str:
    """The name of an index or a constraint; empty where it is not written."""
    return (text(value.get("name")) or "") if isinstance(value, Call) else ""


def flag(call: Call, name: str) -> bool:
    """Whether an argument is literally true."""
    value = call.get(name)
    return isinstance(value, Constant) and value.value is True


def groups(value: Value | None) -> tuple[tuple[str, ...], ...] | None:
    """`unique_together` and `index_together` as tuples of names; None where it is computed."""
    if value is None or (isinstance(value, Constant) and value.value is None):
        return ()
    if isinstance(value, Call) and value.function in ("set", "tuple", "list", "frozenset"):
        return groups(value.arguments[0].value) if value.arguments else ()
    if not isinstance(value, Items):
        return None
    if value.items and all(text(item) for item in value.items):
        return (tuple(text(item) or "" for item in value.items),)
    found = []
    for item in value.items:
        names = [text(name) for name in item.items] if isinstance(item, Items) else [None]
        if not all(names):
            return None
        found.append(tuple(name or "" for name in names))
    return tuple(found)


def _bases(operation: Operation) -> tuple[str, ...]:
    value = operation.argument("bases")
    return tuple(t for item in value.items if (t := text(item))) if isinstance(value, Items) else ()
