"""Findings that somebody answers for: waivers of the configuration, comments in the source."""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field, replace

from iact_guard.aggregate.allow import Allow, in_force, meant_by
from iact_guard.globs import matches
from iact_guard.model.finding import Finding
from iact_guard.model.records import dataclass
from iact_guard.settings import Waiver


@dataclass(slots=True)
class Waived:
    """Findings with their status, and how many each waiver and each comment speaks of."""

    findings: list[Finding] = field(default_factory=list)
    of_waivers: Counter[Waiver] = field(default_factory=Counter)
    of_allows: Counter[tuple[Allow, str]] = field(default_factory=Counter)
    """By comment and rule."""


def waived(
    findings: Iterable[Finding],
    waivers: Sequence[Waiver],
    today: datetime.date,
    allows: Sequence[Allow] = (),
    trusted: Sequence[Allow] | None = None,
) -> Waived:
    """The same findings, those that a waiver or comment in force covers with status `waived`.

    Of comments only the `trusted` ones count (all without). What the check says of itself (outcome
    `error`) cannot be waived: it was not judged.
    """
    by_line: dict[tuple[str, int], list[Allow]] = {}
    for allow in allows:
        by_line.setdefault((allow.location.path, allow.line), []).append(allow)
    believed = {id(allow) for allow in (allows if trusted is None else trusted)}
    result = Waived()
    for finding in findings:
        where = finding.location
        if finding.outcome == "error":
            result.findings.append(finding)
            continue
        speaking = [waiver for waiver in waivers if _covers(waiver, finding)]
        near = by_line.get((where.path, where.line), ())
        comments = [a for a in near if meant_by(a, finding.rule, where.path, where.line)]
        result.of_waivers.update(speaking)
        result.of_allows.update((allow, finding.rule) for allow in comments)
        holds = any(waiver.expires >= today for waiver in speaking) or any(
            in_force(allow, today) and id(allow) in believed for allow in comments
        )
        result.findings.append(replace(finding, status="waived") if holds else finding)
    return result


def _covers(waiver: Waiver, finding: Finding) -> bool:
    return waiver.rule == finding.rule and matches(finding.location.path, waiver.paths)
