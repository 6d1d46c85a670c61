"""Which lines of a file are new or different, against the same file before."""

from difflib import SequenceMatcher

from iact_guard.model.change import Changes
from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.tree import Tree

MAX_WORK = 4_000_000
"""Lines before times lines now, without what both begin and end with: beyond it all are changed."""


class ChangedLines:
    """Reads each file once, when somebody asks about it."""

    def __init__(self, before: Tree, now: Tree, changes: Changes) -> None:
        self._before = before
        self._now = now
        self._changes = changes
        self._known: dict[str, list[range]] = {}

    def touch(self, place: Location) -> bool:
        """Whether a place lies on a changed line."""
        if place.path not in self._known:
            old, new = self._changes.old_path(place.path), place.path
            self._known[place.path] = changed_lines(
                _lines(self._before, old), _lines(self._now, new)
            )
        last = max(place.end_line, place.line)
        return any(r.start <= last and place.line < r.stop for r in self._known[place.path])


def changed_lines(before: list[bytes], now: list[bytes]) -> list[range]:
    """Ranges of line numbers, from 1, of what is not as before.

    Where lines are gone, those on both sides of the gap count as changed.
    """
    start = 0
    while start < min(len(before), len(now)) and before[start] == now[start]:
        start += 1
    end = 0
    while end < min(len(before), len(now)) - start and before[-1 - end] == now[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], now[start : len(now) - end]
    if not old and not new:
        return []
    if len(old) * len(new) > MAX_WORK:
        return [range(start + 1, start + len(new) + 2)]
    found = []
    for tag, _, _, low, high in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "delete":
            found.append(range(max(start + low, 1), start + low + 2))
        elif tag != "equal":
            found.append(range(start + low + 1, start + high + 1))
    return found


def _lines(tree: Tree, path: str) -> list[bytes]:
    try:
        return tree.read(path).splitlines()
    except UnreadableError:
        return []
