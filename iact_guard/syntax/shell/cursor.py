"""A position in a script, and what moves it over blanks, comments and here documents."""

import re

from iact_guard.model.regex import regex
from iact_guard.syntax.expression import Part, parts

MAX_DEPTH = 50
MAX_LENGTH = 100_000
_FILLER = "\ue000"
_BLANKS = regex(r"(?:[ \t]|\\\n)*(?:#[^\n]*)?")
_NEWLINE = regex(r"(?:\\[\s\S]|[^\\\n])*\n")


class ShellError(Exception):
    """The shell would refuse the script here, or it is beyond our bounds."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class Cursor:
    """The text with its placeholders masked, and where the parser stands in it."""

    def __init__(self, text: str) -> None:
        found = parts(text)
        self.placeholders = tuple(part for part in found if part.is_expression)
        self.text = _masked(text, found) if self.placeholders else text
        self.position = 0
        self.end = len(text)
        self.depth = 0
        self._newline: int | None = None
        self._resume = 0

    def at(self, offset: int = 0) -> str:
        """The character there; empty beyond the end."""
        place = self.position + offset
        return self.text[place] if place < self.end else ""

    def sees(self, text: str) -> bool:
        """Whether the text stands here."""
        return self.text.startswith(text, self.position, self.end)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """A pattern at the position."""
        return pattern.match(self.text, self.position, self.end)

    def expect(self, text: str) -> None:
        """Step over a text that must stand here."""
        if not self.sees(text):
            raise self.error(f"`{text}` is missing")
        self.position += len(text)

    def error(self, reason: str) -> ShellError:
        """An error at the position."""
        return ShellError(self.position, reason)

    def descend(self) -> None:
        """One level deeper; the caller comes up again by `depth -= 1`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} levels deep")

    def blanks(self) -> None:
        """Step over blanks, continued lines and a comment."""
        if self.position < self.end and self.text[self.position] in " \t\\#":
            match = self.match(_BLANKS)
            self.position = match.end() if match else self.position

    def newline(self) -> bool:
        """Step over the end of a line, and over the here documents that begin there."""
        if self.at() != "\n":
            return False
        if self._newline is None:
            self.position += 1
            return True
        if self._newline != self.position:
            raise self.error("a here document begins within a text of several lines")
        self.position, self._newline = self._resume, None
        return True

    def newlines(self) -> None:
        """Step over everything up to the next token."""
        self.blanks()
        while self.newline():
            self.blanks()

    def heredoc(self, delimiter: str, *, tabs: bool) -> tuple[int, int, bool]:
        """The region of the next here document's body, and whether it is closed."""
        if self._newline is None:
            match = self.match(_NEWLINE)
            self._newline = match.end() - 1 if match else self.end
            self._resume = match.end() if match else self.end
        start = line = self._resume
        while line < self.end:
            stop = self.text.find("\n", line, self.end)
            stop = self.end if stop < 0 else stop
            content = self.text[line:stop]
            if (content.lstrip("\t") if tabs else content) == delimiter:
                self._resume = min(stop + 1, self.end)
                return start, line, True
            line = stop + 1
        self._resume = self.end
        return start, self.end, False


def _masked(text: str, found: tuple[Part, ...]) -> str:
    """Placeholders as characters that mean nothing to a shell: every offset stays."""
    return "".join(
        _FILLER * (part.end - part.start) if part.is_expression else part.text for part in found
    )
