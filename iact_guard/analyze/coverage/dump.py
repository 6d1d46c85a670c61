"""Coverage thresholds as plain data, for `iact-guard model`."""

from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.coverage.thresholds import minimums_of
from iact_guard.model.repository import Repository


def coverage(ctx: Context) -> list[dict[str, Any]]:
    """Every threshold: of the configuration files, then of the commands."""
    return [
        {
            "path": each.location.path,
            "line": each.location.line,
            "family": each.family,
            "tool": each.tool,
            "metric": each.metric,
            "minimum": each.value,
            "source": "command" if each.folder is None else "configuration",
            "enforces": each.enforces,
            "reason": each.reason,
        }
        for each in minimums_of(ctx, Repository()).known
    ]
