"""What every report for people says alike: the verdict, the counts, the names of things."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from iact_guard.model.finding import SEVERITIES, Finding, at_least
from iact_guard.model.location import Location
from iact_guard.model.result import Result
from iact_guard.model.scan import ScannerReport
from iact_guard.redact import visible

FIRST_ERRORS = 5
"""Obstacles of the check itself that are shown before any finding."""


def headline(result: Result) -> str:
    """The verdict in one sentence, without a full stop."""
    if result.exit_code == 3:
        return "nothing to check here: no file of a kind that is read"
    new = "new " if _compares(result) else ""
    gating = failing(result)
    judged = [finding for finding in gating if finding.outcome != "error"]
    found = sum(at_least(finding.severity, result.fail_on) for finding in judged)
    told = f"at or above `{result.fail_on}`"
    verdict = f"{plural(found, f'{new}finding')} {told}" if found else f"nothing {new}{told}"
    errors = plural(len(gating) - len(judged), "error")
    return f"the check is incomplete: {errors}; {verdict}" if result.exit_code == 2 else verdict


def standing(result: Result) -> Iterator[str]:
    """`2 new (1 high, 1 low)`, `3 unknown`, `5 in baseline`, `1 waived`."""
    found = ", ".join(f"{count} {severity}" for severity, count in result.open.items() if count)
    if _compares(result):
        yield f"{sum(result.open.values())} new" + (f" ({found})" if found else "")
    else:
        yield found or "no findings"
    if result.unknown:
        yield f"{result.unknown} unknown"
    names = {"baseline": "in baseline", "waived": "waived", "acknowledged": "acknowledged"}
    yield from (f"{count} {names[status]}" for status, count in result.suppressed.items() if count)


def compared(result: Result) -> Iterator[str]:
    """What new means, and what waits for a review."""
    if since := result.since:
        older = f"; {since.elsewhere} older elsewhere" if since.elsewhere else ""
        yield f"since {since.commit[:12]}: {plural(len(since.files), 'changed file')}{older}"
    if result.stale:
        yield (
            f"{result.stale} entries of {result.baseline} match nothing any more: "
            "`iact-guard baseline prune` takes them out"
        )
    yield from (f"not in force yet: {item}" for item in result.proposed)


def _compares(result: Result) -> bool:
    return result.since is not None or result.baseline is not None


def failing(result: Result) -> list[Finding]:
    """What is open and counts for the exit code, if it is severe enough."""
    return [finding for finding in result.findings if finding.status == "open" and finding.gates]


def shown(result: Result) -> list[Finding]:
    """What is open, less the verdicts that could not be reached and do not count."""
    return [f for f in result.findings if f.status == "open" and not _only_unknown(f)]


def unknown(result: Result) -> list[Finding]:
    """The open verdicts that could not be reached and do not count."""
    return [f for f in result.findings if f.status == "open" and _only_unknown(f)]


def _only_unknown(finding: Finding) -> bool:
    return finding.outcome == "unknown" and not finding.gates


def counts(findings: Iterable[Finding]) -> str:
    """How many of each severity, the worst first: `1 error, 2 critical, 1 low`."""
    found = Counter(map(label, findings))
    names = ("error", *SEVERITIES, "warning")
    return ", ".join(f"{found[name]} {name}" for name in names if found[name])


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first, otherwise in their order.

    Some of what was not judged comes before all; many of its kind do not hide the findings.
    """
    ranked = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    errors = [finding for finding in ranked if label(finding) == "error"]
    judged = [finding for finding in ranked if label(finding) != "error"]
    return [*errors[:FIRST_ERRORS], *judged, *errors[FIRST_ERRORS:]]


def worst(findings: Sequence[Finding], limit: int) -> list[Finding]:
    """At most `limit` of them, the worst, in their order."""
    if len(findings) <= limit:
        return list(findings)
    kept = {id(finding) for finding in by_severity(findings)[:limit]}
    return [finding for finding in findings if id(finding) in kept]


def label(finding: Finding) -> str:
    """Its severity, or that the check itself met an obstacle."""
    if finding.outcome == "error":
        return "error" if finding.gates else "warning"
    return finding.severity


def title(finding: Finding) -> str:
    """`WF101 gate-failure-fails-the-step`; a scanner's name before its rules."""
    tool = "" if finding.tool == "iact-guard" else f"{finding.tool} "
    return visible(f"{tool}{finding.rule} {finding.name}".rstrip())


def at(location: Location) -> str:
    """`path:line`: a path of line ends or control characters forges no line of a report."""
    return f"{visible(location.path)}:{location.line}"


def scanner_state(scanner: ScannerReport) -> str:
    """How far a scanner got."""
    version = f" {scanner.version}" if scanner.version else ""
    skipped = f", {len(scanner.skipped)} skipped" if scanner.skipped else ""
    reason = f": {scanner.reason}" if scanner.reason else ""
    details = "".join(f", {name} {value}" for name, value in scanner.details)
    scanned = plural(scanner.scanned, "file")
    return f"{scanner.status}{version}, {scanned}{skipped}{details}{reason}"


def policies(result: Result) -> str:
    """How many of them were asked."""
    count = len(result.tallies)
    return "1 policy" if count == 1 else f"{count} policies"


def plural(count: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
