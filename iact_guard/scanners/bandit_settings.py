"""What a repository asks of Bandit in `[tool.bandit]`, read by us and never by Bandit."""

import fnmatch
import tomllib
from collections.abc import Iterator
from typing import Any

from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.syntax.text import decode
from iact_guard.tree import Tree

FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """The keys that we honour; the others change nothing."""

    tests: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    exclude_dirs: tuple[str, ...] = ()
    assert_skips: tuple[str, ...] = ()
    line: int = 1

    def excludes(self, path: str) -> bool:
        """Whether a file is left out: an entry is a pattern, or any part of the path."""
        shown = f"./{path}"
        return any(fnmatch.fnmatch(shown, part) or part in shown for part in self.exclude_dirs)

    def allows_asserts(self, path: str) -> bool:
        """Whether `assert_used.skips` names the file."""
        return any(fnmatch.fnmatch(f"./{path}", pattern) for pattern in self.assert_skips)

    def remarks(self, excluded: int) -> Iterator[Evidence]:
        """What is honoured, for the report; `excluded` counts the files left out."""
        place = Location(FILE, self.line)
        for key, values in (("tests", self.tests), ("skips", self.skips)):
            if values:
                yield Evidence(place, f"[tool.bandit] {key}: {', '.join(values)}")
        if self.exclude_dirs:
            shown = ", ".join(self.exclude_dirs)
            yield Evidence(
                place, f"[tool.bandit] exclude_dirs: {shown} ({excluded} files left out)"
            )
        if self.assert_skips:
            yield Evidence(
                place, f"[tool.bandit.assert_used] skips: {', '.join(self.assert_skips)}"
            )


def read_settings(tree: Tree) -> Settings:
    """The settings of a tree; none where there is no readable file with any."""
    try:
        text = decode(FILE, tree.read(FILE)).text
        table = tomllib.loads(text).get("tool", {}).get("bandit", {})
    except (UnreadableError, tomllib.TOMLDecodeError, RecursionError, AttributeError):
        return Settings()
    if not isinstance(table, dict) or not table:
        return Settings()
    asserts = table.get("assert_used")
    lines = text.splitlines()
    return Settings(
        tests=_texts(table.get("tests")),
        skips=_texts(table.get("skips")),
        exclude_dirs=_texts(table.get("exclude_dirs")),
        assert_skips=_texts(asserts.get("skips")) if isinstance(asserts, dict) else (),
        line=next((n for n, line in enumerate(lines, 1) if line.startswith("[tool.bandit")), 1),
    )


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(item for item in values if isinstance(item, str) and item)
