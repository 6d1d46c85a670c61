"""The order of findings: that of files and lines, the same on every run."""

from collections.abc import Iterable
from typing import Any

from iact_guard.model.finding import Finding

_TOOLS = ("iact-guard", "bandit", "checkov", "safety")


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """By path, place, tool, rule and text."""
    return sorted(findings, key=_key)


def _key(finding: Finding) -> tuple[Any, ...]:
    where = finding.location
    return (
        where.path,
        where.line,
        where.column,
        _TOOLS.index(finding.tool),
        finding.rule,
        finding.anchor,
        finding.message,
        where.end_line,
        where.end_column,
    )
