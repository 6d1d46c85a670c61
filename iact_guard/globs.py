"""Path patterns as `.gitignore` writes them, for excludes, overrides and owners."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

from iact_guard.model.regex import regex

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_NAME = r"(?:[\w.-]|\*(?!\*))+"
_PLAIN = regex(rf"/?(?:(?:\*\*|{_NAME})/)*(?:\*\*|{_NAME}/?)", re.ASCII)
"""Names with stars, between single slashes: most patterns are no more."""


def refuse_broken(patterns: Iterable[str]) -> None:
    """ValueError with the first pattern that is none."""
    for pattern in patterns:
        try:
            _test((pattern,))("x")
        except Exception as error:  # the library raises of several kinds
            raise ValueError(f"{pattern!r} is not a pattern of paths") from error


@cache
def _test(patterns: tuple[str, ...]) -> Callable[[str], object]:
    """What tells whether they take in a path; plain ones do not wait for the library's import."""
    if all(map(_PLAIN.fullmatch, patterns)):
        return re.compile("|".join(map(_written_out, patterns))).fullmatch
    return _spec(patterns).match_file


def _written_out(pattern: str) -> str:
    """A plain pattern as a regular expression for whole paths."""
    names = pattern.strip("/").split("/")
    found = "" if "/" in pattern[:-1] else "(?:.*/)?"
    for name in names[:-1]:
        found += "(?:.*/)?" if name == "**" else f"{_name(name)}/"
    if names[-1] == "**":
        return f"{found}.+"
    return found + _name(names[-1]) + ("/.*" if pattern.endswith("/") else "(?:/.*)?")


def _name(name: str) -> str:
    return "[^/]*".join(map(re.escape, name.split("*")))


@cache
def _spec(patterns: tuple[str, ...]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether the last pattern that speaks of `path` takes it in."""
    wanted = tuple(patterns)
    return bool(wanted and _test(wanted)(path))


def matching(paths: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Those of many paths that `matches`, in order."""
    wanted = tuple(patterns)
    return list(filter(_test(wanted), paths)) if wanted else []
