"""Patterns of an owners file: those of `.gitignore`, as GitHub reads them.

The differences: `docs/*` is the files of that folder and nothing below them; there is neither
negation nor a character range; case counts. Matching takes no more than the product of both
lengths, whatever the pattern: no regular expression is built of it.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from iact_guard.model.records import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, taken apart."""

    segments: tuple[str, ...]
    """From the root on; `**` stands for any number of folders."""
    below: bool
    """It means what lies below a folder of that name, not a file."""
    exact: bool
    """It ends in `*` after a slash: the files of a folder, and nothing below them."""

    def matches(self, path: str) -> bool:
        """Whether a file, by its path from the root, is meant."""
        parts = path.split("/")
        if not self.segments:
            return False
        first = self.segments[0]
        if first != "**" and not _segment(first, parts[0]):
            return False
        if self.exact:
            return _whole(self.segments, parts)
        # A folder that matches gives all that is below it.
        shortest = 1
        longest = len(parts) - 1 if self.below else len(parts)
        return any(
            _whole(self.segments, parts[:length]) for length in range(longest, shortest - 1, -1)
        )


@lru_cache(maxsize=16384)
def compiled(pattern: str) -> Pattern:
    """A pattern of an owners file."""
    text = re.sub(r"\*{3,}", "**", re.sub(r"\\(.)", r"\1", pattern))
    below = text.endswith("/")
    inner = text.strip("/") if text != "/" else ""
    segments = [part for part in inner.split("/") if part]
    if not segments:
        return Pattern((), below, exact=False)
    anchored = text.startswith("/") or len(segments) > 1
    exact = anchored and segments[-1] == "*" and not below
    if not anchored:
        segments.insert(0, "**")
    if segments[-1] == "**" and not below:
        segments.append("*")
    return Pattern(tuple(segments), below, exact)


def _whole(segments: Sequence[str], parts: Sequence[str]) -> bool:
    return _glob(segments, parts, lambda segment: segment == "**", _segment)


def _segment(pattern: str, name: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern == name
    if len(pattern) - pattern.count("*") > len(name):
        return False
    return _glob(pattern, name, lambda c: c == "*", lambda c, other: c in ("?", other))


def _glob(
    pattern: Sequence[T],
    items: Sequence[T],
    is_any: Callable[[T], bool],
    fits: Callable[[T, T], bool],
) -> bool:
    """Whether a pattern with elements that stand for any run matches the whole."""
    at = back_at = 0
    index, back = 0, -1
    while at < len(items):
        if index < len(pattern) and is_any(pattern[index]):
            back, back_at = index, at
            index += 1
        elif index < len(pattern) and fits(pattern[index], items[at]):
            index += 1
            at += 1
        elif back >= 0:
            back_at += 1
            at, index = back_at, back + 1
        else:
            return False
    return all(map(is_any, pattern[index:]))
