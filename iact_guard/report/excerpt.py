"""The source line of a finding, cut around its place, and the carets below it."""

from iact_guard.model.finding import Finding
from iact_guard.model.result import Result

MAX_WIDTH = 160
"""Longer source lines are cut around the place."""


def excerpt(result: Result, finding: Finding) -> tuple[str, str] | None:
    """The line and its carets (none where the line is masked); None where there is no line."""
    where = finding.location
    line = result.lines.get((where.path, where.line))
    if line is None or not line.strip():
        return None
    start, end = where.column - 1, max(where.end_column - 1, where.column)
    if "***" in line:  # masked: the columns of the file no longer fit
        start = end = 0
    offset = max(0, start - MAX_WIDTH // 2)
    shown = line[offset : offset + MAX_WIDTH]
    if start >= end:
        return shown, ""
    width = max(1, min(end - start, len(shown) - (start - offset)))
    return shown, " " * (start - offset) + "^" * width


def numbered(number: int, line: str, caret: str) -> list[str]:
    """The line behind its number, and the carets below it."""
    below = [f"{'':>6} | {caret}"] if caret else []
    return [f"{number:>6} | {line}", *below]
