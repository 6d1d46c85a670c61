"""Replaces known values in texts, in time that does not grow with how many there are."""

import re
from collections import defaultdict
from collections.abc import Iterable

from iact_guard.model.regex import regex

FEW = 100
"""Up to so many, one regular expression is fastest; its time grows with each alternative."""
_NOWHERE = regex(r"(?!)")


class Known:
    """Values to be replaced; each has at least `shortest` characters."""

    def __init__(self, values: Iterable[str], mask: str, shortest: int) -> None:
        longest_first = sorted(set(values), key=lambda value: (-len(value), value))
        self._mask = mask
        self._shortest = shortest
        self._pattern: re.Pattern[str] | None = None
        self._starts: dict[str, list[str]] = defaultdict(list)
        self._possible = _NOWHERE
        """Where a value may begin, by the characters that the values begin with."""
        if len(longest_first) <= FEW:
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        else:
            for value in longest_first:
                self._starts[value[:shortest]].append(value)
            columns = map(set, zip(*self._starts, strict=False))
            self._possible = re.compile("".join(f"[{_escaped(column)}]" for column in columns))

    def masked(self, text: str) -> str:
        """The text with every value replaced, the longest first."""
        if self._pattern is not None:
            return self._pattern.sub(self._mask, text) if self._pattern.pattern else text
        parts: list[str] = []
        done = at = 0
        while match := self._possible.search(text, at):
            at = match.start()
            found = next(
                (
                    value
                    for value in self._starts.get(text[at : at + self._shortest], ())
                    if text.startswith(value, at)
                ),
                None,
            )
            if found is None:
                at += 1
                continue
            parts += [text[done:at], self._mask]
            done = at = at + len(found)
        return "".join([*parts, text[done:]])


def _escaped(characters: Iterable[str]) -> str:
    return "".join(map(re.escape, sorted(characters)))
