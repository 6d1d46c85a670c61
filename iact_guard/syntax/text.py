"""Bytes to text, and offsets to lines and columns."""

from bisect import bisect_right
from functools import cached_property

from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.model.regex import regex

_BREAK = regex(r"\r\n|\n|\r")


class Text:
    """A decoded file. Lines end with LF, CRLF or CR; lines and columns count from 1."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.parsed: dict[str, object] = {}
        """What parsers made of it, by format, so that it is parsed once."""

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line's first character."""
        return [0, *(match.end() for match in _BREAK.finditer(self.text))]

    @cached_property
    def is_ascii(self) -> bool:
        """Whether a character is a byte, so that offsets in bytes are columns."""
        return self.text.isascii()

    def line(self, number: int) -> str:
        """The line without its end; empty beyond the file."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        match = _BREAK.search(self.text, start)
        return self.text[start : match.start() if match else len(self.text)]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and a column."""
        return self.starts[line - 1] + column - 1

    def location(self, start: int, end: int) -> Location:
        """The region between two offsets."""
        return Location(self.path, *self.position(start), *self.position(end))


def decode(path: str, content: bytes) -> Text:
    """UTF-8 with or without a mark; anything else is unreadable, with its place."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8-sig", errors="replace")
        line, column = Text(path, good).position(len(good))
        reason = f"not UTF-8: byte 0x{content[error.start]:02x}"
        raise UnreadableError(Location(path, line, column), reason) from None
    if "\0" in text:
        line, column = Text(path, text).position(text.index("\0"))
        raise UnreadableError(Location(path, line, column), "binary: it holds a NUL character")
    return Text(path, text)
