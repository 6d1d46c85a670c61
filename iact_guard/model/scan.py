"""What a scanner hands back: its findings, and how far it got."""

from typing import Literal

from iact_guard.model.finding import Finding
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass

ScannerName = Literal["bandit", "checkov", "safety"]
ScannerStatus = Literal["ok", "partial", "failed", "timeout", "not-installed", "off"]


@dataclass(frozen=True, slots=True, order=True)
class Skipped:
    """A file that a scanner was given and did not judge, in whole or in part."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScannerReport:
    """One run of one scanner.

    `failed`, `timeout` and `not-installed` carry a reason; `partial` means that `skipped` is not
    empty. Findings come in a stable order, without fingerprints. No text of it holds a value that
    a scanner took for a secret.
    """

    name: ScannerName
    status: ScannerStatus
    version: str | None = None
    python: str | None = None
    """The interpreter that ran it: it decides which syntax Bandit can read."""
    reason: str | None = None
    scanned: int = 0
    skipped: tuple[Skipped, ...] = ()
    findings: tuple[Finding, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    """What else a reader must know, the same on every run: the source of the advisories."""
    age_days: int | None = None
    """Age of the newest advisory on the day of the run: changes daily, so never in the JSON."""
    remarks: tuple[Evidence, ...] = ()
    """Settings of the tool itself that were honoured, suppressions that name nothing."""
    settled: bool = True
    """Whether another run on the same files says the same: not where a process died."""
