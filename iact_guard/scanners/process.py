"""Child processes with a deadline: nothing of a scanner outlives its time, or hangs on input."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

MEMORY = 4 * 1024**3
"""Bytes of address space that a scanner may take (where the system can limit it)."""
_PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "SYSTEMROOT", "TZ")


def scrubbed(home: Path) -> dict[str, str]:
    """An environment without the user's settings, secrets and proxies; its home is `home`."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "TMPDIR": str(home),
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
    }


@contextmanager
def started(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    output: Path,
    stdin: Path | None = None,
    memory: int = MEMORY,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process group of its own, gone at the end of the block; standard output goes to a file."""
    source = stdin.open("rb") if stdin else None
    try:
        with output.open("wb") as sink:
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=dict(env),
                stdin=source or subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
    finally:
        if source:
            source.close()
    try:
        _limit(process.pid, memory)
        yield process
    finally:
        _end(process)


def finished(process: subprocess.Popen[bytes], deadline: float) -> int | None:
    """The exit code, None when `deadline` (of `time.monotonic`) came first."""
    try:
        return process.wait(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None


def _limit(pid: int, memory: int) -> None:
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):  # gone already, or a lower limit holds
            resource.prlimit(pid, resource.RLIMIT_AS, (memory, memory))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group: children of a scanner too, also of one that ended by itself."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
