"""What a function sees while it is walked through, and what was found in it."""

import ast
from collections.abc import Sequence
from dataclasses import field

from iact_guard.analyze.migration.code.queries import Written
from iact_guard.analyze.migration.code.sizes import Extent, Size, extent, most
from iact_guard.analyze.migration.code.values import Many, Thing, either, element
from iact_guard.load.python_modules import Modules, Parsed
from iact_guard.model.literal import Value
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(slots=True, eq=False)
class Frame:
    """The names of one call of a function."""

    module: Parsed
    names: dict[str, Thing] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    """How many loops were around when a name was given its value."""
    depth: int = 0
    """How many loops were around the call."""
    returned: list[Thing] = field(default_factory=list)
    yielded: list[tuple[Size, Thing]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Writing:
    """Rows that are written, with the place."""

    written: Written
    extent: Extent
    place: Location


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL that is executed; `extents` is what it comes to here if it writes so many rows."""

    text: Value
    extents: tuple[Extent, ...]
    place: Location


@dataclass(frozen=True, slots=True)
class Doubt:
    """What cannot be told."""

    reason: str
    place: Location
    schema: bool = False


Finding = Writing | Statement | Doubt


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop around a statement, and the names that it empties each time."""

    size: Size
    emptied: frozenset[str] = frozenset()


class Surroundings:
    """The loops and transactions around a statement, outermost first; None is a transaction."""

    def __init__(self, *, transaction: bool) -> None:
        self._stack: list[Loop | None] = [None] if transaction else []

    @property
    def depth(self) -> int:
        """How many there are."""
        return len(self._stack)

    def push(self, what: Loop | None) -> None:
        """Enter a loop or, with None, a transaction."""
        self._stack.append(what)

    def pop(self) -> None:
        """Leave it."""
        self._stack.pop()

    def leave(self, depth: int) -> None:
        """Leave what was entered since a depth."""
        del self._stack[depth:]

    def extent(self, once: Size) -> Extent:
        """What it comes to when `once` rows are written here."""
        stack = self._stack
        start = stack.index(None) if None in stack else len(stack)
        within = [loop.size for loop in stack[start:] if loop]
        return extent(once, within, [loop.size for loop in stack[:start] if loop])

    def since(self, depth: int, name: str = "") -> Size:
        """How often this place is reached since a depth; bounded where a loop empties the name."""
        loops = [loop for loop in self._stack[depth:] if loop]
        if any(name in loop.emptied for loop in loops):
            return Size.PORTION
        return most(loop.size for loop in loops)


class Site:
    """Where the walk is, and what it found so far."""

    def __init__(self, modules: Modules, *, transaction: bool) -> None:
        self.modules = modules
        self.around = Surroundings(transaction=transaction)
        self.found: list[Finding] = []
        self._place = Location("")

    def at(self, place: Location) -> None:
        """Go to a place."""
        self._place = place

    def write(self, written: Written) -> None:
        """Rows are written here."""
        self.found.append(Writing(written, self.around.extent(written.size), self._place))

    def execute(self, text: Value) -> None:
        """SQL is executed here."""
        extents = tuple(map(self.around.extent, Size))
        self.found.append(Statement(text, extents, self._place))

    def doubt(self, reason: str, *, schema: bool = False) -> None:
        """Something here cannot be told."""
        self.found.append(Doubt(reason, self._place, schema))


def grown(found: Thing, added: Thing, size: Size) -> Thing:
    """A collection after something was put into it `size` times."""
    before, inner = element(found)
    return Many(most([before, size]), either([inner, added]))


def emptied(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Names that a loop makes empty, or cuts, each time it has dealt with what they hold."""
    found = set()
    for node in (inner for statement in body for inner in ast.walk(statement)):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.List(elts=[])
                | ast.Dict(keys=[])
                | ast.Call(func=ast.Name(id="list" | "dict" | "set"), args=[]),
            ):
                found.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="clear")):
                found.add(name)
            case ast.Delete(targets=[ast.Subscript(value=ast.Name(id=name))]):
                found.add(name)
    return frozenset(found)
