"""What stands between quotes and in heredocs: escapes, strip markers, indentation."""

import re
from dataclasses import replace

from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

_ESCAPE = regex(r"\\(?:[nrt\"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\$\$(?=\{)|%%(?=\{)")
_MARK = regex(r"([$%])\1(?=\{)")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Raw:
    """A literal part of a template as it stands in the file: byte offsets and text."""

    text: str
    start: int
    end: int


def unescape(text: str, *, quoted: bool) -> str:
    """The value of a literal part; a heredoc knows `$${` and `%%{` alone."""
    if quoted:
        return _ESCAPE.sub(_escape, text)
    return _MARK.sub(r"\1", text)


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    if found[0] != "\\":
        return found[0]
    if found[1] in _SIMPLE:
        return _SIMPLE[found[1]]
    code = int(found[2:], 16)
    return chr(code) if code < 0x110000 else "\N{REPLACEMENT CHARACTER}"


def dedent(parts: list[Raw | None]) -> list[Raw | None]:
    """What `<<-` takes off: the smallest indentation of all lines, None stands for an expression.

    A line that begins with an expression has no indentation.
    """
    at_start, smallest = True, -1
    for part in parts:
        lines = part.text.splitlines(keepends=True) if part else [""]
        for number, line in enumerate(lines):
            if number or at_start:
                width = len(line) - len(line.lstrip(" \t"))
                blank = not line.strip() and line.endswith("\n")
                smallest = smallest if blank else min(width, width if smallest < 0 else smallest)
        at_start = bool(part) and part.text.endswith("\n") if part else False
    if smallest <= 0:
        return parts
    return _cut(parts, smallest)


def _cut(parts: list[Raw | None], width: int) -> list[Raw | None]:
    cut: list[Raw | None] = []
    at_start = True
    for part in parts:
        if part is None:
            cut.append(None)
            at_start = False
            continue
        lines = part.text.splitlines(keepends=True)
        kept = [
            line[min(width, len(line) - len(line.lstrip(" \t"))) :] if number or at_start else line
            for number, line in enumerate(lines)
        ]
        cut.append(replace(part, text="".join(kept)))
        at_start = part.text.endswith("\n")
    return cut
