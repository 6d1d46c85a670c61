"""The only place that runs git. A repository's own configuration must not run anything."""

import os
import stat
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from shutil import which

from iact_guard.model.errors import VcsError

TIMEOUT = 60
"""Seconds after which git is given up."""
PATIENCE = 3
"""Seconds after which a look is worth whether git waits for something that never comes."""

# Each of these lets a checkout's .git/config start a program, or reach a server.
_HARMLESS = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.untrackedCache=false",
    "-c", "diff.external=",
    "-c", "core.pager=cat",
    "-c", "core.sshCommand=false",
    "-c", "safe.bareRepository=explicit",
    "-c", "core.quotePath=false",
)  # fmt: skip
# Within a hook these point at the hook's repository, which need not be the one asked about.
_DROPPED = frozenset({
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF",
    "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE",
})  # fmt: skip
# What git opens in every checkout: a FIFO among them would make it wait for ever.
_OPENED = ("index", "HEAD", "config", "info/exclude", "packed-refs", "commondir")


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in _DROPPED}
    # A partial clone would fetch what is missing with a program of the configuration's choice.
    return kept | {
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
    }


@cache
def _executable() -> str | None:
    return which("git")


class StuckError(VcsError):
    """Git did not finish in time."""


def git(arguments: Sequence[str], cwd: Path, seconds: float = TIMEOUT) -> bytes:
    """Standard output of `git ARGUMENTS` in `cwd`; a VcsError with git's own first line."""
    executable = _executable()
    if executable is None:
        raise VcsError("git is not installed")
    try:
        done = subprocess.run(
            [executable, "--no-pager", *_HARMLESS, *arguments],
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StuckError(f"git {arguments[0]} did not finish in {seconds:.0f} seconds") from error
    except OSError as error:
        raise VcsError(f"git cannot be run: {(error.strerror or '').lower()}") from error
    if done.returncode:
        raise VcsError(_explain(done.stderr.decode(errors="replace")))
    return done.stdout


def _explain(stderr: str) -> str:
    if "dubious ownership" in stderr:
        return (
            "git refuses this checkout, because it belongs to another user; if you trust it: "
            "git config --global --add safe.directory <folder>"
        )
    first = next((line for line in stderr.splitlines() if line.strip()), "git failed")
    return first.removeprefix("fatal: ")


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


def revision_files(folder: Path, revision: str) -> tuple[str, ...]:
    """Regular files of a commit, below `folder`."""
    out = git(["ls-tree", "-r", "-z", "--end-of-options", revision], folder)
    entries = (entry.split(b"\t", 1) for entry in out.split(b"\0") if entry)
    return tuple(sorted(os.fsdecode(path) for mode, path in entries if mode.startswith(b"100")))


def revision_read(folder: Path, revision: str, path: str) -> bytes:
    """A file of a commit."""
    return git(["cat-file", "blob", f"{revision}:./{path}"], folder)


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
