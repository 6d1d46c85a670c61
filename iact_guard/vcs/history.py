"""What a repository's history says: commits by name, merge bases, files and blobs of a commit."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from iact_guard.model.errors import VcsError
from iact_guard.vcs.run import NoAnswerError, StuckError, git

_REGULAR = b"100"
"""How the mode of a regular file begins."""


def commit_of(folder: Path, name: str) -> str | None:
    """The commit that a name means, in full; None where it means none here."""
    if not name or name.startswith("-"):
        return None
    try:
        found = git(["rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"], folder)
    except StuckError:
        raise
    except VcsError:  # said with reasons of many kinds: a branch without an upstream, ...
        return None
    return found.decode().strip()


def head(folder: Path) -> str | None:
    """The commit that is checked out; None before the first one."""
    return commit_of(folder, "HEAD")


def head_ref(folder: Path) -> str:
    """The full name of the branch that is checked out; empty for a commit without one."""
    try:
        return os.fsdecode(git(["symbolic-ref", "--quiet", "HEAD"], folder)).strip()
    except NoAnswerError:
        return ""


def is_shallow(folder: Path) -> bool:
    """Whether the history was cut off when it was fetched."""
    return git(["rev-parse", "--is-shallow-repository"], folder).strip() == b"true"


def parents(folder: Path, commit: str) -> tuple[str, ...]:
    """The parents of a commit, as far as they are here."""
    line = git(["rev-list", "--parents", "--max-count=1", commit, "--"], folder).decode().split()
    return tuple(line[1:])


def merge_bases(folder: Path, one: str, other: str) -> tuple[str, ...]:
    """The best common ancestors of two commits: several after criss-cross merges, or none."""
    try:
        return tuple(git(["merge-base", "--all", one, other], folder).decode().split())
    except NoAnswerError:
        return ()


def tags(folder: Path, pattern: str) -> tuple[str, ...]:
    """The tags of a pattern whose commits lead to what is checked out, and are not that itself."""
    reach = ["--merged=HEAD", "--no-contains=HEAD"]
    wanted = ["for-each-ref", *reach, "--format=%(refname)", f"refs/tags/{pattern}"]
    found = os.fsdecode(git(wanted, folder)).splitlines()
    return tuple(name.removeprefix("refs/tags/") for name in found)


def last_change(folder: Path, path: str, revision: str = "HEAD") -> str | None:
    """The last commit that changed a file; None where no commit of this history did."""
    wanted = ["log", "--max-count=1", "--format=%H", revision, "--", f":(literal){path}"]
    found = git(wanted, folder)
    return found.decode().strip() or None


def index_entries(folder: Path) -> bytes:
    """What the index holds: modes, ids and paths."""
    return git(["ls-files", "--stage", "-z"], folder)


def revision_files(folder: Path, revision: str) -> tuple[str, ...]:
    """Regular files of a commit, below `folder`."""
    entries = _entries(folder, revision)
    return tuple(sorted(path for mode, _, path in entries if mode.startswith(_REGULAR)))


def revision_names(folder: Path, revision: str) -> frozenset[str]:
    """Whatever a commit has below `folder`: files, links, submodules."""
    return frozenset(path for _, _, path in _entries(folder, revision))


def revision_read(folder: Path, revision: str, path: str) -> bytes | None:
    """A regular file of a commit; None where it has none of that path."""
    for mode, blob, name in _entries(folder, revision, path):
        if name == path and mode.startswith(_REGULAR):
            return git(["cat-file", "blob", blob], folder)
    return None


def blob_sizes(folder: Path, ids: Iterable[str]) -> dict[str, int]:
    """Bytes of contents by id; VcsError where one is not here: a partial clone has left it out."""
    asked = "".join(f"{id}\n" for id in sorted(set(ids))).encode()
    found = {}
    for line in git(["cat-file", "--batch-check"], folder, feed=asked).decode().splitlines():
        id, kind, *size = line.split()
        if kind == "missing":
            raise VcsError(
                f"the content {id[:12]} is not in this clone, which is a partial one: "
                "clone without `--filter`"
            )
        found[id] = int(size[0])
    return found


def blobs(folder: Path, sizes: Mapping[str, int]) -> dict[str, bytes]:
    """Contents by id, whose sizes are known."""
    asked = "".join(f"{id}\n" for id in sizes).encode()
    out = git(["cat-file", "--batch"], folder, feed=asked)
    found, at = {}, 0
    for id, size in sizes.items():
        start = out.index(b"\n", at) + 1
        found[id] = out[start : start + size]
        at = start + size + 1
    return found


def _entries(folder: Path, revision: str, *paths: str) -> Iterator[tuple[bytes, str, str]]:
    """Mode, id and path of what a commit has below `folder`."""
    out = git(["ls-tree", "-r", "-z", "--end-of-options", revision, *paths], folder)
    for entry in out.split(b"\0"):
        if entry:
            about, path = entry.split(b"\t", 1)
            mode, _, id = about.split(b" ")
            yield mode, id.decode(), os.fsdecode(path)
