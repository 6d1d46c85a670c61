"""The plan as JSON; its schema is `iact_guard.report.schema.PlanModel`."""

from typing import Any

from iact_guard import __version__
from iact_guard.model.finding import Finding
from iact_guard.model.plan import Command, PlannedMigration, PlannedOperation, PlanReport
from iact_guard.report.text import to_json

SCHEMA_VERSION = 1


def render(report: PlanReport) -> str:
    """The plan as text."""
    return to_json(build(report))


def build(report: PlanReport) -> dict[str, Any]:
    """The plan as plain data."""
    plan, result = report.plan, report.result
    planned = {migration.path for migration in plan.migrations}
    elsewhere = [f for f in result.findings if f.location.path not in planned]
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "iact-guard", "version": __version__},
        "verdict": report.verdict,
        "reasons": list(report.reasons),
        "database": plan.engine,
        "since": result.since.commit if result.since else None,
        "migrations": [_migration(migration) for migration in plan.migrations],
        "findings": [_finding(f) for f in elsewhere if f.status == "open"],
        "forward": {
            "before": [_command(command) for command in plan.before],
            "stop": plan.stopped,
            "after": [_command(command) for command in plan.after],
        },
        "back": [_command(command) for command in plan.back],
        "warnings": list(result.warnings),
        "complete": result.complete,
        "exit_code": result.exit_code,
    }


def _migration(migration: PlannedMigration) -> dict[str, Any]:
    return {
        "app": migration.app,
        "name": migration.name,
        "path": migration.path,
        "line": migration.location.line,
        "transaction": migration.transaction,
        "phase": migration.phase,
        "phase_reason": migration.phase_reason,
        "edited": migration.edited,
        "waits_for": list(migration.waits_for),
        "operations": [_operation(operation) for operation in migration.operations],
        "findings": [_finding(finding) for finding in migration.findings],
    }


def _operation(operation: PlannedOperation) -> dict[str, Any]:
    return {
        "kind": operation.kind,
        "line": operation.location.line,
        "table": operation.table or None,
        "sql": list(operation.sql),
        "locks": {table: list(modes) for table, modes in operation.locks.items()},
        "impact": operation.impact,
        "old_code": dict(operation.old_code),
        "phase": operation.phase,
        "phase_reason": operation.phase_reason,
        "reversible": operation.reversible,
        "no_way_back": operation.no_way_back or None,
        "loses": list(operation.loses),
        "may_fail": list(operation.may_fail),
        "reason": operation.reason or None,
        "released": operation.released,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "message": finding.message,
        "remedy": finding.remedy,
        "path": finding.location.path,
        "line": finding.location.line,
        "fingerprint": finding.fingerprint,
    }


def _command(command: Command) -> dict[str, Any]:
    return {
        "command": command.text,
        "migrations": list(command.migrations),
        "remarks": list(command.remarks),
    }
