"""Whole-process times of the command, and ratios to what it compares with, in alternating runs.

Absolute times belong to a machine; a ratio of alternating runs holds on another. Usage:
`make bench`, or `python benchmarks/speed.py --runs 9`.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from repository import make

PYTHON = [sys.executable, "-I"]
GUARD = [*PYTHON, "-m", "iact_guard"]


def main() -> None:
    """Print a line a comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        large = make(Path(folder) / "large")
        workflow = str(large / ".github/workflows/service7.yml")
        module = str(large / "src/package3/module151.py")
        nothing = [*PYTHON, "-c", "pass"]
        alone = ["--scanners", "none"]
        compare("--help", [*GUARD, "--help"], nothing, runs)
        compare("one changed workflow", [*GUARD, "check", workflow, *alone], nothing, runs)
        hook = [*GUARD, "check", module, "--scanners", "bandit"]
        compare("one changed module, Bandit too", hook, nothing, runs)
        whole = [*GUARD, "check", str(large), *alone]
        compare("2,000 files, own policies", whole, nothing, runs)
        checkov = _checkov()
        if checkov:
            compare("2,000 files, own policies", whole, [*checkov, "--version"], runs)


def _checkov() -> list[str] | None:
    """Checkov in its environment, where that has been made."""
    from iact_guard.scanners.environment import find

    python = find("checkov")
    return [str(python), "-I", "-m", "checkov.main"] if python else None


def compare(name: str, ours: list[str], other: list[str], runs: int) -> None:
    """Run both in turn; print the median of each and of the ratios."""
    pairs = [(_seconds(ours), _seconds(other)) for _ in range(runs + 1)][1:]  # the first warms up
    mine, theirs = zip(*pairs, strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    against = " ".join(other[-2:])
    print(
        f"{name:32} {statistics.median(mine):6.2f} s   "
        f"{against:24} {statistics.median(theirs):6.2f} s   ratio {ratio:6.1f}"
    )


def _seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
