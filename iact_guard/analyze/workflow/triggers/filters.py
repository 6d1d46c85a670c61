"""GitHub's filter patterns: `branches`, `tags` and `paths` of a trigger.

As its documentation has them ("Filter pattern cheat sheet"): `*` stays within a folder, `**` does
not, `?` and `+` repeat what stands before them, `[]` lists characters, `!` at the beginning takes
back what a pattern before it took in. A pattern covers the whole name, from the root.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from iact_guard.model.records import dataclass

MAX_PATTERN = 1_000
"""Characters of one pattern."""
_ANY = frozenset[str]()
"""Characters of a token that takes every one."""


@dataclass(frozen=True, slots=True)
class _Token:
    """One character of a kind; `skips` is how far one may go on without it, 0 for not at all."""

    chars: frozenset[str]
    inverse: bool = False
    """Every character but these."""
    loops: bool = False
    skips: int = 0

    def takes(self, char: str) -> bool:
        return (char in self.chars) is not self.inverse


_ALL = _Token(_ANY, inverse=True, loops=True, skips=1)
_WITHIN = _Token(frozenset("/"), inverse=True, loops=True, skips=1)


class Pattern:
    """A pattern without its `!`, ready to be held against names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = _tokens(text)
        self._chunks = _chunks(text)
        self._begins = self._chunks[0] if self._chunks and text.startswith(self._chunks[0]) else ""
        self._masks: dict[str, int] = {}
        self._loops = sum(1 << i for i, token in enumerate(self._tokens) if token.loops)
        self._skips = [(i, i + t.skips) for i, t in enumerate(self._tokens) if t.skips]

    def covers(self, name: str) -> bool:
        """Whether it takes in a name, wholly."""
        if not name.startswith(self._begins) or not all(each in name for each in self._chunks):
            return False
        # A bit a place in the pattern: all places that the name so far can have come to.
        states = self._onwards(1)
        for char in name:
            moved = states & self._mask(char)
            states = self._onwards((moved & self._loops) | ((moved & ~self._loops) << 1))
            if not states:
                return False
        return bool(states >> len(self._tokens) & 1)

    def _mask(self, char: str) -> int:
        if char not in self._masks:
            takes = (1 << i for i, token in enumerate(self._tokens) if token.takes(char))
            self._masks[char] = sum(takes)
        return self._masks[char]

    def _onwards(self, states: int) -> int:
        for start, end in self._skips:
            if states >> start & 1:
                states |= 1 << end
        return states


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    index = 0
    while index < len(text):
        char = text[index]
        last = tokens[-1] if tokens else None
        if text.startswith("**", index):
            at_start = not index or tokens[-1:] == [_Token(frozenset("/"))]
            index += 2
            while text.startswith("*", index):
                index += 1
            if text.startswith("/", index) and at_start:  # `**/x` is also `x`
                tokens += [_Token(_ANY, inverse=True, skips=3), _ALL, _Token(frozenset("/"))]
                index += 1
            else:
                tokens.append(_ALL)
            continue
        if char == "*":
            tokens.append(_WITHIN)
        elif char == "?" and last and not last.loops:
            tokens[-1] = _Token(last.chars, last.inverse, skips=1)
        elif char == "+" and last and not last.loops:
            tokens.append(_Token(last.chars, last.inverse, loops=True, skips=1))
        elif char == "[" and "]" in text[index + 2 :]:
            end = text.index("]", index + 2)
            tokens.append(_Token(_listed(text[index + 1 : end])))
            index = end
        elif char == "\\" and index + 1 < len(text):
            index += 1
            tokens.append(_Token(frozenset(text[index])))
        elif char not in "?+":
            tokens.append(_Token(frozenset(char)))
        index += 1
    return tokens


def _listed(text: str) -> frozenset[str]:
    """The characters of a list, ranges such as `0-9` filled in."""
    found: set[str] = set()
    index = 0
    while index < len(text):
        if text[index + 1 : index + 2] == "-" and index + 2 < len(text):
            first, last = ord(text[index]), ord(text[index + 2])
            found.update(map(chr, range(first, min(last, first + 200) + 1)))
            index += 3
        else:
            found.add(text[index])
            index += 1
    return frozenset(found)


def _chunks(text: str) -> list[str]:
    """Stretches that every name must hold, in order; none where that is not easy to tell."""
    if any(char in text for char in "?+[\\"):
        return []
    # A slash beside `**` may stand for nothing.
    return [chunk for chunk in text.replace("/**/", "**").replace("**/", "**").split("*") if chunk]


@lru_cache(4096)
def pattern(text: str) -> Pattern | None:
    """A pattern without its `!`; None where it is too long to be judged."""
    return Pattern(text) if len(text) <= MAX_PATTERN else None


def selects(patterns: Sequence[str], name: str) -> bool:
    """Whether a list of patterns takes in a name: the last one that speaks of it decides."""
    found = False
    for text in patterns:
        negated = text.startswith("!")
        if found is not negated:
            continue  # it could only say what holds already
        known = pattern(text.removeprefix("!"))
        if known is None or known.covers(name):
            found = not negated
    return found


def lets_through(
    wanted: Sequence[str] | None, ignored: Sequence[str] | None, names: Iterable[str]
) -> bool:
    """Whether a filter and its `-ignore` let one of the names through; None is no filter."""
    return any(
        (wanted is None or selects(wanted, name)) and not (ignored and selects(ignored, name))
        for name in names
    )
