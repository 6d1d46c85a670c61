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
    if not wanted:
        return []
    spec = _spec(wanted)
    rules = [pattern for pattern in spec.patterns if pattern.include is not None]
    if all(rule.include for rule in rules):  # without exceptions any rule decides
        tests = [rule.regex.match for rule in rules if rule.regex]
        return [path for path in paths if any(test(path) for test in tests)]
    return list(spec.match_files(paths))
