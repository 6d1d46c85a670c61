"""Waivers of the configuration: a finding that somebody answers for, until a day."""

import datetime
from collections.abc import Iterable
from dataclasses import replace

from iact_guard.globs import matches
from iact_guard.model.finding import Finding
from iact_guard.settings import Waiver


def waived(
    findings: Iterable[Finding], waivers: tuple[Waiver, ...], today: datetime.date
) -> list[Finding]:
    """The same findings, those that a waiver in force covers with status `waived`.

    What the check says of itself (outcome `error`) cannot be waived: it was not judged.
    """
    in_force = [waiver for waiver in waivers if waiver.expires >= today]
    return [
        replace(finding, status="waived") if _covered(finding, in_force) else finding
        for finding in findings
    ]


def _covered(finding: Finding, waivers: list[Waiver]) -> bool:
    return finding.outcome != "error" and any(
        waiver.rule == finding.rule and matches(finding.location.path, waiver.paths)
        for waiver in waivers
    )
