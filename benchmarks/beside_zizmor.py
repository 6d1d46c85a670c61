"""Whole-process times on a folder of workflows, beside zizmor, in alternating runs.

Both start anew each time, without a cache of their own; the first run of each only warms the
machine's page cache. Usage: `python benchmarks/beside_zizmor.py FOLDER --zizmor PATH`.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Below that, start-up decides.
FEWEST = 300
# What each says when it is done: findings or not, and ours if a file could not be read.
OUR_DONE = (0, 1, 2)
ZIZMOR_DONE = (0, 11, 12, 13, 14)


def main() -> None:
    """Print the smallest and the median time of each, and the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--zizmor", default=shutil.which("zizmor"), metavar="PATH")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    if options.zizmor is None:
        sys.exit("no zizmor on the path; give --zizmor")
    folder = options.folder.resolve()
    count = sum(1 for p in folder.rglob("*") if p.suffix in (".yml", ".yaml") and p.is_file())
    if count < FEWEST:
        sys.exit(f"{folder}: {count} workflow files, at least {FEWEST} are needed")
    own = str(Path(sys.executable).with_name("iact-guard"))
    ours = [own, "check", str(folder), "--scanners", "none", "--no-cache"]
    theirs = [options.zizmor, "--offline", str(folder)]
    pairs = [
        (seconds(ours, OUR_DONE), seconds(theirs, ZIZMOR_DONE)) for _ in range(options.runs + 1)
    ]
    mine, other = zip(*pairs[1:], strict=True)
    print(f"{count} files, {options.runs} runs of each in turn")
    for name, times in (("iact-guard", mine), ("zizmor", other)):
        print(f"{name:12} min {min(times):6.2f} s   median {statistics.median(times):6.2f} s")
    print(f"ratio of medians {statistics.median(mine) / statistics.median(other):.2f}")


def seconds(command: list[str], done: tuple[int, ...]) -> float:
    """One run of a command, whose exit code must be one of `done`."""
    with tempfile.TemporaryDirectory() as caches:
        environment = os.environ | {"XDG_CACHE_HOME": caches}
        began = time.perf_counter()
        code = subprocess.run(command, capture_output=True, check=False, env=environment).returncode
        took = time.perf_counter() - began
    if code not in done:
        sys.exit(f"{command[0]}: exit code {code}")
    return took


if __name__ == "__main__":
    main()
