"""For developers: our values of pure expressions beside those of `terraform console`.

Needs `terraform`; run as `python -m tests.tools.terraform_console`. Prints every difference, and
leaves with 1 where there is one. What we call unknown is counted, not a difference.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from iact_guard.analyze.terraform.expressions import evaluate
from iact_guard.analyze.terraform.functions import plain
from iact_guard.analyze.terraform.modules import ModuleInstance, World
from iact_guard.model.errors import UnreadableError
from iact_guard.model.value import Value, failed
from iact_guard.project import Project
from iact_guard.settings import Config
from iact_guard.syntax import hcl
from iact_guard.syntax.text import Text
from iact_guard.tree import DictTree

HERE = Path(__file__).parent


def ours(definitions: str, expressions: list[str]) -> list[Value]:
    """What we make of each expression."""
    project = Project(DictTree({"main.tf": definitions}), Config())
    (module,) = project.entities("terraform-module")
    scope = ModuleInstance(module, World({"": module}), {})
    return [_value(expression, scope) for expression in expressions]


def _value(expression: str, scope: ModuleInstance) -> Value:
    try:
        document = hcl.parse(Text("console", f"a = {expression}\n"))
    except UnreadableError as error:
        return failed(error.reason)
    return evaluate(document.body.attributes[0].expression, scope)


def theirs(definitions: str, expressions: list[str]) -> list[str | None]:
    """JSON of what Terraform makes of each; None where it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.tf").write_text(definitions)
        return [_console(folder, expression) for expression in expressions]


def _console(folder: str, expression: str) -> str | None:
    asked = f"jsonencode({{v = {expression}}})\n"
    done = subprocess.run(
        ["terraform", "console"],
        input=asked,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    if done.returncode or not done.stdout.startswith('"'):
        return None
    return json.dumps(json.loads(json.loads(done.stdout))["v"], sort_keys=True)


def main() -> int:
    """Compare every line of `terraform_console.txt`."""
    definitions, _, listed = (HERE / "terraform_console.txt").read_text().partition("\n---\n")
    expressions = [line for line in listed.splitlines() if line and not line.startswith("#")]
    pairs = zip(
        expressions,
        ours(definitions, expressions),
        theirs(definitions, expressions),
        strict=True,
    )
    different = unknown = 0
    for expression, value, expected in pairs:
        if value.state == "unknown" and not value.failed:
            unknown += 1
            print(f"unknown: {expression}: {value.reason}")  # noqa: T201
            continue
        actual = None if value.failed else json.dumps(plain(value), sort_keys=True)
        if actual != expected:
            different += 1
            why = value.reason if value.failed else ""
            print(f"differs: {expression}\n  ours   {actual} {why}\n  theirs {expected}")  # noqa: T201
    print(f"{len(expressions)} expressions, {different} differ, {unknown} unknown")  # noqa: T201
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
