"""What could not be read, run or completed, as findings of the check itself (IG001-IG003)."""

from collections.abc import Iterable, Iterator, Mapping

from iact_guard.config import FILE
from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.model.policy import Policy
from iact_guard.model.scan import ScannerReport
from iact_guard.model.source import Problem
from iact_guard.settings import Config

_LEFT_OUT = " left it out: "


def problem_findings(
    problems: Iterable[Problem],
    only: frozenset[str] | None,
    policies: Mapping[str, Policy],
    config: Config,
) -> Iterator[Finding]:
    """IG001 for files (of `only`), IG003 for checks: a crash may hide what concerns any file."""
    for problem in problems:
        if only is not None and problem.rule == "IG001" and problem.location.path not in only:
            continue
        incomplete = config.incomplete_at(problem.location.path)
        gates = problem.rule == "IG003" or incomplete == "fail"
        yield problem_finding(policies[problem.rule], problem, gates)


def scanner_findings(
    reports: Iterable[ScannerReport],
    asked: frozenset[str],
    only: frozenset[str] | None,
    policies: Mapping[str, Policy],
    config: Config,
) -> Iterator[Finding]:
    """IG002 for each scanner that did not complete, and each file (of `only`) that it left out.

    A scanner that nobody asked for by name and that is not there is a warning of the report.
    """
    policy = policies["IG002"]
    for report in reports:
        if report.status in ("failed", "timeout") or (
            report.status == "not-installed" and report.name in asked
        ):
            reason = f"{report.name} did not complete ({report.status}): {report.reason}"
            where = Location(config.source or FILE)
            gates = config.incomplete == "fail"
            yield problem_finding(policy, Problem(where, reason, "IG002"), gates)
        for item in report.skipped:
            if only is not None and item.path not in only:
                continue
            reason = f"{report.name}{_LEFT_OUT}{item.reason}"
            gates = config.incomplete_at(item.path) == "fail"
            yield problem_finding(policy, Problem(Location(item.path), reason, "IG002"), gates)


def scanner_warnings(reports: Iterable[ScannerReport], asked: frozenset[str]) -> Iterator[str]:
    """A line for each default scanner that could not run."""
    for report in reports:
        if report.status == "not-installed" and report.name not in asked:
            yield f"{report.name} did not run: {report.reason}"


def skipped_by(finding: Finding) -> str | None:
    """The scanner that left a file out, where a finding says that."""
    scanner, said, _ = finding.anchor.removeprefix("IG002:").partition(_LEFT_OUT)
    return scanner if finding.rule == "IG002" and said else None


def problem_finding(policy: Policy, problem: Problem, gates: bool) -> Finding:
    """What could not be done, as a finding of its policy."""
    return Finding(
        tool="iact-guard",
        rule=policy.id,
        name=policy.name,
        outcome="error",
        severity=policy.severity,
        precision=policy.precision,
        message=problem.reason,
        location=_visible(problem.location),
        remedy=problem.remedy or " ".join(policy.remedy.split("\n\n", 1)[0].split()),
        guide=policy.guide[0],
        anchor=f"{policy.id}:{problem.reason}",
        gates=gates,
        security=policy.security,
    )


def _visible(place: Location) -> Location:
    """A place with a width: something to put a caret under."""
    if place.end_line == place.line and place.end_column > place.column:
        return place
    return Location(place.path, place.line, place.column, place.line, place.column + 1)
