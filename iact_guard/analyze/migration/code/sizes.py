"""How many: a number that the code fixes, a portion, what nobody knows, or as many as there are."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Literal

Extent = Literal["row", "batches", "all", "unknown"]


class Size(IntEnum):
    """From the fewest to the most; what two of them make together is the greater one."""

    FIXED = 0
    """One, or as many as the code itself lists."""
    PORTION = 1
    """Bounded: a slice, a range of keys, the rows that belong to one other row."""
    UNKNOWN = 2
    MANY = 3
    """As many as the table holds."""


def most(sizes: Iterable[Size]) -> Size:
    """What several sizes make together."""
    return max(sizes, default=Size.FIXED)


def extent(once: Size, within: Iterable[Size], around: Iterable[Size]) -> Extent:
    """What a statement comes to that writes `once` rows.

    `within` are the loops inside its transaction, `around` those that start a new one each time.
    """
    at_once = most([once, *within])
    if at_once is Size.MANY:
        return "all"
    if at_once is Size.UNKNOWN:
        return "unknown"
    return "row" if most(around) <= Size.PORTION else "batches"
