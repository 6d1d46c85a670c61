"""What an expression of such a function stands for, as far as rows go."""

import ast
from dataclasses import field

from iact_guard.analyze.migration.code.sizes import Size
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that is no row; `size` is that of a loop over it."""

    size: Size = Size.UNKNOWN


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is known."""

    value: str


@dataclass(frozen=True, slots=True)
class Null:
    """None."""


@dataclass(frozen=True, slots=True)
class Apps:
    """The registry of models: as they are at this migration or, `live`, in the application."""

    live: bool = False


@dataclass(frozen=True, slots=True)
class AppConfig:
    """One app of the registry; an empty label is one that is computed."""

    label: str
    live: bool = False


@dataclass(frozen=True, slots=True)
class Editor:
    """The schema editor."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to the database."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """`connection.vendor`."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor of the connection."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A model class. Empty names are computed; `through` is the table behind a many-to-many."""

    label: str = ""
    name: str = ""
    live: bool = False
    """The class of the application, imported: not as it was at this migration."""
    through: str = ""
    origin: str = ""
    """The dotted name by which a live one was imported."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A manager, a queryset, or a list of instances."""

    entity: Entity
    size: Size
    managed: bool = False
    """A manager: creating through it is creating."""
    link: Entity | None = None
    """The table that `add` and `remove` write, where it is a many-to-many manager."""


@dataclass(slots=True, eq=False)
class Row:
    """An instance; `changed` collects the fields that are given a value, None is any of them."""

    entity: Entity
    fresh: bool = False
    changed: set[str] | None = field(default_factory=set)

    def change(self, name: str, value: "Thing") -> None:
        """Assign to a field; an empty name is any."""
        if not name:
            self.changed = None
        elif self.changed is not None and not isinstance(value, Null):
            self.changed.add(name)


@dataclass(frozen=True, slots=True)
class Many:
    """A collection of anything else."""

    size: Size
    element: "Thing"


@dataclass(frozen=True, slots=True)
class Pair:
    """A tuple, taken apart."""

    parts: "tuple[Thing, ...]"


@dataclass(slots=True, eq=False)
class Local:
    """A function with what it sees: the module that it stands in, and the names around it."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    module: str
    around: "dict[str, Thing]" = field(default_factory=dict)
    bound: "tuple[Thing, ...]" = ()
    """Arguments that come first: of a partial, or the instance of a method."""
    named: "dict[str, Thing]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Named:
    """Something of another module, by its dotted name."""

    name: str


Thing = (
    Plain
    | Text
    | Null
    | Apps
    | AppConfig
    | Editor
    | Connection
    | Vendor
    | Cursor
    | Entity
    | Rows
    | Row
    | Many
    | Pair
    | Local
    | Named
)
FIXED = Plain(Size.FIXED)
UNSURE = Plain(Size.UNKNOWN)


def touches_rows(thing: Thing) -> bool:
    """Whether a function that is given it can write rows by it."""
    match thing:
        case Many(element=element):
            return touches_rows(element)
        case Pair(parts=parts):
            return any(map(touches_rows, parts))
        case Plain() | Text() | Null() | Local() | Named() | Vendor():
            return False
    return True


def element(thing: Thing) -> tuple[Size, Thing]:
    """How often a loop over it runs, and what it sees each time."""
    match thing:
        case Rows(entity=entity, size=size):
            return size, Row(entity)
        case Many(size=size, element=inner):
            return size, inner
        case Pair(parts=parts):
            return Size.FIXED, next((part for part in parts if touches_rows(part)), FIXED)
        case Plain(size=size):
            return size, FIXED
        case Named() | Text():
            return Size.FIXED, FIXED  # a constant, perhaps of another module
    return Size.UNKNOWN, UNSURE


def either(things: list[Thing]) -> Thing:
    """One of several: what can write rows counts, and the larger of two."""
    found = [thing for thing in things if touches_rows(thing)] or things
    return max(found, key=lambda thing: element(thing)[0], default=FIXED)


def names_something(thing: Thing) -> bool:
    """Whether the elements of a written list are worth a look each: names, classes, functions."""
    if isinstance(thing, Pair):
        return any(map(names_something, thing.parts))
    return isinstance(thing, Text | Entity | Local | Rows)
