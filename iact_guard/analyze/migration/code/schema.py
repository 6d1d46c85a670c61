"""What the models at this migration say of tables, keys and relations."""

import tomllib
from collections.abc import Iterable
from functools import cache, cached_property
from importlib import resources
from typing import Any

from iact_guard.analyze.migration.code.sizes import Size
from iact_guard.analyze.migration.code.values import Entity, Row, Rows, Thing
from iact_guard.analyze.migration.state.columns import Column, Through, shape, table_of
from iact_guard.analyze.migration.state.models import Key, Model, State, flag, groups
from iact_guard.model.literal import Call, Items, text


@cache
def _external() -> dict[str, dict[str, Any]]:
    """Models that no migration of the repository creates."""
    found = resources.files("iact_guard.data").joinpath("external_models.toml").read_text()
    models: dict[str, dict[str, Any]] = tomllib.loads(found)["models"]
    return models


class Schema:
    """Answers from the state of the models."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._keys: dict[Entity, frozenset[frozenset[str]]] = {}

    def model(self, entity: Entity) -> Model | None:
        """The model behind a class; of a proxy the one that it stands for."""
        found = self._state.get(entity.label, entity.name)
        for _ in range(10):
            concrete = found.proxied if found else None
            if concrete is None:
                break
            found = self._state.models.get(self._state.current(concrete))
        return found

    def table(self, entity: Entity) -> str:
        """Its table; `?` where that is not known."""
        if entity.through:
            return entity.through
        if not entity.label or not entity.name:
            return "?"
        external = _external().get(f"{entity.label}.{entity.name}".lower(), {})
        return external.get("table") or table_of(
            self._state, self._state.current((entity.label, entity.name.lower()))
        )

    def rows(self, entity: Entity) -> Size:
        """How many rows its table may hold."""
        external = _external().get(f"{entity.label}.{entity.name}".lower(), {})
        return Size.FIXED if external.get("small") else Size.MANY

    def column(self, entity: Entity, field: str) -> str:
        """The column of a field; its own name where it has none that is known."""
        model = self.model(entity)
        name = field
        if model is not None and field == "pk":
            name = model.primary_key.name if model.primary_key else "id"
        found = model.find(name) if model else None
        what = shape(found, model, self._state) if found and model else None
        return what.name if isinstance(what, Column) else name

    def serial(self, entity: Entity) -> bool:
        """Whether its keys are numbers that count up."""
        model = self.model(entity)
        if model is None:
            return True
        key = model.primary_key or model.find("id")
        what = shape(key, model, self._state) if key else None
        return what is None or (isinstance(what, Column) and what.default == "identity")

    def keys(self, entity: Entity) -> frozenset[frozenset[str]]:
        """Sets of fields of which one value each names one row."""
        if entity not in self._keys:
            self._keys[entity] = frozenset(self._found_keys(entity))
        return self._keys[entity]

    def _found_keys(self, entity: Entity) -> Iterable[frozenset[str]]:
        yield frozenset({"pk"})
        yield frozenset({"id"})
        external = _external().get(f"{entity.label}.{entity.name}".lower(), {})
        yield from map(frozenset, external.get("keys", ()))
        model = self.model(entity)
        if model is None:
            return
        for field in model.fields.values():
            if isinstance(field.value, Call) and _is_unique(field.value):
                yield frozenset({field.name})
        for names in groups(model.options.get("unique_together")) or ():
            yield frozenset(names)
        for constraint in model.constraints.values():
            value = constraint.value
            unique = isinstance(value, Call) and value.function.endswith("UniqueConstraint")
            if unique and isinstance(value, Call) and value.get("condition") is None:
                fields = value.get("fields")
                given = [text(n) for n in fields.items] if isinstance(fields, Items) else []
                if given and all(given):
                    yield frozenset(name for name in given if name)

    def leads(self, entity: Entity, field: str) -> bool:
        """Whether a field is a foreign key: the rows of one other row."""
        model = self.model(entity)
        found = model.find(field) or model.find(field.removesuffix("_id")) if model else None
        what = shape(found, model, self._state) if found and model else None
        return isinstance(what, Column) and bool(what.target)

    def related(self, entity: Entity, name: str) -> Thing | None:
        """What an attribute of an instance leads to; None for plain values."""
        model = self.model(entity)
        field = model.find(name) if model else None
        if model is None or field is None:
            return None if name in ("pk", "id", "objects") else self._backwards(entity, name)
        if not isinstance(field.value, Call):
            return None
        target = self._target(field.value, model)
        what = shape(field, model, self._state)
        if isinstance(what, Column) and what.target:
            return Row(target)
        if isinstance(what, Through):
            return Rows(target, Size.PORTION, True, Entity(through=what.table or "?"))
        if "ManyToMany" in field.value.function:
            return Rows(target, Size.PORTION, True, self._through(field.value, model))
        return None

    def _target(self, value: Call, model: Model) -> Entity:
        to = text(value.get("to", 0)) or ""
        label, dot, name = to.rpartition(".")
        if to == "self":
            return Entity(model.label, model.name)
        return Entity(label if dot else model.label, name) if to else Entity()

    def _through(self, value: Call, model: Model) -> Entity:
        label, dot, name = (text(value.get("through")) or "").rpartition(".")
        return Entity(label if dot else model.label, name) if name else Entity(through="?")

    def _backwards(self, entity: Entity, name: str) -> Thing | None:
        """The rows that refer to an instance, under the name that leads back to them."""
        key = (entity.label, entity.name.lower())
        for found, model, value in self._references.get(name, ()):
            if found != key:
                continue
            if "ManyToMany" not in value.function:
                return Rows(Entity(model.label, model.name), Size.PORTION, True)
            field = next(f for f in model.fields.values() if f.value is value)
            what = shape(field, model, self._state)
            link = Entity(through=(what.table if isinstance(what, Through) else None) or "?")
            return Rows(Entity(model.label, model.name), Size.PORTION, True, link)
        return None

    @cached_property
    def _references(self) -> dict[str, list[tuple[Key, Model, Call]]]:
        """Foreign keys and many-to-many fields by the name that leads back."""
        found: dict[str, list[tuple[Key, Model, Call]]] = {}
        for model in self._state.models.values():
            for field in model.fields.values():
                value = field.value
                if not isinstance(value, Call) or not _is_reference(value):
                    continue
                target = self._target(value, model)
                back = text(value.get("related_name")) or f"{model.name.lower()}_set"
                key = self._state.current((target.label, target.name.lower()))
                found.setdefault(back, []).append((key, model, value))
        return found


def _is_unique(value: Call) -> bool:
    one = "OneToOne" in value.function
    return one or flag(value, "unique") or flag(value, "primary_key")


def _is_reference(value: Call) -> bool:
    kind = value.function.rpartition(".")[2]
    return "ForeignKey" in kind or "ManyToMany" in kind
