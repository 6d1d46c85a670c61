"""Resources and nested blocks as they come to be: `count`, `for_each` and `dynamic` unrolled."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import UnresolvedError
from iact_guard.analyze.terraform.expressions import Bound, Scope, evaluate, pairs
from iact_guard.model.hcl import Block, Body
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.value import ABSENT, Entries, Value, known, unknown

if TYPE_CHECKING:
    from iact_guard.analyze.terraform.modules import ModuleInstance

MAX_INSTANCES = 200
_MORE = f"there are more than {MAX_INSTANCES}"
SOME = "[*]"
"""The key of an instance that stands for those which the files do not tell."""
META = frozenset({"count", "for_each", "provider", "providers", "depends_on", "source", "version"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "timeouts", "dynamic"})


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of `count` or `for_each`."""

    key: str
    """`[0]`, `["a"]`, `[*]`; empty for a block without either."""
    names: dict[str, Value]
    reason: str = ""
    """Why it stands for turns that are not known."""


def turns(body: Body, scope: Scope) -> Iterator[Turn]:
    """Every turn of a resource or a module call."""
    count, each = body.get("count"), body.get("for_each")
    if count:
        value = evaluate(count.expression, scope)
        yield from _counted(value)
    elif each:
        value = evaluate(each.expression, scope)
        yield from _each(value)
    else:
        yield Turn("", {})


def _counted(value: Value) -> Iterator[Turn]:
    try:
        number = int(to.numeric(value))
    except UnresolvedError as error:
        reason = f"how many there are is not known: {error.value.reason}"
        yield Turn(SOME, {"count": _entries(index=unknown(reason, value))}, reason)
        return
    for index in range(min(number, MAX_INSTANCES)):
        yield Turn(f"[{index}]", {"count": _entries(index=known(index))})
    if number > MAX_INSTANCES:
        more = unknown(_MORE, value)
        yield Turn(SOME, {"count": _entries(index=more)}, _MORE)


def _each(value: Value) -> Iterator[Turn]:
    others = value.content.others if isinstance(value.content, Entries) else ""
    try:
        found = list(pairs(value))
    except UnresolvedError as error:
        found, others = [], error.value.reason
    if len(found) > MAX_INSTANCES:
        others = _MORE
    for number, (key, element) in enumerate(found[:MAX_INSTANCES]):
        if key.state == "unknown":
            others = others or key.reason
        else:
            # A dynamic block may turn over a set of objects, which name nothing.
            named = isinstance(key.content, str | int | float)
            name = json.dumps(to.string(key) if named else str(number), ensure_ascii=False)
            yield Turn(f"[{name}]", {"each": _entries(key=key, value=element)})
    if others:
        reason = f"which there are is not known: {others}"
        missing = unknown(reason, value)
        yield Turn(SOME, {"each": _entries(key=missing, value=missing)}, reason)


def _entries(**values: Value) -> Value:
    return known(Entries(values))


@dataclass(frozen=True, slots=True, eq=False)
class Nested:
    """A body with the names that hold in it."""

    body: Body
    scope: Scope
    location: Location
    reason: str = ""
    """Why it stands for blocks that are not known."""

    def attribute(self, name: str, says: str = "") -> Value:
        """The value of an attribute, absent where none is written; `says` is its evidence."""
        attribute = self.body.get(name)
        if attribute is None:
            return ABSENT
        value = evaluate(attribute.expression, self.scope)
        return value.behind(Evidence(attribute.location, says or f"{name} is set here"))

    def blocks(self, type: str) -> tuple["Nested", ...]:
        """Nested blocks of a type, dynamic ones unrolled."""
        return tuple(nested for kind, nested in self.all_blocks() if kind == type)

    def all_blocks(self) -> Iterator[tuple[str, "Nested"]]:
        """Every nested block with its type."""
        for block in self.body.blocks:
            if block.type == "dynamic" and block.labels:
                for nested in _dynamic(block, self.scope):
                    yield block.labels[0], nested
            else:
                yield block.type, Nested(block.body, self.scope, block.header)


def _dynamic(block: Block, scope: Scope) -> Iterator[Nested]:
    content = next(iter(block.body.all("content")), None)
    if content is None or block.body.get("for_each") is None:
        return
    named = block.body.get("iterator")
    name = getattr(named.expression, "name", "") if named else block.labels[0]
    for turn in turns(block.body, scope):
        inner = Bound(scope, {name: turn.names["each"]})
        yield Nested(content.body, inner, block.header, turn.reason)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One instance of a resource or a data source."""

    address: str
    type: str
    name: str
    data: bool
    block: Block
    module: "ModuleInstance"
    scope: Scope
    reason: str = ""
    """Why it stands for instances that are not known."""

    @property
    def location(self) -> Location:
        """Its header."""
        return self.block.header

    @property
    def nested(self) -> Nested:
        """Its body."""
        return Nested(self.block.body, self.scope, self.block.header, self.reason)

    def attribute(self, name: str) -> Value:
        """The value of an attribute, absent where none is written."""
        return self.nested.attribute(name)

    def blocks(self, type: str) -> tuple[Nested, ...]:
        """Nested blocks of a type."""
        return self.nested.blocks(type)
