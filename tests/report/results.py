"""A result with everything in it, for the tests of reporters."""

from functools import cache
from typing import Any

from iact_guard.load.shipped import shipped
from iact_guard.model.finding import Finding, Related, Tally
from iact_guard.model.location import Evidence, Location
from iact_guard.model.policy import Policy
from iact_guard.model.result import Result
from iact_guard.model.scan import ScannerReport, Skipped


def finding(**changes: Any) -> Finding:
    """A finding with the usual values."""
    values: dict[str, Any] = {
        "tool": "iact-guard", "rule": "WF001", "name": "actions-are-pinned", "outcome": "fail",
        "severity": "high", "precision": "very-high", "message": "a/b@v1 [is] at a tag",
        "location": Location("a.yml", 3, 5, 3, 11), "remedy": "Pin it", "guide": "1",
        "fingerprint": "0" * 32,
    }  # fmt: skip
    return Finding(**(values | changes))


def result(*findings: Finding, **changes: Any) -> Result:
    """A result that holds them."""
    values: dict[str, Any] = {
        "findings": findings,
        "tallies": (Tally("WF001", 1, 1, 0, 0),),
        "scanners": (),
        "files": 3,
        "exit_code": 1,
        "complete": True,
        "fail_on": "medium",
        "policies": _policies(),
        "lines": {("a.yml", 3): "    uses: a/b@v1"},
    }
    return Result(**(values | changes))


@cache
def _policies() -> dict[str, Policy]:
    return {policy.id: policy for policy in shipped()}


def full() -> Result:
    """Evidence, places, related findings, three tools, odd names."""
    here = Location("we ird/ä:#\n.yml", 2, 1, 2, 4)
    return result(
        finding(
            evidence=(Evidence(here, "first [1]"), Evidence(Location("b.tf", 9, 1, 9, 2), "then")),
            places=(Evidence(Location("c.yml", 1, 2, 1, 3), "here too"),),
            related=(Related("checkov", "CKV_GHA_1", "a.yml", 3, "the same"),),
        ),
        finding(location=here, message="an odd\\n path"),
        finding(location=here, message="an odd\\n path", fingerprint="1" * 32),
        finding(outcome="unknown", gates=False, message="who knows"),
        finding(status="waived"),
        finding(tool="bandit", rule="B602", name="subprocess", severity="low"),
        finding(tool="safety", rule="1", name="jinja2", severity="critical", security=True),
        scanners=(
            ScannerReport("bandit", "partial", "1.9", "3.11", skipped=(Skipped("x.py", "no"),)),
            ScannerReport("checkov", "failed", reason="timeout"),
            ScannerReport("safety", "ok", "3.7", scanned=1),
        ),
        warnings=("something",),
    )
