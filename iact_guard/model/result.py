"""The result of a check: what every reporter is given. Already redacted and ordered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import field

from iact_guard.model.finding import SEVERITIES, Finding, Severity, Status, Tally
from iact_guard.model.picture import Picture
from iact_guard.model.policy import Policy
from iact_guard.model.records import dataclass
from iact_guard.model.scan import ScannerReport


@dataclass(frozen=True, slots=True)
class Since:
    """What the result is compared with: what the base has as well is `baseline`, not open."""

    asked: str
    """As it was asked for: `auto`, a branch, a commit."""
    commit: str
    """The merge base, in full."""
    files: tuple[str, ...]
    """Paths that changed since then, those that are gone among them."""
    elsewhere: int = 0
    """Older findings in files that did not change: they are not listed."""


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
    below: str = ""
    """Where the root lies in its repository, with a `/` at the end, on a runner of GitHub: what
    GitHub reads counts from the repository's root."""
    picture: Picture | None = None
    """The way to production, where a reporter draws it; redacted."""
    warnings: tuple[str, ...] = ()
    since: Since | None = None
    """The base of `--since`; None where everything counts."""
    baseline: str | None = None
    """The path of the baseline that was honoured."""
    stale: int = 0
    """Entries of the baseline that match nothing any more."""
    proposed: tuple[str, ...] = ()
    """What a change adds to the configuration, waivers and baseline: not in force yet."""
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
    def suppressed(self) -> dict[Status, int]:
        """How many findings would gate if they were open, by status."""
        gating = (finding for finding in self.findings if finding.gates)
        found = Counter(finding.status for finding in gating)
        return {status: found[status] for status in ("baseline", "waived", "acknowledged")}

    @property
    def unknown(self) -> int:
        """How many verdicts could not be reached, older ones apart."""
        return sum(f.outcome == "unknown" and f.status == "open" for f in self.findings)
