"""Path patterns as `.gitignore` writes them, for excludes, overrides and owners."""

from collections.abc import Iterable
from functools import cache

from pathspec import GitIgnoreSpec


@cache
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(patterns)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether the last pattern that speaks of `path` takes it in."""
    wanted = tuple(patterns)
    return bool(wanted) and _spec(wanted).match_file(path)
