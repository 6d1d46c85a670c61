"""Path patterns as `.gitignore` writes them, for excludes, overrides and owners."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # most runs have no pattern
    from pathspec import GitIgnoreSpec


def refuse_broken(patterns: Iterable[str]) -> None:
    """ValueError with the first pattern that is none."""
    for pattern in patterns:
        try:
            _spec((pattern,)).match_file("x")
        except Exception as error:  # the library raises of several kinds
            raise ValueError(f"{pattern!r} is not a pattern of paths") from error


@cache
def _spec(patterns: tuple[str, ...]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether the last pattern that speaks of `path` takes it in."""
    wanted = tuple(patterns)
    return bool(wanted) and _spec(wanted).match_file(path)


def matching(paths: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Those of many paths that `matches`, in order."""
    wanted = tuple(patterns)
    return list(_spec(wanted).match_files(paths)) if wanted else []
