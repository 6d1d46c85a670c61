"""Paths as GitHub reads them: from the root of the repository, though a part of it is checked."""

from dataclasses import replace

from iact_guard.model.finding import Finding
from iact_guard.model.location import Evidence, Location
from iact_guard.model.result import Result


def from_repository(result: Result) -> Result:
    """The result with `below` before every path of a finding; the same one where that is empty."""
    if not result.below:
        return result
    below = result.below
    return replace(
        result,
        below="",
        findings=tuple(_moved(finding, below) for finding in result.findings),
        lines={(below + path, line): text for (path, line), text in result.lines.items()},
        line_hashes={(below + path, n): text for (path, n), text in result.line_hashes.items()},
    )


def _moved(finding: Finding, below: str) -> Finding:
    return replace(
        finding,
        location=_below(finding.location, below),
        evidence=tuple(_step(item, below) for item in finding.evidence),
        places=tuple(_step(item, below) for item in finding.places),
        related=tuple(replace(item, path=below + item.path) for item in finding.related),
    )


def _step(item: Evidence, below: str) -> Evidence:
    return Evidence(_below(item.location, below), item.message)


def _below(at: Location, below: str) -> Location:
    if at.path in ("", "."):  # the whole root, no file of it
        return at
    return Location(below + at.path, at.line, at.column, at.end_line, at.end_column)
