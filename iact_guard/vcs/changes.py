"""What changed: from a commit to the index, and from the index to the disk.

Asked of git's plumbing, which takes a file for changed when its times differ: whether its content
does is seen by the hash. No filter of the checkout's configuration runs.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha1, sha256
from pathlib import Path

from iact_guard.model.change import Changes
from iact_guard.model.errors import UnreadableError, VcsError
from iact_guard.model.records import dataclass
from iact_guard.vcs.history import revision_names
from iact_guard.vcs.run import NoAnswerError, git

MAX_RENAMES = 3000
"""Files gone and files new: with more of either only unchanged ones are recognized as moved."""
_REGULAR, _NO_FILE = "100", "000000"
_SHA1_LENGTH = 40

Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of `git diff --raw`."""

    mode: str
    blob: str
    """How the file was before: mode and content."""
    new_mode: str
    old: str
    new: str


def unstaged(folder: Path, listed: Iterable[str], read: Read) -> Changes:
    """From the index to the disk, whose files are `listed`: edits, deletions, untracked files."""
    index = index_file(folder)
    tracked = _names(git(["ls-files", "-z", "--cached"], folder, index=index))
    edits = list(_edits(folder, index, read))
    if conflicts := sorted({edit.new for edit in edits if not edit.blob.strip("0")}):
        raise VcsError(f"a merge is under way: {conflicts[0]} is not settled, so nothing is staged")
    regular = {edit.old: edit.blob for edit in edits if edit.mode.startswith(_REGULAR)}
    there = {edit.new for edit in edits if edit.new_mode != _NO_FILE}
    return Changes(regular, frozenset(there | (set(listed) - tracked)))


def since(folder: Path, commit: str, listed: Iterable[str], read: Read | None) -> Changes:
    """From a commit to the tree whose files are `listed`; a tree of the disk is read with `read`.

    Without `read` the tree is that of the index.
    """
    index = index_file(folder)
    renames = ["--find-renames", f"-l{MAX_RENAMES}"]
    staged = _raw(folder, ["diff-index", "--cached", *renames, commit], index)
    by_path = {entry.new: entry for entry in staged}
    for edit in _edits(folder, index, read) if read else ():
        known = by_path.get(edit.new)
        # Of a file that is staged as well, the commit's state is the one before.
        by_path[edit.new] = (
            _Entry(known.mode, known.blob, edit.new_mode, known.old, edit.new) if known else edit
        )
    entries = [entry for entry in by_path.values() if _differs(entry)]
    before = {entry.old: entry.blob for entry in entries if entry.mode.startswith(_REGULAR)}
    present = {entry.new: entry for entry in entries if entry.new_mode != _NO_FILE}
    there = frozenset(listed)
    untracked = there - revision_names(folder, commit) - set(present)
    # A file that the index gave up may lie on the disk still, perhaps with another content.
    after = set(present) | untracked | (before.keys() & there)
    moved = {entry.new: entry.old for entry in present.values()}
    if read:
        moved |= _moved(untracked, before, read)
    renamed = {new: old for new, old in moved.items() if new != old and old not in after}
    return Changes(before, frozenset(after), renamed)


def _moved(untracked: Iterable[str], before: Mapping[str, str], read: Read) -> Mapping[str, str]:
    """Files that moved without git's knowledge, by their content."""
    gone = {blob: path for path, blob in before.items()}
    some = sorted(untracked)[:MAX_RENAMES] if gone else []
    found = {path: gone.get(_blob_id(path, len(next(iter(gone))), read)) for path in some}
    return {path: old for path, old in found.items() if old}


def index_file(folder: Path) -> Path | None:
    """The index of the commit that is being made: within a hook it need not be the usual one.

    None for the usual one, and where the variable speaks of another repository.
    """
    given = os.environ.get("GIT_INDEX_FILE")
    if not given:
        return None
    lines = git(["rev-parse", "--absolute-git-dir", "--show-toplevel"], folder)
    own, top = (Path(os.fsdecode(line)) for line in lines.splitlines()[:2])
    path = Path(os.path.realpath(top / given))
    return path if path.parent == Path(os.path.realpath(own)) else None


def _differs(entry: _Entry) -> bool:
    """Whether a file is or was there at all: links and submodules are nobody's input."""
    return any(mode.startswith(_REGULAR) for mode in (entry.mode, entry.new_mode))


def _edits(folder: Path, index: Path | None, read: Read) -> Iterator[_Entry]:
    for entry in _raw(folder, ["diff-files"], index, unfiltered(folder)):
        there = entry.new_mode.startswith(_REGULAR) and entry.mode.startswith(_REGULAR)
        if not there or not _same(entry, read):
            yield entry


def _same(entry: _Entry, read: Read) -> bool:
    """Whether the content is what the index says, whatever the times say."""
    return _blob_id(entry.new, len(entry.blob), read) == entry.blob


def _blob_id(path: str, length: int, read: Read) -> str:
    """The id that git gives to a file's content, of so many digits; empty for an unreadable one."""
    try:
        content = read(path)
    except UnreadableError:
        return ""
    digest = (sha1 if length == _SHA1_LENGTH else sha256)()  # git's own
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


def _raw(
    folder: Path, command: list[str], index: Path | None, options: tuple[str, ...] = ()
) -> list[_Entry]:
    name, *arguments = command
    usual = ["--raw", "-z", "--no-abbrev", "--relative", "--ignore-submodules=all", "--no-ext-diff"]
    out = git([*options, name, *usual, *arguments, "--"], folder, index=index)
    fields = iter(out.split(b"\0"))
    found = []
    for about in fields:
        if not about:
            break
        mode, new_mode, blob, _, status = about.decode().lstrip(":").split(" ")
        old = os.fsdecode(next(fields))
        new = os.fsdecode(next(fields)) if status[0] in "RC" else old
        if status == "U":  # a merge is under way: whatever it was, it is another file now
            new_mode = f"{_REGULAR}644"
        found.append(_Entry(mode, blob, new_mode, old, new))
    return found


def unfiltered(folder: Path) -> tuple[str, ...]:
    """Options that switch off each filter: a program of the configuration's choice."""
    pattern = r"^filter\..*\.(clean|smudge|process|required)$"
    try:
        keys = git(["config", "-z", "--name-only", "--get-regexp", pattern], folder)
    except NoAnswerError:
        return ()
    filters = sorted({key.rpartition(".")[0] for key in os.fsdecode(keys).split("\0") if key})
    values = ("clean=", "smudge=", "process=", "required=false")
    return tuple(part for name in filters for value in values for part in ("-c", f"{name}.{value}"))


def _names(listing: bytes) -> set[str]:
    return {os.fsdecode(name) for name in listing.split(b"\0") if name}
