"""The owners file in force, as plain data."""

from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.owners.owned import owners_in_force


def owners(ctx: Context) -> dict[str, Any]:
    """Path and rules; path is None without a file that could be read."""
    (repository,) = ctx.project.entities("repository")
    file = owners_in_force(ctx, repository).value
    if file is None:
        return {"path": None, "rules": []}
    rules = [
        {
            "pattern": rule.pattern.text,
            "owners": [owner.text for owner in rule.owners],
            "line": rule.line,
        }
        for rule in file.rules
    ]
    return {"path": file.path, "rules": rules}
