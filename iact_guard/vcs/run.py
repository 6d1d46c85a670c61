"""Runs git, so that a repository's own configuration runs nothing."""

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
# Within a hook these point at the hook's repository, which need not be the one asked about.
_DROPPED = frozenset({
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF",
    "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE",
})  # fmt: skip


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in _DROPPED}
    # A partial clone would fetch what is missing with a program of the configuration's choice.
    return kept | {
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        # What a commit says is what was pushed, not what this checkout puts in its place.
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "none",
    }


@cache
def _executable() -> str | None:
    return which("git")


class StuckError(VcsError):
    """Git did not finish in time."""


class NoAnswerError(VcsError):
    """Git ended with 1 and said nothing: the answer is no."""


def git(
    arguments: Sequence[str],
    cwd: Path,
    seconds: float = TIMEOUT,
    *,
    feed: bytes = b"",
    index: Path | None = None,
) -> bytes:
    """Standard output of `git ARGUMENTS` in `cwd`; a VcsError with git's own first line.

    `feed` is its standard input, `index` another index than the checkout's own.
    """
    executable = _executable()
    if executable is None:
        raise VcsError("git is not installed")
    try:
        done = subprocess.run(
            [executable, "--no-pager", *_HARMLESS, *arguments],
            cwd=cwd,
            env=_environment() | ({"GIT_INDEX_FILE": str(index)} if index else {}),
            input=feed,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StuckError(f"git {arguments[0]} did not finish in {seconds:.0f} seconds") from error
    except OSError as error:
        raise VcsError(f"git cannot be run: {(error.strerror or '').lower()}") from error
    if done.returncode == 1 and not done.stderr.strip():
        raise NoAnswerError(f"git {arguments[0]} found nothing")
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
