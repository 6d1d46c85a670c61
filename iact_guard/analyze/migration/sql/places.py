"""Where a statement of a text stands in the file: a place on one line."""

from iact_guard.model.location import Location
from iact_guard.syntax.text import Text

MAX_SEARCHED = 2_000_000
"""Characters of a file; a larger one is not searched."""


def places(source: Text, literal: Location, text: str, starts: list[int]) -> list[Location]:
    """The first line of each statement, for the offsets at which they start, in order.

    A literal may have escapes in it, and be put together of several: the beginnings of statements
    are looked for one after the other. One that is not found stands where the one before it does.
    """
    begin = source.offset(literal.line, literal.column)
    end = source.offset(literal.end_line, literal.end_column)
    found: list[Location] = []
    at, last = begin, _head(source, begin, end)
    for start in starts:
        head = _first_words(text, start)
        searched = bool(head) and len(source.text) < MAX_SEARCHED
        position = source.text.find(head, at, end) if searched else -1
        if position >= 0:
            last, at = _head(source, position, end), position + len(head)
        found.append(last)
    return found


def _first_words(text: str, start: int) -> str:
    """The beginning of a statement up to what a literal may write otherwise."""
    line = text[start : start + 60].partition("\n")[0]
    for character in "\\'\"%{}\t":
        line = line.partition(character)[0]
    return line.rstrip()


def _head(source: Text, start: int, end: int) -> Location:
    line, column = source.position(start)
    width = min(len(source.line(line).rstrip()) + 1 - column, end - start)
    return Location(source.path, line, column, line, column + max(width, 1))
