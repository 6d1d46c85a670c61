"""Findings, scanner reports, pictures and plans, every text redacted: what reporters get."""

from collections.abc import Callable
from dataclasses import replace

from iact_guard.model.finding import Finding
from iact_guard.model.location import Evidence
from iact_guard.model.picture import Picture
from iact_guard.model.plan import Command, Plan, PlannedMigration, PlannedOperation
from iact_guard.model.scan import ScannerReport, Skipped
from iact_guard.redact import Redactor


def redacted_finding(finding: Finding, redactor: Redactor) -> Finding:
    """The finding with its texts masked and visible; paths and ids stay.

    What we say ourselves names secrets and holds none; IG002 repeats what a scanner said.
    """
    own = finding.tool == "iact-guard" and finding.rule != "IG002"
    text = redactor.composed if own else redactor.text
    return replace(
        finding,
        message=text(finding.message),
        remedy=text(finding.remedy),
        anchor=redactor.values(finding.anchor),
        evidence=tuple(_evidence(item, text) for item in finding.evidence),
        places=tuple(_evidence(item, text) for item in finding.places),
        related=tuple(
            replace(item, message=redactor.text(item.message)) for item in finding.related
        ),
    )


def redacted_report(report: ScannerReport, redactor: Redactor) -> ScannerReport:
    """The report with its reasons masked, without its findings: those are merged by now."""
    return replace(
        report,
        reason=redactor.text(report.reason) if report.reason else None,
        skipped=tuple(Skipped(s.path, redactor.text(s.reason)) for s in report.skipped),
        details=tuple((name, redactor.text(value)) for name, value in report.details),
        remarks=tuple(_evidence(item, redactor.text) for item in report.remarks),
        findings=(),
    )


def redacted_picture(picture: Picture, redactor: Redactor) -> Picture:
    """The picture without secrets and control characters."""
    clean = redactor.composed
    groups = tuple(
        replace(
            group,
            title=clean(group.title),
            nodes=tuple(replace(n, lines=tuple(map(clean, n.lines))) for n in group.nodes),
        )
        for group in picture.groups
    )
    edges = tuple(replace(edge, label=clean(edge.label)) for edge in picture.edges)
    return replace(picture, groups=groups, edges=edges)


def redacted_plan(plan: Plan, redactor: Redactor) -> Plan:
    """The plan without secrets and control characters; paths stay."""
    return replace(
        plan,
        migrations=tuple(_migration(migration, redactor) for migration in plan.migrations),
        before=_commands(plan.before, redactor),
        after=_commands(plan.after, redactor),
        back=_commands(plan.back, redactor),
    )


def _migration(migration: PlannedMigration, redactor: Redactor) -> PlannedMigration:
    clean = redactor.composed
    return replace(
        migration,
        app=clean(migration.app),
        name=clean(migration.name),
        phase_reason=clean(migration.phase_reason),
        operations=tuple(_operation(operation, redactor) for operation in migration.operations),
        waits_for=tuple(map(clean, migration.waits_for)),
    )


def _operation(operation: PlannedOperation, redactor: Redactor) -> PlannedOperation:
    clean = redactor.composed
    return replace(
        operation,
        kind=clean(operation.kind),
        table=clean(operation.table),
        sql=tuple(map(redactor.text, operation.sql)),
        locks={clean(table): modes for table, modes in operation.locks.items()},
        phase_reason=clean(operation.phase_reason),
        no_way_back=clean(operation.no_way_back),
        loses=tuple(map(clean, operation.loses)),
        may_fail=tuple(map(clean, operation.may_fail)),
        reason=clean(operation.reason),
    )


def _commands(commands: tuple[Command, ...], redactor: Redactor) -> tuple[Command, ...]:
    clean = redactor.composed
    return tuple(
        Command(clean(c.text), tuple(map(clean, c.migrations)), tuple(map(clean, c.remarks)))
        for c in commands
    )


def _evidence(item: Evidence, text: Callable[[str], str]) -> Evidence:
    return Evidence(item.location, text(item.message))
