"""One view on three kinds of tree: the disk, a git revision, a dict of texts."""

import os
import stat
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol

from iact_guard import vcs
from iact_guard.model.change import Changes
from iact_guard.model.errors import UnreadableError, VcsError
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.source import Problem
from iact_guard.vcs import history

NO_SUCH_FILE = "no such file"
MAX_KEPT = 64 * 1024 * 1024
"""Bytes of a revision's files that are kept in memory."""
MAX_BYTES = 4 * 1024 * 1024
"""Above it a file is a finding, not an input: memory and time stay bounded."""
_AT_LEAST = 64 * 1024
"""Bytes that are tried for, whatever the disk says of a file's size."""

# What nobody commits and no ignore file is needed for, in a folder without git.
USUAL_EXCLUDES = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".terraform", ".eggs",
    ".idea", ".cache",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a tree in order, and what could not be listed or must not be followed."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    nested: tuple[str, ...] = ()
    """Repositories within the repository (submodules among them): their own business."""


class Tree(Protocol):
    """Lists files and reads them. Paths are relative, with `/`."""

    def listing(self) -> Listing:
        """Every file, once."""

    def read(self, path: str) -> bytes:
        """The content; UnreadableError where there is none to be had."""


class DictTree:
    """Files given as texts: policy examples and tests."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {
            path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()
        }

    def listing(self) -> Listing:
        """Every file, once."""
        return Listing(tuple(sorted(self._files)))

    def read(self, path: str) -> bytes:
        """The content; UnreadableError where there is none to be had."""
        if path not in self._files:
            raise UnreadableError(Location(path), NO_SUCH_FILE)
        return self._files[path]


class GitTree:
    """The files of a revision."""

    def __init__(self, root: Path, revision: str) -> None:
        self.root = root
        self.revision = revision

    def listing(self) -> Listing:
        """Every file, once."""
        return Listing(history.revision_files(self.root, self.revision))

    def read(self, path: str) -> bytes:
        """The content; UnreadableError where there is none to be had."""
        try:
            content = history.revision_read(self.root, self.revision, path)
        except VcsError as error:
            raise UnreadableError(Location(path), str(error)) from error
        if content is None:
            raise UnreadableError(Location(path), NO_SUCH_FILE)
        return content


class BeforeTree:
    """A tree as it was before some changes: what did not change is read where it lies."""

    def __init__(self, tree: Tree, root: Path, changes: Changes) -> None:
        self.tree = tree
        self.root = root
        self.changes = changes

    def listing(self) -> Listing:
        """Every file, once."""
        now, changes = self.tree.listing(), self.changes
        return Listing(
            tuple(sorted(changes.before.keys() | (set(now.files) - changes.after))),
            tuple(p for p in now.problems if p.location.path not in changes.after),
            now.nested,
        )

    def read(self, path: str) -> bytes:
        """The content; UnreadableError where there is none to be had, VcsError without the past."""
        if path in self.changes.before:
            return self._before(path)
        if path in self.changes.after:
            raise UnreadableError(Location(path), NO_SUCH_FILE)
        return self.tree.read(path)

    def _before(self, path: str) -> bytes:
        blob = self.changes.before[path]
        size = self._sizes[blob]
        if size > MAX_BYTES:
            raise UnreadableError(Location(path), too_large(size))
        if blob in self._contents:
            return self._contents[blob]
        return history.blobs(self.root, {blob: size})[blob]

    @cached_property
    def _sizes(self) -> dict[str, int]:
        return history.blob_sizes(self.root, self.changes.before.values())

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        """What fits into memory, in one go: a process for each file would take too long."""
        kept, total = {}, 0
        for blob, size in self._sizes.items():
            if size <= MAX_BYTES and total + size <= MAX_KEPT:
                kept[blob] = size
                total += size
        return history.blobs(self.root, kept)


class DiskTree:
    """What lies on the disk below a root: tracked by git, or not ignored by it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real = os.path.realpath(root)
        self._folders: dict[str, str] = {}

    def listing(self) -> Listing:
        """Every file, once."""
        return self._listing

    @cached_property
    def _listing(self) -> Listing:
        tracked, ignored, problems = self._git()
        walk = _Walk(self._real, ignored, plain=tracked is None)
        files = set(walk.files())
        # Tracked in spite of an ignore rule, or below something that calls itself a repository:
        # the walk did not go there.
        files.update(
            path
            for path in (tracked or frozenset()) - files
            if os.path.isfile(os.path.join(self._real, path)) and self._inside(path)
        )
        return Listing(
            tuple(sorted(files)), tuple(problems + walk.problems), tuple(sorted(walk.nested))
        )

    def read(self, path: str) -> bytes:
        """The content; UnreadableError where there is none to be had."""
        place = Location(path)
        try:
            full = self._resolved(path)
            if not _inside(full, self._real):
                raise UnreadableError(place, "a symbolic link that leaves the root")
            # Non-blocking: opening a FIFO must not hang.
            handle = os.open(full, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    raise UnreadableError(place, "not a regular file")
                if status.st_size > MAX_BYTES:
                    raise UnreadableError(place, too_large(status.st_size))
                # With the whole bound the room for it would be made each time.
                return file.read(max(status.st_size, _AT_LEAST) + 1)
        except OSError as error:
            raise UnreadableError(place, _why(error)) from error

    def stamp(self, path: str) -> tuple[int, ...]:
        """What is another when something was written to a file; empty where there is none."""
        try:
            status = os.stat(os.path.join(self._real, path))
        except OSError:
            return ()
        return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

    def _resolved(self, path: str) -> str:
        """Where a path leads, links followed; folders are asked about once, they are few."""
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            above = os.path.join(self._real, folder)
            self._folders[folder] = os.path.realpath(above, strict=True)
        full = os.path.join(self._folders[folder], name)
        plain = name not in ("", ".", "..") and not os.path.islink(full)
        return full if plain else os.path.realpath(full, strict=True)

    def _inside(self, path: str) -> bool:
        return _inside(os.path.realpath(os.path.join(self._real, path)), self._real)

    def _git(self) -> tuple[frozenset[str] | None, frozenset[str], list[Problem]]:
        """What git tracks (None without git) and what it ignores."""
        if not vcs.is_checkout(self.root):
            return None, frozenset(), []
        try:
            vcs.refuse_special_files(self.root)
            tracked = vcs.tracked(self.root)
            try:
                ignored = vcs.ignored(self.root, vcs.PATIENCE)
            except vcs.StuckError:
                if trap := _special_ignore_file(self.root):
                    reason = "not a regular file: git would wait for it, so nothing is ignored"
                    return tracked, frozenset(), [Problem(Location(trap), reason)]
                ignored = vcs.ignored(self.root)
        except VcsError as error:
            if str(error) == "git is not installed":
                return None, frozenset(), []
            remedy = "The folder was walked without git's ignore rules."
            return None, frozenset(), [Problem(Location(".git"), str(error), remedy=remedy)]
        if "./" in ignored:  # the root itself is ignored: someone points at it on purpose
            return None, frozenset(), []
        return tracked, ignored, []


def _special_ignore_file(root: Path) -> str:
    """A `.gitignore` that is a FIFO or the like, which git opens; empty without one."""
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                for entry in entries:
                    path = folder + entry.name
                    if entry.name == ".gitignore" and not entry.is_file():
                        if not entry.is_dir(follow_symlinks=False) and os.path.exists(entry.path):
                            return path
                    elif entry.is_dir(follow_symlinks=False) and entry.name not in USUAL_EXCLUDES:
                        pending.append(f"{path}/")
        except OSError:
            continue  # the walk says so
    return ""


class _Walk:
    """A walk that follows no link, opens nothing and notes what it must leave out."""

    def __init__(self, root: str, ignored: frozenset[str], *, plain: bool) -> None:
        self.root = root
        self.ignored = ignored
        self.plain = plain
        self.problems: list[Problem] = []
        self.nested: list[str] = []

    def files(self) -> Iterator[str]:
        """Paths of regular files, and of links to regular files below the root."""
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(os.path.join(self.root, folder)) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self._problem(folder or ".", f"the folder cannot be listed: {_why(error)}")
                continue
            if folder and any(entry.name == ".git" for entry in listed):
                self.nested.append(folder.rstrip("/"))
                continue
            for entry in listed:
                path = folder + entry.name
                if entry.name == ".git" or path in self.ignored:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if f"{path}/" not in self.ignored and not self._usual(entry):
                        pending.append(f"{path}/")
                elif entry.is_symlink():
                    if self._link(path, entry):
                        yield path
                elif entry.is_file(follow_symlinks=False):
                    yield path
                else:
                    self._problem(path, "a FIFO, a socket or a device, not a regular file")

    def _usual(self, entry: "os.DirEntry[str]") -> bool:
        return self.plain and (
            entry.name in USUAL_EXCLUDES or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
        )

    def _link(self, path: str, entry: "os.DirEntry[str]") -> bool:
        """Whether the link leads to a regular file of the tree; what leaves it is a problem."""
        try:
            target = os.path.realpath(entry.path, strict=True)
        except OSError as error:
            try:
                target = os.path.realpath(entry.path)
            except OSError:
                self._problem(path, f"a symbolic link that cannot be followed: {_why(error)}")
                return False
            if _inside(target, self.root) and isinstance(error, FileNotFoundError):
                return True  # dangling: a problem for whoever reads it, if it is of a kind
            if not isinstance(error, FileNotFoundError):
                self._problem(path, f"a symbolic link that cannot be followed: {_why(error)}")
                return False
        if not _inside(target, self.root):
            self._problem(path, "a symbolic link that leaves the root is not followed")
            return False
        return os.path.isfile(target)

    def _problem(self, path: str, reason: str) -> None:
        self.problems.append(Problem(Location(path), reason))


def too_large(size: int) -> str:
    """The reason for a file over the limit."""
    return f"{size / 1048576:.0f} MiB is over the limit of {MAX_BYTES // 1048576} MiB"


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
