"""Findings: what is reported, by whichever tool, in the shape of the JSON contract."""

from typing import Literal, get_args

from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass

Severity = Literal["critical", "high", "medium", "low", "note"]
Precision = Literal["very-high", "high", "medium", "low"]
Outcome = Literal["fail", "unknown", "error"]
Status = Literal["open", "baseline", "waived", "acknowledged"]
Tool = Literal["iact-guard", "bandit", "checkov", "safety"]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the worst to the mildest."""


def at_least(severity: Severity, threshold: Severity) -> bool:
    """Whether `severity` is as bad as `threshold` or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(threshold)


@dataclass(frozen=True, slots=True)
class Related:
    """What another tool or policy said of the same fault."""

    tool: str
    rule: str
    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. Its location lies on one line, the one that says it best."""

    tool: Tool
    rule: str
    name: str
    outcome: Outcome
    severity: Severity
    precision: Precision
    message: str
    location: Location
    remedy: str = ""
    guide: str = ""
    fingerprint: str = ""
    anchor: str = ""
    """What it stands on, for the fingerprint: an entity id; empty for the redacted source line."""
    evidence: tuple[Evidence, ...] = ()
    places: tuple[Evidence, ...] = ()
    related: tuple[Related, ...] = ()
    status: Status = "open"
    gates: bool = True
    """False for an unknown whose policy only warns, and for what `incomplete: warn` covers."""
    security: bool = True

    @property
    def everywhere(self) -> tuple[Location, ...]:
        """Its own location, those of its evidence, and its other places."""
        return (self.location, *(item.location for item in (*self.evidence, *self.places)))


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a policy passed, failed, could not tell and did not apply."""

    id: str
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    not_applicable: int = 0
