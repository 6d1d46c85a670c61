"""CODEOWNERS as written: which pattern gives which files to whom."""

from iact_guard.model.authored import Authored
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in order; only the first that exists counts."""

MAX_BYTES = 3 * 1024 * 1024
"""A larger file is ignored by GitHub as a whole."""


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """One line: a pattern and its owners; none of them takes the files away from every owner."""

    pattern: Authored
    owners: tuple[Authored, ...]
    location: Location
    """From the pattern to the last owner."""

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.location.line


@dataclass(frozen=True, slots=True)
class IgnoredLine:
    """A line that GitHub skips, what it says and why."""

    rule: OwnerRule
    reason: str


@dataclass(frozen=True, slots=True)
class Owners:
    """An owners file, whether or not it is the one in force."""

    id: str
    """`owners:<path>`."""
    path: str
    location: Location
    """Its first line."""
    rules: tuple[OwnerRule, ...] = ()
    ignored: tuple[IgnoredLine, ...] = ()
    oversized: bool = False
    """Larger than GitHub reads: no rule of it holds."""
