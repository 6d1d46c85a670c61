"""The only place that runs git: what lies in a checkout. A repository's history is beside it."""

import os
import stat
from pathlib import Path

from iact_guard.model.errors import VcsError
from iact_guard.vcs.run import TIMEOUT, StuckError, git

__all__ = ["PATIENCE", "StuckError"]

PATIENCE = 3
"""Seconds after which a look is worth whether git waits for something that never comes."""

# What git opens in every checkout: a FIFO among them would make it wait for ever.
_OPENED = ("index", "HEAD", "config", "info/exclude", "packed-refs", "commondir")


def toplevel(folder: Path) -> Path | None:
    """The root of the checkout above `folder`, None where there is none (or no git)."""
    try:
        return Path(os.fsdecode(git(["rev-parse", "--show-toplevel"], folder).rstrip(b"\n")))
    except VcsError:
        return None


def is_checkout(folder: Path) -> bool:
    """Whether a `.git` stands at or above `folder`, whatever git says of it."""
    return any((parent / ".git").exists() for parent in (folder, *folder.parents))


def refuse_special_files(folder: Path) -> None:
    """VcsError where git would open a FIFO, a socket or a device in `.git`."""
    home = next((p for p in (folder, *folder.parents) if (p / ".git").exists()), folder) / ".git"
    for name in (".", *_OPENED):
        path = home / name
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise VcsError(f"{path.name} of .git is no regular file")


def tracked(folder: Path) -> frozenset[str]:
    """Paths below `folder` that the index holds."""
    return _paths(git(["ls-files", "-z", "--cached"], folder))


def ignored(folder: Path, seconds: float = TIMEOUT) -> frozenset[str]:
    """Untracked files and folders (with a `/` at the end) that the ignore rules exclude."""
    listing = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    return _paths(git(listing, folder, seconds))


def _paths(listing: bytes) -> frozenset[str]:
    return frozenset(os.fsdecode(name) for name in listing.split(b"\0") if name)


def branches(folder: Path) -> frozenset[str]:
    """Names of the branches here and at `origin`."""
    refs = git(["for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin"], folder)
    names = (ref.split("/", 2)[2] for ref in os.fsdecode(refs).splitlines())
    return frozenset(name.removeprefix("origin/") for name in names)


def origin(folder: Path) -> str:
    """The URL of the remote `origin`; a VcsError where there is none."""
    return os.fsdecode(git(["remote", "get-url", "origin"], folder)).strip()


def default_branch(folder: Path) -> str:
    """The branch that `origin` names as its own, else the one checked out; empty for neither."""
    for ref, start in (
        ("refs/remotes/origin/HEAD", "refs/remotes/origin/"),
        ("HEAD", "refs/heads/"),
    ):
        try:
            found = os.fsdecode(git(["symbolic-ref", "--quiet", ref], folder)).strip()
        except VcsError:
            continue
        if found.startswith(start):
            return found.removeprefix(start)
    return ""
