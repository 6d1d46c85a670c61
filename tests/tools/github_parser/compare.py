"""Holds our loader of workflows against GitHub's own parser, file by file. For developers.

    npm install @actions/workflow-parser esbuild    (in any folder)
    python -m tests.tools.github_parser.compare --npm FOLDER WORKFLOW...

Prints each file that one of the two refuses and the other takes.
"""

import argparse
import json
import os
import subprocess
from pathlib import Path

from iact_guard.load import workflow
from iact_guard.model.errors import UnreadableError
from iact_guard.syntax.text import decode

JUDGE = Path(__file__).with_name("judge.mjs")
_BANNER = 'import { createRequire } from "module"; const require = createRequire(import.meta.url);'


def main() -> None:
    """Compare, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", type=Path, required=True, help="where the packages are")
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    files = [file.resolve() for file in options.files]
    different = 0
    for file, theirs in zip(files, _judged(options.npm, files), strict=True):
        ours = _refused(file)
        if bool(ours) != bool(theirs):
            different += 1
            print(f"{file}\n  GitHub: {theirs[:1]}\n  ours:   {ours[:1]}")  # noqa: T201
    print(f"{len(files)} files, {different} judged differently")  # noqa: T201


def _judged(npm: Path, files: list[Path]) -> list[list[str]]:
    """GitHub's errors for each file."""
    bundle = npm.resolve() / "judge.bundle.mjs"
    build = ["npx", "esbuild", str(JUDGE), "--bundle", "--platform=node", "--format=esm"]
    build += [f"--outfile={bundle}", f"--banner:js={_BANNER}", "--log-level=error"]
    environment = {"NODE_PATH": str(npm.resolve() / "node_modules")}
    subprocess.run(build, cwd=npm, check=True, env=os.environ | environment)
    names = "\n".join(map(str, files))
    done = subprocess.run(
        ["node", str(bundle)], input=names, capture_output=True, text=True, check=True
    )
    return [json.loads(line)["errors"] for line in done.stdout.splitlines()]


def _refused(file: Path) -> list[str]:
    try:
        loaded = workflow.load(decode(file.name, file.read_bytes()))
    except UnreadableError as error:
        return [error.reason]
    return [problem.reason for problem in (*loaded.problems, *loaded.remarks)]


if __name__ == "__main__":
    main()
