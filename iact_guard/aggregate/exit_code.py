"""From findings to the exit code of the contract."""

from collections.abc import Iterable

from iact_guard.model.finding import Finding, Severity, at_least

CLEAN, FINDINGS, INCOMPLETE, NOTHING = 0, 1, 2, 3


def exit_code(findings: Iterable[Finding], fail_on: Severity, *, anything: bool) -> int:
    """2 is stronger than 1; 3 where there was nothing to check (`anything` is False)."""
    gating = [finding for finding in findings if finding.status == "open" and finding.gates]
    if any(finding.outcome == "error" for finding in gating):
        return INCOMPLETE
    if any(at_least(finding.severity, fail_on) for finding in gating):
        return FINDINGS
    return CLEAN if anything else NOTHING
