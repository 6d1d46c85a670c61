"""The report for people: grouped by file, with source lines, carets, evidence and remedies."""

from collections import defaultdict
from collections.abc import Iterator

from iact_guard.model.finding import Finding
from iact_guard.model.result import Result
from iact_guard.redact import visible
from iact_guard.report import words
from iact_guard.report.excerpt import excerpt, numbered

MAX_EVIDENCE = 12
MAX_PLACES = 3
WARN_AFTER_DAYS = 7
MANY = 10
"""Findings from which on they are counted by policy, too."""
MAX_TITLES = 15
MAX_FINDINGS = 500
"""Beyond it, findings are counted, the mildest first."""

COLORS = {
    "critical": "\x1b[1;31m", "high": "\x1b[31m", "medium": "\x1b[33m", "low": "\x1b[36m",
    "note": "\x1b[2m", "bold": "\x1b[1m", "dim": "\x1b[2m", "green": "\x1b[32m",
}  # fmt: skip


def render(result: Result, *, color: bool = False) -> str:
    """The whole report; `color` adds ANSI sequences."""
    return "\n".join(_Console(color).lines(result)) + "\n"


class _Console:
    def __init__(self, color: bool) -> None:
        self.color = color

    def paint(self, text: str, style: str) -> str:
        return f"{COLORS[style]}{text}\x1b[0m" if self.color else text

    def lines(self, result: Result) -> Iterator[str]:
        shown = [f for f in result.findings if f.status == "open" and f.outcome != "unknown"]
        kept = words.worst(shown, MAX_FINDINGS)
        by_file: dict[str, list[Finding]] = defaultdict(list)
        for finding in kept:
            by_file[finding.location.path].append(finding)
        for path, findings in by_file.items():
            yield self.paint(visible(path), "bold")
            for finding in findings:
                yield from self._finding(result, finding)
            yield ""
        if len(kept) < len(shown):
            yield f"... and {len(shown) - len(kept)} more: see -o json:FILE or -o sarif:FILE"
            yield ""
        yield from self._often(shown)
        yield from self._unknowns(result)
        yield from self._scanners(result)
        for warning in (*result.warnings, *_ages(result)):
            yield f"{self.paint('warning', 'medium')}: {warning}"
        yield from self._summary(result)

    def _finding(self, result: Result, finding: Finding) -> Iterator[str]:
        where = finding.location
        label = self.paint(f"{words.label(finding):8}", finding.severity)
        title = self.paint(words.title(finding), "bold")
        yield f"  {where.line}:{where.column}  {label} {title}"
        yield f"      {finding.message}"
        yield from self._excerpt(result, finding)
        for number, item in enumerate(finding.evidence[:MAX_EVIDENCE], start=1):
            yield f"      {number}. {words.at(item.location)}: {item.message}"
        yield from self._places(finding)
        for other in finding.related:
            yield self.paint(f"      also: {other.tool} {other.rule}: {other.message}", "dim")
        if finding.remedy:
            yield f"      {self.paint('fix:', 'green')} {finding.remedy}"

    def _places(self, finding: Finding) -> Iterator[str]:
        if finding.places:
            some = ", ".join(words.at(item.location) for item in finding.places[:MAX_PLACES])
            more = len(finding.places) - MAX_PLACES
            yield f"      and at {some}{f' and {more} more places' if more > 0 else ''}"

    def _excerpt(self, result: Result, finding: Finding) -> Iterator[str]:
        found = excerpt(result, finding)
        if found:
            line, *caret = numbered(finding.location.line, *found)
            yield line
            yield from (self.paint(part, finding.severity) for part in caret)

    def _often(self, shown: list[Finding]) -> Iterator[str]:
        """Where there is much to read: which policies speak, the worst first."""
        if len(shown) < MANY:
            return
        yield self.paint("By policy:", "bold")
        titles: dict[str, list[Finding]] = defaultdict(list)
        for finding in words.by_severity(shown):
            titles[words.title(finding)].append(finding)
        for title, found in list(titles.items())[:MAX_TITLES]:
            label = self.paint(f"{words.label(found[0]):8}", found[0].severity)
            yield f"  {len(found):>4}  {label} {title}"
        if len(titles) > MAX_TITLES:
            yield f"        and {words.plural(len(titles) - MAX_TITLES, 'more rule')}"
        yield ""

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
            place = words.at(first.location)
            yield f"  {rule} {first.name}: {first.message} [{place}]{more}"
        if groups:
            yield ""

    def _scanners(self, result: Result) -> Iterator[str]:
        for scanner in result.scanners:
            if scanner.status == "off":
                continue
            yield f"{scanner.name}: {words.scanner_state(scanner)}"
            for remark in scanner.remarks[:MAX_PLACES]:
                yield f"  {words.at(remark.location)}: {remark.message}"
            if len(scanner.remarks) > MAX_PLACES:
                yield f"  ... and {len(scanner.remarks) - MAX_PLACES} more remarks, in -o json:FILE"

    def _summary(self, result: Result) -> Iterator[str]:
        checked = sum(t.passed + t.failed + t.unknown for t in result.tallies)
        yield (
            f"{words.plural(result.files, 'file')}, {words.policies(result)}, "
            f"{words.plural(checked, 'verdict')}: "
            f"{', '.join(words.standing(result))}"
        )
        yield from words.compared(result)
        for name, seconds in result.timings.items():
            yield f"{name}: {seconds:.2f} s"
        style = "green" if result.exit_code == 0 else "high"
        yield self.paint(f"exit {result.exit_code}: {words.headline(result)}", style)


def _ages(result: Result) -> Iterator[str]:
    """Old advisories. Said here alone: the other reports are the same tomorrow."""
    for scanner in result.scanners:
        if scanner.age_days is not None and scanner.age_days > WARN_AFTER_DAYS:
            yield (
                f"the advisories of {scanner.name} are {scanner.age_days} days old: "
                "`iact-guard advisories update --from URL|FILE` renews them"
            )
