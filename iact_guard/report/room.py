"""How much of something fits into what a service takes."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def size(lines: Iterable[str]) -> int:
    """Bytes of some lines."""
    return sum(len(line.encode()) + 1 for line in lines)


def taken(items: Sequence[T], room: int, block: Callable[[T], list[str]]) -> list[list[str]]:
    """The blocks of lines of the first items, as many as there is room for."""
    blocks = []
    for item in items:
        lines = block(item)
        room -= size(lines)
        if room < 0:
            break
        blocks.append(lines)
    return blocks
