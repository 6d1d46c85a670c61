"""Path patterns as `.gitignore` writes them, for excludes, overrides and owners."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

from iact_guard.model.regex import regex

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_NAME = r"(?:[\w.-]|\*(?!\*))+"
_PLAIN = regex(rf"!?/?(?:(?:\*\*|{_NAME})/)*(?:\*\*|{_NAME}/?)", re.ASCII)
"""Names with stars, between single slashes, or an exception of such: most are no more."""


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
    if not all(map(_PLAIN.fullmatch, patterns)):
        return _spec(patterns).match_file
    taking = [_written_out(pattern) for pattern in patterns if not pattern.startswith("!")]
    some = re.compile("|".join(taking) or "(?!)").fullmatch
    return some if len(taking) == len(patterns) else _with_exceptions(patterns, some)


def _with_exceptions(
    patterns: tuple[str, ...], some: Callable[[str], object]
) -> Callable[[str], bool]:
    """The last pattern that speaks of the path itself decides, else the last one of its folders."""
    rules = [
        (not pattern.startswith("!"), re.compile(_written_out(pattern.removeprefix("!"))))
        for pattern in reversed(patterns)
    ]

    def test(path: str) -> bool:
        if not some(path):
            return False
        found = [(takes, match) for takes, rule in rules if (match := rule.fullmatch(path))]
        own = (takes for takes, match in found if not match.lastindex)
        return next(own, found[0][0])

    return test


def _written_out(pattern: str) -> str:
    """A plain pattern as a regular expression for whole paths; its group: below what is named."""
    names = pattern.strip("/").split("/")
    found = "" if "/" in pattern[:-1] else "(?:.*/)?"
    for name in names[:-1]:
        found += "(?:.*/)?" if name == "**" else f"{_name(name)}/"
    if names[-1] == "**":
        return f"{found}.+"
    return found + _name(names[-1]) + ("(/.*)" if pattern.endswith("/") else "(/.*)?")


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
