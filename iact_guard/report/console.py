"""The report for people: grouped by file, with source lines, carets, evidence and remedies."""

from collections import defaultdict
from collections.abc import Iterator

from iact_guard.model.finding import SEVERITIES, Finding
from iact_guard.model.location import Location
from iact_guard.model.result import Result
from iact_guard.model.scan import ScannerReport
from iact_guard.redact import visible

MAX_WIDTH = 160
"""Longer source lines are cut around the place."""
MAX_EVIDENCE = 12
MAX_PLACES = 3
WARN_AFTER_DAYS = 7
MAX_FINDINGS = 500
"""Beyond it, findings are counted, the mildest first."""

_COLORS = {
    "critical": "\x1b[1;31m", "high": "\x1b[31m", "medium": "\x1b[33m", "low": "\x1b[36m",
    "note": "\x1b[2m", "bold": "\x1b[1m", "dim": "\x1b[2m", "green": "\x1b[32m",
}  # fmt: skip
_VERDICTS = {
    0: "nothing open at or above",
    1: "findings at or above",
    2: "the check is incomplete: not everything was judged",
    3: "nothing to check here: no file of a kind that is read",
}


def render(result: Result, *, color: bool = False) -> str:
    """The whole report; `color` adds ANSI sequences."""
    return "\n".join(_Console(color).lines(result)) + "\n"


