"""Runs the real command in a process of its own, with bounds on memory and time."""

import ctypes
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GIB = 1 << 30
ADDRESS_SPACE = 2 * GIB


@dataclass(frozen=True)
class Run:
    """How it ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    def rules(self, path: str) -> set[str]:
        """Which rules speak of a path."""
        return {f["rule"] for f in self.report["findings"] if f["path"] == path}

    def message(self, path: str, rule: str = "IG001") -> str:
        """What the first finding of a rule says of a path."""
        found = (f for f in self.report["findings"] if f["path"] == path and f["rule"] == rule)
        return str(next(found)["message"])


def iact_guard(
    *arguments: str,
    cwd: Path | str = "/",
    seconds: float = 300,
    environment: dict[str, str] | None = None,
    limits: Callable[[], None] | None = None,
) -> Run:
    """`iact-guard ARGUMENTS`, killed after `seconds`."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", "iact_guard", *arguments],
        capture_output=True,
        timeout=seconds,
        cwd=cwd,
        env=dict(os.environ) | (environment or {}),
        stdin=subprocess.DEVNULL,
        preexec_fn=limits,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def check(
    root: Path,
    *arguments: str,
    seconds: float = 5,
    drop_privileges: bool = False,
    environment: dict[str, str] | None = None,
    command: str = "check",
) -> Run:
    """`iact-guard check ROOT --scanners none --format json` with bounds on time and memory."""
    usual = ("--scanners", "none", "--format", "json") if command == "check" else ()
    return iact_guard(
        command,
        str(root),
        *usual,
        *arguments,
        seconds=seconds,
        environment=environment,
        limits=_limits(drop_privileges),
    )


_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def _limits(drop_privileges: bool) -> Callable[[], None]:
    libc = ctypes.CDLL(None)

    def apply() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        if drop_privileges and os.geteuid() == 0:
            # root reads everything, unless these two are taken from it
            for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
                libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)

    return apply


def write(root: Path, path: str, content: str | bytes) -> Path:
    """A file below the root."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


UNPINNED = """\
on: push
permissions: {}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup@v1
"""
GOOD = ".github/workflows/good.yml"


def still_judged(run: Run) -> bool:
    """Whether the sound workflow beside the bad file was judged all the same."""
    return "WF001" in run.rules(GOOD)
