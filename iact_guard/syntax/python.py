"""Python to `ast` nodes with positions in code points, and refusals with their place.

The standard library's parser is the judge of what Python is: the one of the interpreter that runs
this. A file of a newer Python is refused, and the reason says by which version, and what to do.
"""

import ast
import sys
import warnings
from typing import Protocol

from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

MAX_TOKENS = 600_000
"""Above it a file is refused: a node takes up to a kilobyte, and a name is two of them."""
_TOKEN = regex(r"\w+|[^\w\s]")

NEWEST = (3, 14)
"""The last Python whose grammar was looked at: an older one may refuse what is valid."""
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

# What the parser says may quote the file: only phrases that are known to be its own are passed on.
_PHRASES = (
    "unterminated triple-quoted string literal",
    "unterminated f-string literal",
    "unterminated string literal",
    "unindent does not match any outer indentation level",
    "unexpected indent",
    "expected an indented block",
    "inconsistent use of tabs and spaces in indentation",
    "too many nested parentheses",
    "too many levels of indentation",
    "was never closed",
    "does not match opening parenthesis",
    "unmatched",
    "Missing parentheses in call",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer literals",
    "invalid non-printable character",
    "invalid character",
    "unicode error",
    "f-string",
    "forgot a comma",
    "unexpected character after line continuation character",
)
_SHOWN = {
    "was never closed": "a bracket was never closed",
    "unmatched": "an unmatched closing bracket",
    "does not match opening parenthesis": "a closing bracket that does not match the opening one",
    "Missing parentheses in call": "a call without parentheses, as in Python 2",
    "unicode error": "an escape in a string that is no character",
    "f-string": "a broken f-string",
    "forgot a comma": "invalid syntax, perhaps a missing comma",
}
# What no newer Python takes either.
_WRONG_ANYWHERE = frozenset({
    "unindent does not match any outer indentation level", "unexpected indent",
    "expected an indented block", "inconsistent use of tabs and spaces in indentation",
    "too many levels of indentation", "Missing parentheses in call",
    "leading zeros in decimal integer literals", "unicode error",
})  # fmt: skip


class Positioned(Protocol):
    """A node of `ast` with a region: expressions, statements, arguments, keywords, aliases."""

    lineno: int
    col_offset: int
    end_lineno: int | None
    end_col_offset: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A parsed file. Nodes of `tree` count columns in bytes of UTF-8; `location` corrects that.

    The tree may be nested some thousand levels deep (a chain of attributes or operators): walk it
    with `ast.walk`, which does not recurse, or carry a bound on the depth.
    """

    source: Text
    tree: ast.Module

    @property
    def path(self) -> str:
        """Of the file."""
        return self.source.path

    def location(self, node: Positioned) -> Location:
        """Where a node stands."""
        if self.source.is_ascii and node.end_lineno is not None and node.end_col_offset is not None:
            return Location(
                self.source.path,
                node.lineno,
                node.col_offset + 1,
                node.end_lineno,
                node.end_col_offset + 1,
            )
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        return Location(
            self.source.path,
            node.lineno,
            self._column(node.lineno, node.col_offset),
            end_line,
            self._column(end_line, end),
        )

    def head(self, node: Positioned) -> Location:
        """Where the part of a node on its first line stands."""
        place = self.location(node)
        if place.end_line == place.line:
            return place
        end = len(self.source.line(place.line).rstrip()) + 1
        return Location(
            place.path, place.line, place.column, place.line, max(end, place.column + 1)
        )

    def _column(self, line: int, offset: int) -> int:
        start = self.source.starts[line - 1] if line <= len(self.source.starts) else 0
        # No character takes less than a byte: what is before the column lies within that slice.
        before = self.source.text[start : start + offset].encode()[:offset]
        return len(before.decode(errors="ignore")) + 1


def parse(source: Text) -> Module:
    """Parse a file; UnreadableError with line and column where it is not Python."""
    if len(source.text) > MAX_TOKENS:
        # Counting is dear: only where the length alone does not settle it.
        tokens = sum(1 for _ in _TOKEN.finditer(source.text))
        if tokens > MAX_TOKENS:
            reason = f"too large: {tokens:,} tokens, {MAX_TOKENS:,} are the limit"
            raise UnreadableError(Location(source.path), reason)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes and the like: not ours to report
            return Module(source, ast.parse(source.text))
    except SyntaxError as error:
        raise _refusal(_place(source, error), error.msg or "") from None
    except (RecursionError, MemoryError):
        reason = f"nested too deeply for the parser of Python {VERSION}"
        raise UnreadableError(Location(source.path), reason) from None
    except ValueError:
        reason = f"not Python (read with {VERSION}): a character that is not allowed"
        raise UnreadableError(Location(source.path), reason) from None


def _refusal(place: Location, message: str) -> UnreadableError:
    """What the parser said, and whether another Python might read it."""
    phrase = next((phrase for phrase in _PHRASES if phrase in message), "invalid syntax")
    said = _SHOWN.get(phrase, phrase)
    if sys.version_info >= NEWEST or phrase in _WRONG_ANYWHERE:
        return UnreadableError(place, f"not Python (read with {VERSION}): {said}")
    return UnreadableError(
        place,
        f"cannot be read with Python {VERSION}: {said}; if it is written for a newer Python, run"
        " iact-guard with that one",
        "Run iact-guard with the Python that the file is written for, or mend the file.",
    )


def _place(source: Text, error: SyntaxError) -> Location:
    line = min(max(error.lineno or 1, 1), len(source.starts))
    column = min(max(error.offset or 1, 1), len(source.line(line)) + 1)
    return Location(source.path, line, column)
