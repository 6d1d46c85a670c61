"""`.env` files to assignments with exact positions; a line that assigns nothing is left out."""

import re
from collections.abc import Iterator

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

_NAME = regex(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*", re.MULTILINE)
_SINGLE = regex(r"'([^']*)'")
_DOUBLE = regex(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_BARE = regex(r"(?:(?![ \t]+#)[^\r\n])*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = regex(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME=value`; the location is the value's, its quotes left out."""

    name: str
    value: str
    location: Location
    expands: bool
    """Whether `$OTHER` within it is replaced: not in single quotes."""


def parse(source: Text) -> Iterator[Assignment]:
    """Yield the assignments in order; a quoted value may go over several lines."""
    position = 0
    while match := _NAME.search(source.text, position):
        start = match.end()
        quote = source.text[start : start + 1]
        quoted = {"'": _SINGLE, '"': _DOUBLE}.get(quote)
        found = quoted.match(source.text, start) if quoted else None
        if found:
            first, last = found.span(1)
            value = found[1]
            if quote == '"':
                value = _ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[1]), value)
        else:
            bare = _BARE.match(source.text, start)
            first, last = start, bare.end() if bare else start
            value = source.text[first:last].rstrip()
            last = first + len(value)
        yield Assignment(match[1], value, source.location(first, last), quote != "'")
        position = max(last, start)
