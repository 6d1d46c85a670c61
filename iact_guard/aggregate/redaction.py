"""Findings, scanner reports and pictures with every text redacted: what reporters are given."""

from collections.abc import Callable
from dataclasses import replace

from iact_guard.model.finding import Finding
from iact_guard.model.location import Evidence
from iact_guard.model.picture import Picture
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


def _evidence(item: Evidence, text: Callable[[str], str]) -> Evidence:
    return Evidence(item.location, text(item.message))
