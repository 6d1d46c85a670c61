"""The release that is in use: the newest tag of `migrations.released` on the way to here."""

from pathlib import Path

from packaging.version import Version

from iact_guard.model.errors import VcsError
from iact_guard.model.regex import regex
from iact_guard.pipeline.request import CheckRequest
from iact_guard.settings import Config
from iact_guard.syntax.versions import version
from iact_guard.tree import BeforeTree, Tree
from iact_guard.vcs import changes, history

_NUMBERS = regex(r"\d+")
_VERSION = regex(r"\d.*")


def release_of(request: CheckRequest, config: Config, tree: Tree) -> Tree | None:
    """The tree as it was released last; None without a tag: then everything counts as new."""
    commit = release_commit(request.root, config)
    if commit is None:
        return None
    read = None if request.staged else tree.read
    found = changes.since(request.root, commit, tree.listing().files, read)
    return BeforeTree(tree, request.root, found)


def release_commit(root: Path, config: Config) -> str | None:
    """The commit of the newest release; a tag on what is checked out is the one that is made."""
    if not config.migrations.released:
        return None
    try:
        tags = history.tags(root, config.migrations.released)
    except VcsError:  # without a history nothing is released, and a warning says so
        return None
    newest = max(tags, key=_order, default=None)
    return history.commit_of(root, f"refs/tags/{newest}") if newest else None


def _order(tag: str) -> tuple[Version, tuple[int, ...], str]:
    """By version, `v1.10` after `v1.9`; tags that hold none by their numbers, before the others."""
    match = _VERSION.search(tag)
    found = version(match[0]) if match else None
    return found or Version("0"), tuple(map(int, _NUMBERS.findall(tag))), tag
