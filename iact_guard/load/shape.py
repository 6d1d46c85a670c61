"""Whether YAML has the shape that GitHub takes. A wrong shape is a problem, a strange key a remark.

GitHub refuses unknown keys too, but adds keys every few months: refusing what is new would break
the checks of whoever uses it first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Union

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.source import Problem
from iact_guard.syntax import yaml

Shape = Union["Leaf", "Keys", "Each"]
_SHORT = 200
_EXPRESSION = regex(r"\s*\$\{\{.*\}\}\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without keys of its own.

    `kinds` names what GitHub takes: `null`, `text` (also numbers and booleans), `word` (a text
    that is not empty), `flag`, `number`, `list`, `map` (of scalars), `expression`, `any`.
    """

    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping with known keys; `or_else` tells what may stand there instead of it."""

    known: Mapping[str, Shape]
    or_else: Leaf


@dataclass(frozen=True, slots=True)
class Each:
    """A mapping with names of the author's, or a list: every value of it has one shape."""

    of: Shape
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit; `refused` is False for a key that is merely unknown."""

    location: Location
    message: str
    refused: bool = True


def leaf(*kinds: str) -> Leaf:
    """A leaf of these kinds."""
    return Leaf(frozenset(kinds))


def keys(known: Mapping[str, Shape], *or_else: str) -> Keys:
    """A mapping with known keys, or one of the kinds."""
    return Keys(known, leaf(*or_else))


Seen = set[tuple[int, int]]
"""Nodes that were held against a shape: an alias is the same node, however often it stands."""


def misfits(node: yaml.Node, shape: Shape, what: str, seen: Seen) -> Iterator[Misfit]:
    """Where a node differs from a shape; `what` names it for the message."""
    key = (id(node), id(shape))
    if key in seen:
        return
    seen.add(key)
    if isinstance(shape, Leaf):
        if not _fits(node, shape):
            yield _wrong(node, what, shape)
    elif isinstance(shape, Keys):
        if not isinstance(node, yaml.Mapping):
            if not _fits(node, shape.or_else):
                yield _wrong(node, what, shape.or_else)
            return
        for entry in node.entries:
            inner = shape.known.get(entry.key.text)
            if inner is not None:
                if _plainly(entry.value, inner):
                    continue
                yield from misfits(entry.value, inner, f"`{entry.key.text}`", seen)
            elif entry.key.text != "<<":
                message = f"the key `{entry.key.text}` is not known in {what}"
                yield Misfit(entry.key.location, message, refused=False)
    else:
        yield from _each(node, shape, what, seen)


def _each(node: yaml.Node, shape: Each, what: str, seen: Seen) -> Iterator[Misfit]:
    expected = yaml.Sequence if shape.listed else yaml.Mapping
    if not isinstance(node, expected):
        kind = "a list" if shape.listed else "a mapping"
        yield Misfit(node.location, f"GitHub refuses {what} that is not {kind}")
    elif isinstance(node, yaml.Sequence):
        for item in node.items:
            if _plainly(item, shape.of):
                continue
            yield from misfits(item, shape.of, f"an item of {what}", seen)
    elif isinstance(node, yaml.Mapping):
        for entry in node.entries:
            if _plainly(entry.value, shape.of):
                continue
            yield from misfits(entry.value, shape.of, f"`{entry.key.text}`", seen)


def _plainly(node: yaml.Node, shape: Shape) -> bool:
    """Whether a scalar is what is expected, as nearly always, and that is told at once."""
    if not isinstance(shape, Leaf) or not isinstance(node, yaml.Scalar):
        return False
    return "text" in shape.kinds or (len(node.text) < _SHORT and _fits(node, shape))


def _fits(node: yaml.Node, shape: Leaf) -> bool:
    kinds = shape.kinds
    if "any" in kinds:
        return True
    if isinstance(node, yaml.Sequence):
        return "list" in kinds
    if isinstance(node, yaml.Mapping):
        scalars = all(isinstance(entry.value, yaml.Scalar) for entry in node.entries)
        return "map" in kinds and scalars
    if "text" in kinds:
        return True
    if "${{" in node.text and _EXPRESSION.fullmatch(node.text):
        return bool(kinds & {"expression", "flag", "number"})
    value = node.value
    if value is None:
        return "null" in kinds
    if "word" in kinds and node.text:
        return True
    if isinstance(value, bool):
        return "flag" in kinds
    return isinstance(value, int | float) and "number" in kinds


_NAMES = {
    "null": "nothing", "text": "a text", "word": "a text", "flag": "true or false",
    "number": "a number", "list": "a list", "map": "a mapping of texts",
    "expression": "an expression",
}  # fmt: skip


def _wrong(node: yaml.Node, what: str, shape: Leaf) -> Misfit:
    wanted = " or ".join(dict.fromkeys(_NAMES[kind] for kind in sorted(shape.kinds))) or "a mapping"
    return Misfit(node.location, f"GitHub refuses {what}: {wanted} is expected")


def as_problems(found: Iterable[Misfit]) -> tuple[list[Problem], list[Problem]]:
    """Misfits as problems: those that GitHub refuses, and remarks."""
    refused: list[Problem] = []
    remarks: list[Problem] = []
    for misfit in found:
        (refused if misfit.refused else remarks).append(Problem(misfit.location, misfit.message))
    return refused, remarks
