"""What functions of Python and of Django give that rows may come through."""

import sys

from iact_guard.analyze.migration.code.sizes import Size, most
from iact_guard.analyze.migration.code.values import (
    FIXED,
    UNSURE,
    Apps,
    Connection,
    Entity,
    Many,
    Named,
    Null,
    Pair,
    Plain,
    Rows,
    Text,
    Thing,
    either,
    element,
)

ATOMIC = frozenset({
    "django.db.transaction.atomic", "django.db.transaction.commit_on_success",
    "django.db.transaction.commit_manually", "django.db.transaction.Atomic",
})  # fmt: skip
COMMANDS = frozenset({
    "django.core.management.call_command", "django.core.management.base.call_command",
})  # fmt: skip
REGISTRY = "django.apps.apps"
CONNECTION = "django.db.connection"
CONNECTIONS = "django.db.connections"

_SAME = frozenset({
    "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "aiter", "tqdm",
    "tqdm.tqdm", "tqdm.auto.tqdm", "copy.copy", "copy.deepcopy", "filter", "dict",
    "collections.OrderedDict", "collections.deque", "itertools.cycle", "rich.progress.track",
})  # fmt: skip
_PORTIONS = ("chunk", "batch", "slice", "paginat", "grouper")
_QUIET_CALLS = frozenset({"mptt.register", "pgtrigger.ignore", "reversion.register"})
_QUIET = ("django.", "builtins.", "logging.", "rest_framework.")


def result(name: str, given: tuple[Thing, ...]) -> Thing | None:
    """What a call gives; None for a function of which nothing is known."""
    short = name.removeprefix("builtins.")
    first = given[0] if given else FIXED
    match short:
        case "enumerate":
            size, inner = element(first)
            return Many(size, Pair((FIXED, inner)))
        case "zip" | "itertools.zip_longest" | "itertools.product":
            parts = [element(thing) for thing in given]
            size = most(size for size, _ in parts)
            return Many(size, Pair(tuple(inner for _, inner in parts)))
        case "next" | "min" | "max" | "random.choice":
            return element(first)[1] if isinstance(first, Rows | Many | Pair) else FIXED
        case "itertools.chain" | "itertools.chain.from_iterable":
            return either(list(given))
        case "range":
            return Plain(_rounds(given))
        case "len" | "sum":
            return Plain(element(first)[0])
        case "itertools.islice":
            return part(first)
        case "django.core.paginator.Paginator" | "more_itertools.chunked" | "itertools.batched":
            return Many(element(first)[0], part(first))
        case "django.contrib.auth.get_user_model":
            return Entity(live=True)
        case "collections.defaultdict" | "collections.Counter":
            return Many(element(first)[0] if given else Size.FIXED, FIXED)
    if short in _SAME:
        return first
    last = short.rpartition(".")[2].lower()
    if any(word in last for word in _PORTIONS) and isinstance(first, Rows | Many):
        return Many(element(first)[0], part(first))
    return None


def writes_nothing(name: str) -> bool:
    """Whether a function is known to leave the database alone, whatever it is given."""
    if name in _QUIET_CALLS:
        return True
    return name.startswith(_QUIET) or name.partition(".")[0] in sys.stdlib_module_names


def computed(given: tuple[Thing, ...]) -> Thing:
    """What a function makes of what it is given: of constants and files as much as they hold."""
    return FIXED if all(_is_fixed(thing) for thing in given) else UNSURE


def _is_fixed(thing: Thing) -> bool:
    match thing:
        case Text() | Null() | Named() | Entity():
            return True
        case Pair(parts=parts):
            return all(map(_is_fixed, parts))
        case Plain(size=size) | Many(size=size):
            return size is Size.FIXED
    return False


def imported(name: str) -> Thing | None:
    """What a name of another module stands for; None for a function or a constant."""
    if name == REGISTRY:
        return Apps(live=True)
    if name == CONNECTION:
        return Connection()
    parts = name.split(".")
    if "models" in parts[1:-1] and parts[-1][:1].isupper() and parts[:2] != ["django", "db"]:
        label = parts[parts.index("models", 1) - 1]
        return Entity(label, parts[-1], live=True, origin=name)
    return None


def part(thing: Thing) -> Thing:
    """A bounded part of a collection."""
    match thing:
        case Rows(entity=entity, size=size):
            return Rows(entity, min(size, Size.PORTION))
        case Many(size=size, element=inner):
            return Many(min(size, Size.PORTION), inner)
    return Plain(Size.PORTION)


def _rounds(given: tuple[Thing, ...]) -> Size:
    if len(given) > 2:
        return Size.MANY  # portion by portion, through all there is
    return most(thing.size for thing in given if isinstance(thing, Plain))
