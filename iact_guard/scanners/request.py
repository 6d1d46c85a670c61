"""What every scanner is given."""

from collections.abc import Callable
from dataclasses import field
from pathlib import Path

from iact_guard.cache.store import Store
from iact_guard.model.records import dataclass
from iact_guard.settings import Scanners
from iact_guard.tree import Tree


def silent(message: str) -> None:
    """Report no progress."""


def never() -> bool:
    """The answer where nobody can end the run."""
    return False


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """A scanner's input: which files of which tree, and how it may go about it."""

    tree: Tree
    paths: tuple[str, ...]
    """The files that discovery listed, in order; each scanner takes those it can read."""
    options: Scanners = field(default_factory=Scanners)
    settings: Tree | None = None
    """Where the tools' own settings are read: a pull request's base revision; None: `tree`."""
    root: Path | None = None
    """The folder that paths of the configuration are relative to; None without a disk."""
    offline: bool = False
    """Never make an environment."""
    store: Store = field(default_factory=Store)
    """Where answers of earlier runs are found; remembers nothing unless it was given a folder."""
    cancelled: Callable[[], bool] = never
    """Asked again and again: whether the user has ended the run."""
    progress: Callable[[str], None] = silent
    """Told what takes long, a line each."""

    @property
    def configured(self) -> Tree:
        """The tree whose tool settings are honoured."""
        return self.settings or self.tree
