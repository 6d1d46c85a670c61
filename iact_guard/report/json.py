"""The JSON report of `check`; its schema is `iact_guard.report.schema.CheckReport`."""

from typing import Any

from iact_guard import __version__
from iact_guard.model.finding import Finding
from iact_guard.model.location import Evidence, Location
from iact_guard.model.result import Result
from iact_guard.model.scan import ScannerReport
from iact_guard.report.text import to_json

SCHEMA_VERSION = 1


def render(result: Result) -> str:
    """The report as text."""
    return to_json(build(result))


def build(result: Result) -> dict[str, Any]:
    """The report as plain data."""
    report: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "iact-guard", "version": __version__},
        "findings": [_finding(finding) for finding in result.findings],
        "policies": [
            {
                "id": tally.id,
                "pass": tally.passed,
                "fail": tally.failed,
                "unknown": tally.unknown,
                "not_applicable": tally.not_applicable,
            }
            for tally in result.tallies
        ],
        "scanners": [_scanner(scanner) for scanner in result.scanners],
        "summary": {
            "files": result.files,
            "kinds": dict(result.kinds),
            "excluded": result.excluded,
            "nested": list(result.nested),
            "open": result.open,
            "unknown": result.unknown,
            **result.suppressed,
            "stale": result.stale,
            "complete": result.complete,
            "exit_code": result.exit_code,
        },
    }
    if result.since:
        report["since"] = {
            "asked": result.since.asked,
            "commit": result.since.commit,
            "files": list(result.since.files),
            "elsewhere": result.since.elsewhere,
        }
    if result.baseline:
        report["baseline"] = result.baseline
    if result.proposed:
        report["proposed"] = list(result.proposed)
    if result.warnings:
        report["warnings"] = list(result.warnings)
    if result.timings:
        report["timings"] = {name: round(value, 4) for name, value in result.timings.items()}
    return report


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "tool": finding.tool,
        "rule": finding.rule,
        "name": finding.name,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "precision": finding.precision,
        "message": finding.message,
        "remedy": finding.remedy,
        "guide": finding.guide,
        **_region(finding.location),
        "fingerprint": finding.fingerprint,
        "evidence": [_place(item) for item in finding.evidence],
        "places": [_place(item) for item in finding.places],
        "related": [
            {
                "tool": other.tool,
                "rule": other.rule,
                "path": other.path,
                "line": other.line,
                "message": other.message,
            }
            for other in finding.related
        ],
        "status": finding.status,
        "gates": finding.gates,
    }


def _region(location: Location) -> dict[str, Any]:
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }


def _place(item: Evidence) -> dict[str, Any]:
    where = item.location
    return {
        "path": where.path,
        "line": where.line,
        "column": where.column,
        "message": item.message,
    }


def _scanner(scanner: ScannerReport) -> dict[str, Any]:
    return {
        "name": scanner.name,
        "status": scanner.status,
        "version": scanner.version,
        "python": scanner.python,
        "reason": scanner.reason,
        "scanned": scanner.scanned,
        "skipped": [{"path": item.path, "reason": item.reason} for item in scanner.skipped],
        "details": dict(scanner.details),
        "remarks": [_place(item) for item in scanner.remarks],
    }
