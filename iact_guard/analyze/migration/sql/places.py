"""Where a statement of a text stands in the file: a place on one line."""

from collections.abc import Iterable, Iterator

from iact_guard.model.location import Location
from iact_guard.syntax.sql.nodes import Statement
from iact_guard.syntax.text import Text

MAX_SEARCHED = 2_000_000
"""Characters of a file; a larger one is not searched."""
MAX_WORDS = 8
"""With which a statement is looked for."""


def places(
    source: Text, literal: Location, text: str, statements: Iterable[Statement]
) -> Iterator[Location]:
    """The first line of each statement, in order.

    A literal may have escapes in it, and be put together of several: the beginnings of statements
    are looked for one after the other. One that is not found stands where the one before it does.
    """
    begin = source.offset(literal.line, literal.column)
    end = source.offset(literal.end_line, literal.end_column)
    at, last = begin, _head(source, begin, end)
    for statement in statements:
        if len(source.text) < MAX_SEARCHED:
            for head in _heads(text, statement):
                position = source.text.find(head, at, end)
                if position >= 0:
                    last, at = _head(source, position, end), position + len(head)
                    break
        yield last


def _heads(text: str, statement: Statement) -> Iterator[str]:
    """The beginning of a statement, as far as a literal writes it alike, and shorter ones."""
    line = text[statement.start : min(statement.end, statement.start + 80)].partition("\n")[0]
    for character in "\\'\"%{}\t":
        line = line.partition(character)[0]
    words = line.split(" ")[:MAX_WORDS]
    for count in range(len(words), 0, -1):
        if head := " ".join(words[:count]).rstrip():
            yield head


def _head(source: Text, start: int, end: int) -> Location:
    line, column = source.position(start)
    width = min(len(source.line(line).rstrip()) + 1 - column, end - start)
    return Location(source.path, line, column, line, column + max(width, 1))
