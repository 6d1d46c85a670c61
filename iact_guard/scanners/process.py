"""Child processes with a deadline: nothing of a scanner outlives its time, or hangs on input."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from pathlib import Path

from iact_guard.model.records import dataclass

TICK = 0.2
"""Seconds between two looks at whether the user has ended the run."""
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


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a scanner has to be done: at a time, or when the user ends the run."""

    seconds: int
    """How long it may take, counted from when this was made."""
    cancelled: Callable[[], bool]
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left, 0 when it is over."""
        return 0.0 if self.cancelled() else max(0.0, self.began + self.seconds - time.monotonic())


def finished(process: subprocess.Popen[bytes], deadline: Deadline) -> int | None:
    """The exit code, None when the deadline came first."""
    while process.poll() is None and (left := deadline.left):
        _wait(process, min(left, TICK))
    return process.poll()


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Until it ends, at most so long: at once where the system tells of it."""
    try:
        ended = os.pidfd_open(process.pid)
    except (AttributeError, OSError):  # not on Linux, or an old one
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
        return
    try:
        select.select([ended], [], [], seconds)
    finally:
        os.close(ended)


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