class _Console:
    def __init__(self, color: bool) -> None:
        self.color = color

    def paint(self, text: str, style: str) -> str:
        return f"{_COLORS[style]}{text}\x1b[0m" if self.color else text

    def lines(self, result: Result) -> Iterator[str]:
        shown = [f for f in result.findings if f.status == "open" and f.outcome != "unknown"]
        kept = _worst(shown)
        by_file: dict[str, list[Finding]] = defaultdict(list)
        for finding in kept:
            by_file[finding.location.path].append(finding)
        for path, findings in by_file.items():
            yield self.paint(_path(path), "bold")
            for finding in findings:
                yield from self._finding(result, finding)
            yield ""
        if len(kept) < len(shown):
            yield f"... and {len(shown) - len(kept)} more: see -o json:FILE or -o sarif:FILE"
            yield ""
        yield from self._unknowns(result)
        yield from self._scanners(result)
        for warning in (*result.warnings, *_ages(result)):
            yield f"{self.paint('warning', 'medium')}: {warning}"
        yield from self._summary(result)

    def _finding(self, result: Result, finding: Finding) -> Iterator[str]:
        where = finding.location
        severity: str = finding.severity
        if finding.outcome == "error":
            severity = "error" if finding.gates else "warning"
        label = self.paint(f"{severity:8}", finding.severity)
        tool = "" if finding.tool == "iact-guard" else f"{finding.tool} "
        head = f"{finding.rule} {finding.name}".rstrip()
        yield f"  {where.line}:{where.column}  {label} {tool}{self.paint(head, 'bold')}"
        yield f"      {finding.message}"
        yield from self._excerpt(result, where, finding)
        for number, item in enumerate(finding.evidence[:MAX_EVIDENCE], start=1):
            yield f"      {number}. {_at(item.location)}: {item.message}"
        yield from self._places(finding)
        for other in finding.related:
            yield self.paint(f"      also: {other.tool} {other.rule}: {other.message}", "dim")
        if finding.remedy:
            yield f"      {self.paint('fix:', 'green')} {finding.remedy}"

    def _places(self, finding: Finding) -> Iterator[str]:
        if finding.places:
            some = ", ".join(_at(item.location) for item in finding.places[:MAX_PLACES])
            more = len(finding.places) - MAX_PLACES
            yield f"      and at {some}{f' and {more} more places' if more > 0 else ''}"

    def _excerpt(self, result: Result, where: Location, finding: Finding) -> Iterator[str]:
        line = result.lines.get((where.path, where.line))
        if line is None or not line.strip():
            return
        start, end = where.column - 1, max(where.end_column - 1, where.column)
        if "***" in line:  # masked: the columns of the file no longer fit
            start = end = 0
        offset = max(0, start - MAX_WIDTH // 2)
        shown = line[offset : offset + MAX_WIDTH]
        margin = f"{where.line:>6}"
        yield f"{margin} | {shown}"
        if start < end:
            width = max(1, min(end - start, len(shown) - (start - offset)))
            caret = " " * (start - offset) + "^" * width
            yield f"{'':>6} | {self.paint(caret, finding.severity)}"

    def _unknowns(self, result: Result) -> Iterator[str]:
        groups: dict[str, list[Finding]] = defaultdict(list)
        for finding in result.findings:
            if finding.outcome == "unknown" and finding.status == "open":
                groups[finding.rule].append(finding)
        if groups:
            yield self.paint("Not known:", "bold")
        for rule, findings in sorted(groups.items()):
            first = findings[0]
            more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
            place = _at(first.location)
            yield f"  {rule} {first.name}: {first.message} [{place}]{more}"
        if groups:
            yield ""

    def _scanners(self, result: Result) -> Iterator[str]:
        for scanner in result.scanners:
            if scanner.status == "off":
                continue
            yield f"{scanner.name}: {_scanner(scanner)}"
            for remark in scanner.remarks[:MAX_PLACES]:
                yield f"  {_at(remark.location)}: {remark.message}"
            if len(scanner.remarks) > MAX_PLACES:
                yield f"  ... and {len(scanner.remarks) - MAX_PLACES} more remarks, in -o json:FILE"

    def _summary(self, result: Result) -> Iterator[str]:
        checked = sum(t.passed + t.failed + t.unknown for t in result.tallies)
        yield (
            f"{result.files} files, {len(result.tallies)} policies, {checked} verdicts: "
            f"{', '.join(_counts(result))}"
        )
        yield from _compared(result)
        for name, seconds in result.timings.items():
            yield f"{name}: {seconds:.2f} s"
        verdict = _VERDICTS[result.exit_code]
        if result.exit_code < 2:
            verdict += f" `{result.fail_on}`"
        style = "green" if result.exit_code == 0 else "high"
        yield self.paint(f"exit {result.exit_code}: {verdict}", style)


def _counts(result: Result) -> Iterator[str]:
    """`2 new (1 high, 1 low), 5 in baseline, 1 waived`."""
    counts = ", ".join(f"{n} {severity}" for severity, n in result.open.items() if n)
    if result.since or result.baseline:
        yield f"{sum(result.open.values())} new" + (f" ({counts})" if counts else "")
    else:
        yield counts or "no findings"
    if result.unknown:
        yield f"{result.unknown} unknown"
    words = {"baseline": "in baseline", "waived": "waived", "acknowledged": "acknowledged"}
    for status, number in result.suppressed.items():
        if number:
            yield f"{number} {words[status]}"


def _compared(result: Result) -> Iterator[str]:
    """What new means, and what waits for a review."""
    if since := result.since:
        older = f"; {since.elsewhere} older elsewhere" if since.elsewhere else ""
        yield f"since {since.commit[:12]}: {len(since.files)} changed files{older}"
    if result.stale:
        yield (
            f"{result.stale} entries of {result.baseline} match nothing any more: "
            "`iact-guard baseline prune` takes them out"
        )
    for item in result.proposed:
        yield f"not in force yet: {item}"


def _worst(findings: list[Finding]) -> list[Finding]:
    """At most MAX_FINDINGS of them, the worst, in their order."""
    if len(findings) <= MAX_FINDINGS:
        return findings
    ranked = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    kept = {id(finding) for finding in ranked[:MAX_FINDINGS]}
    return [finding for finding in findings if id(finding) in kept]


def _ages(result: Result) -> Iterator[str]:
    """Old advisories. Said here alone: the other reports are the same tomorrow."""
    for scanner in result.scanners:
        if scanner.age_days is not None and scanner.age_days > WARN_AFTER_DAYS:
            yield (
                f"the advisories of {scanner.name} are {scanner.age_days} days old: "
                "`iact-guard advisories update --from URL|FILE` renews them"
            )


def _scanner(scanner: ScannerReport) -> str:
    version = f" {scanner.version}" if scanner.version else ""
    skipped = f", {len(scanner.skipped)} skipped" if scanner.skipped else ""
    reason = f": {scanner.reason}" if scanner.reason else ""
    details = "".join(f", {name} {value}" for name, value in scanner.details)
    return f"{scanner.status}{version}, {scanner.scanned} files{skipped}{details}{reason}"


def _at(location: Location) -> str:
    return f"{_path(location.path)}:{location.line}"


def _path(path: str) -> str:
    """A path that holds line ends or control characters must not forge a line of the report."""
    return visible(path)
