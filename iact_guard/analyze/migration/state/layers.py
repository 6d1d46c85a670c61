"""A dictionary that is cheap to copy: thousands of operations each make a state of their own."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MAX_TOP = 200
"""Changes that a copy takes along one by one; more of them are merged once for all copies."""


class _Gone:
    """Stands for a key that was there before."""


_GONE = _Gone()


class Layered(MutableMapping[K, V], Generic[K, V]):
    """A large part that copies share and nobody changes, and the changes since then."""

    __slots__ = ("_count", "_shared", "_top")

    def __init__(self, entries: Mapping[K, V] | None = None) -> None:
        self._shared: Mapping[K, V] = entries if entries is not None else {}
        self._top: dict[K, V | _Gone] = {}
        self._count = len(self._shared)

    def copy(self) -> "Layered[K, V]":
        """Another one with the same entries; either may be changed, the other stays."""
        if len(self._top) > MAX_TOP:
            self._shared, self._top = self._merged(), {}
        other: Layered[K, V] = Layered(self._shared)
        other._top, other._count = dict(self._top), self._count
        return other

    def _merged(self) -> dict[K, V]:
        merged = dict(self._shared)
        for key, value in self._top.items():
            if isinstance(value, _Gone):
                merged.pop(key, None)
            else:
                merged[key] = value
        return merged

    def __getitem__(self, key: K) -> V:
        if key not in self._top:
            return self._shared[key]
        value = self._top[key]
        if isinstance(value, _Gone):
            raise KeyError(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._count += key not in self
        self._top[key] = value

    def __delitem__(self, key: K) -> None:
        self[key]  # raises where there is nothing
        self._top[key] = _GONE
        self._count -= 1

    def __iter__(self) -> Iterator[K]:
        """Keys in the order in which they came."""
        return iter(self._merged() if self._top else self._shared)

    def __len__(self) -> int:
        return self._count
