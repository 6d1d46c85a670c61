"""The only place that runs git. A repository's own configuration must not run anything."""

import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from shutil import which

from iact_guard.model.errors import VcsError

TIMEOUT = 60
"""Seconds after which git is given up."""

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
_DROPPED = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF")


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


def git(arguments: Sequence[str], cwd: Path) -> bytes:
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
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VcsError(f"git {arguments[0]} did not finish: {type(error).__name__}") from error
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


def tracked(folder: Path) -> frozenset[str]:
    """Paths below `folder` that the index holds."""
    return _paths(git(["ls-files", "-z", "--cached"], folder))


def ignored(folder: Path) -> frozenset[str]:
    """Untracked files and folders (with a `/` at the end) that the ignore rules exclude."""
    listing = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    return _paths(git(listing, folder))


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
