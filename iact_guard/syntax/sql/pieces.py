"""Texts of SQL before a parser sees them: parameters, blanks and comments."""

import re

from iact_guard.model.regex import regex

_PARAMETER = regex(r"%%|%s|%\(\w+\)s")
_BLANK = regex(r"(?:\s+|--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)+")


def with_parameters(text: str) -> str:
    """A text whose parameters are handed over apart, with `$1` for each and `%` for `%%`.

    Every character stays where it is, as far as that goes.
    """
    return _PARAMETER.sub(_shown, text)


def bracketed(text: str) -> str:
    """The same text with `($1)` for each parameter: a whole list may be handed over, in `IN $1`."""
    return text.replace("$1", "($1)")


def _shown(found: re.Match[str]) -> str:
    if found[0] == "%%":
        return "% "
    return "$1".ljust(len(found[0]))


def begin(text: str, start: int, end: int) -> int:
    """Where a statement begins, behind the blanks and comments in front of it."""
    found = _BLANK.match(text, start, end)
    return found.end() if found else start
