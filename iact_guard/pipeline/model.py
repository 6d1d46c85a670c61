"""`model`: entities and facts of a root as plain data, redacted."""

from pathlib import Path
from typing import Any

from iact_guard import __version__
from iact_guard import config as configuration
from iact_guard.analyze.context import Context
from iact_guard.project import Project, resolve
from iact_guard.redact import Redactor
from iact_guard.tree import DiskTree

SCHEMA_VERSION = 1

# A domain's entities merged with their facts: `f(ctx) -> plain data`.
DUMPS = {
    "workflows": "iact_guard.analyze.workflow.dump:workflows",
    "migrations": "iact_guard.analyze.migration.dump:migrations",
    "terraform": "iact_guard.analyze.terraform.dump:terraform",
    "owners": "iact_guard.analyze.owners.dump:owners",
    "coverage": "iact_guard.analyze.coverage.dump:coverage",
}


def build(root: Path) -> dict[str, Any]:
    """The model of a root; what could not be read stands under `problems`."""
    tree = DiskTree(root)
    project = Project(tree, configuration.load(tree))
    ctx = Context(project)
    project.load_everything()
    learn_secrets(ctx)
    parts = {name: resolve(dump)(ctx) for name, dump in DUMPS.items()}
    model = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "iact-guard", "version": __version__},
        "files": [
            {"path": source.path, "kind": str(source.kind)} for source in project.discovery.sources
        ],
        **parts,
        "links": [],
        "problems": [
            {
                "rule": problem.rule,
                "path": problem.location.path,
                "line": problem.location.line,
                "column": problem.location.column,
                "message": problem.reason,
            }
            for problem in project.problems
        ],
    }
    return {key: _redacted(value, project.redactor) for key, value in model.items()}


def learn_secrets(ctx: Context) -> None:
    """Run the detector on every file: it teaches the redactor what must not be shown."""
    from iact_guard.analyze.secrets.assigned import assigned_secrets

    for file in ctx.project.entities("file"):
        assigned_secrets(ctx, file)


def _redacted(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.source(value)
    if isinstance(value, list | tuple):
        return [_redacted(item, redactor) for item in value]
    if isinstance(value, dict):
        return {
            key: item if key == "path" else _redacted(item, redactor) for key, item in value.items()
        }
    return value
