"""Is `--since` the difference of two full checks? Replays the last merges of a repository.

    .venv/bin/python -I benchmarks/since.py REPOSITORY... [--merges 30] [--scanners bandit]

For each merge commit the tree is checked as it was and as it became, and with `--since` the first
parent. Open must be exactly what the second check has and the first one has not, by fingerprint;
findings of a renamed file are compared under its old name, and counted apart.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from iact_guard.cache.folders import cache_folder
from iact_guard.cache.store import Store
from iact_guard.model.finding import Finding
from iact_guard.model.result import Result
from iact_guard.pipeline.check import run
from iact_guard.pipeline.request import CheckRequest

Identity = tuple[str, str]


class _Silent:
    def expect(self, steps: int) -> None:
        """Nobody watches."""

    def step(self, label: str = "") -> None:
        """Nobody watches."""

    def say(self, label: str) -> None:
        """Nobody watches."""


@dataclass(frozen=True)
class Replay:
    """What a merge brought, by both ways."""

    merge: str
    files: int
    expected: frozenset[Identity]
    opened: frozenset[Identity]
    renamed: int
    """Findings that the difference has only because their file has another name."""
    full_seconds: float
    since_seconds: float

    @property
    def agrees(self) -> bool:
        """Whether both ways say the same."""
        return self.expected == self.opened


def replay(clone: Path, merge: str, scanners: tuple[str, ...]) -> Replay:
    """Check before, after and since."""
    _git(clone, "checkout", "-q", "--detach", "--force", f"{merge}^1")
    before = _check(clone, scanners)
    _git(clone, "checkout", "-q", "--detach", "--force", merge)
    began = time.perf_counter()
    after = _check(clone, scanners)
    full = time.perf_counter() - began
    began = time.perf_counter()
    since = _check(clone, scanners, f"{merge}^1")
    took = time.perf_counter() - began
    assert since.since is not None
    was_there = {_identity(finding) for finding in _open(before)}
    difference = [f for f in _open(after) if _identity(f) not in was_there]
    opened = frozenset(map(_identity, _open(since)))
    names = _new_names(clone, merge)
    moved = {
        _identity(f) for f in difference if f.location.path in names and _identity(f) not in opened
    }
    expected = frozenset(map(_identity, difference)) - moved
    files = len(since.since.files)
    return Replay(merge, files, expected, opened, len(moved), full, took)


def _check(clone: Path, scanners: tuple[str, ...], since: str | None = None) -> Result:
    names = tuple(name for name in ("bandit", "checkov", "safety") if name in scanners)
    request = CheckRequest(clone, scanners=names, since=since, store=Store(cache_folder()))
    return run(request, _Silent())


def _open(result: Result) -> Iterator[Finding]:
    return (finding for finding in result.findings if finding.status == "open")


def _identity(finding: Finding) -> Identity:
    return finding.fingerprint, finding.outcome


def _new_names(clone: Path, merge: str) -> set[str]:
    out = _git(clone, "diff", "-M", "--diff-filter=R", "--name-status", "-z", f"{merge}^1", merge)
    return set(out.split("\0")[2::3])


def _merges(clone: Path, number: int) -> list[str]:
    return _git(
        clone, "log", "--merges", "--first-parent", f"--max-count={number}", "--format=%H"
    ).split()


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode(errors="surrogateescape")


def main() -> int:
    """Print a line a merge and a line a repository; 1 if the two ways ever disagree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--merges", type=int, default=30)
    parser.add_argument("--scanners", default="bandit")
    options = parser.parse_args()
    wrong = 0
    for repository in options.repositories:
        with tempfile.TemporaryDirectory(prefix="since-") as folder:
            clone = Path(folder) / "clone"
            _git(Path.cwd(), "clone", "-q", str(repository.resolve()), str(clone))
            found = []
            for merge in _merges(clone, options.merges):
                each = replay(clone, merge, tuple(options.scanners.split(",")))
                found.append(each)
                print(
                    f"{each.merge[:12]} {each.files:4} files, {len(each.opened):3} new"
                    f"{f' ({each.renamed} renamed)' if each.renamed else ''}, full "
                    f"{each.full_seconds:.1f} s, since {each.since_seconds:.1f} s"
                    f"{'' if each.agrees else ' DISAGREES ' + str(each.expected ^ each.opened)}",
                    flush=True,
                )
        agreed = sum(each.agrees for each in found)
        new = sum(len(each.opened) for each in found)
        print(f"{repository.name}: {agreed} of {len(found)} merges agree, {new} new findings")
        wrong += len(found) - agreed
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
