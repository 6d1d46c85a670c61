"""What became of the files between a commit and the tree at hand."""

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

from iact_guard.model.records import dataclass


@dataclass(frozen=True)
class Changes:
    """From a commit (or the index) to a tree. A path in neither side is the same in both."""

    before: Mapping[str, str] = field(default_factory=dict)
    """Files as they were, where they differ from now or are gone: path to the id of the blob."""
    after: frozenset[str] = frozenset()
    """Files that are new, or have another content than before."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """The new path of a file that moved, to its old one."""

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every path that changed, was added, or is gone."""
        return frozenset((*self.before, *self.after))

    def old_path(self, path: str) -> str:
        """What a file of the tree at hand was called."""
        return self.renamed.get(path, path)
