"""`model`: entities and facts of a root as plain data, redacted."""

from pathlib import Path
from typing import Any

from iact_guard import __version__
from iact_guard import config as configuration
from iact_guard.analyze.context import Context
from iact_guard.pipeline.secrets import learn_secrets
from iact_guard.project import Project, resolve
from iact_guard.redact import MASK
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
    return {key: _redacted(value, project) for key, value in model.items()}


def _redacted(value: Any, project: Project) -> Any:
    """Every text masked, keys too; a path of the tree stays what it is."""
    if isinstance(value, str):
        return project.redactor.source(value)
    if isinstance(value, list | tuple):
        return [_redacted(item, project) for item in value]
    if isinstance(value, dict):
        shown = {
            project.redactor.values(str(key)): item
            if key == "path" and isinstance(item, str) and project.exists(item)
            else _redacted(item, project)
            for key, item in value.items()
        }
        return _with_argv(value, shown)
    return value


def _with_argv(raw: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """A word of a command by itself does not show that it stands behind `--password`."""
    if "argv" in raw and "text" in raw and raw["text"] != shown["text"]:
        words = raw["argv"] or ()
        shown["argv"] = [w if w is None or w in shown["text"] else MASK for w in words]
    return shown
