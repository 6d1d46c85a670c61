"""The result of a check: what every reporter is given. Already redacted and ordered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iact_guard.model.finding import SEVERITIES, Finding, Severity, Tally
from iact_guard.model.policy import Policy
from iact_guard.model.scan import ScannerReport


@dataclass(frozen=True, slots=True)
class Result:
    """Findings, counts, scanners, and the source lines that a reporter may show."""

    findings: tuple[Finding, ...]
    tallies: tuple[Tally, ...]
    scanners: tuple[ScannerReport, ...]
    files: int
    exit_code: int
    complete: bool
    fail_on: Severity
    policies: Mapping[str, Policy]
    """Every policy by id, with the team's settings."""
    lines: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """Redacted source lines by path and line."""
    line_hashes: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """GitHub's `primaryLocationLineHash` by path and line, over the redacted text."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """How many of the files are of which kind; `other` is read by no loader."""
    excluded: int = 0
    """Files that the configuration leaves out."""
    nested: tuple[str, ...] = ()
    """Repositories within the repository, which are their own business."""
    warnings: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds by part; empty unless asked for, so that two runs give the same bytes."""

    @property
    def open(self) -> dict[Severity, int]:
        """How many open failures and errors there are of each severity, warnings apart."""
        counts: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
        for finding in self.findings:
            if finding.status == "open" and finding.outcome != "unknown" and finding.gates:
                counts[finding.severity] += 1
        return counts

    @property
    def unknown(self) -> int:
        """How many verdicts could not be reached."""
        return sum(finding.outcome == "unknown" for finding in self.findings)
