"""What all functions do with their arguments."""

from collections.abc import Callable
from typing import Any

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import UnresolvedError
from iact_guard.model.value import Entries, Items, Value, known, null

Arguments = list[Value]
Function = Callable[[Arguments], Value]


def sequence(arguments: Arguments) -> tuple[Value, ...]:
    """The elements of the first argument."""
    return to.items(arguments[0]).values


def certain(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Elements that are all known."""
    for value in values:
        if value.state == "unknown":
            raise UnresolvedError(value)
    return values


def strings(value: Value) -> list[str]:
    """The elements of a list as strings."""
    return [to.string(item) for item in to.items(value).values]


def listed(values: Any) -> Value:
    """A list."""
    return known(to.bounded(values))


def converted(convert: Callable[[Value], Any]) -> Callable[[Arguments], Value]:
    """A conversion; null stays null."""
    return lambda arguments: (
        null(arguments[0]) if arguments[0].nothing else known(convert(arguments[0]), arguments[0])
    )


def plain(value: Value) -> Any:
    """JSON of a value that is wholly known."""
    if value.nothing:
        return None
    content = to.resolved(value).content
    if isinstance(content, Items):
        return [plain(item) for item in content.values]
    if isinstance(content, Entries):
        return {key: plain(inner) for key, inner in sorted(to.closed(value).items())}
    return content


def of_json(data: Any) -> Value:
    """The value of plain JSON."""
    if data is None:
        return null()
    if isinstance(data, list):
        return listed(of_json(item) for item in data)
    if isinstance(data, dict):
        return known(Entries({str(key): of_json(item) for key, item in data.items()}))
    return known(to.tidy(data) if isinstance(data, float) else data)
