"""The report as Markdown: the summary of a job, and the comment on a pull request.

The verdict comes first, then the findings, the worst first, the way to production, and what is not
known. Everything that does not fit is counted, in the place where it would stand.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from iact_guard.model.finding import SEVERITIES, Finding
from iact_guard.model.location import Location
from iact_guard.model.result import Result
from iact_guard.report import mermaid, words
from iact_guard.report.excerpt import excerpt, numbered
from iact_guard.report.markup import code, fenced, prose
from iact_guard.report.room import size, taken

MAX_SUMMARY = 1_000_000
"""Bytes; GitHub takes no summary of a step above 1 MiB."""
MAX_COMMENT = 65_000
"""Bytes; GitHub takes no comment above 65,536 characters, and a marker comes before it."""
MAX_PICTURE = 45_000
"""Characters; Mermaid draws no text above 50,000."""
MAX_ROWS = 30
"""Of the tables that are not the findings."""
MARGIN = 300
"""Bytes for a title, and for the line that counts what is left out."""
MAX_OPEN = 10
"""Rows of the table of policies that need no click."""
MAX_EVIDENCE = 12
MAX_PLACES = 10
_SIGNS = {0: "\u2705", 1: "\u274c", 2: "\u26a0\ufe0f", 3: "\u26a0\ufe0f"}


def render(result: Result) -> str:
    """The report as the summary of a job."""
    return _fitted(result, MAX_SUMMARY)


def render_comment(result: Result) -> str:
    """The report as a comment."""
    return _fitted(result, MAX_COMMENT)


def _fitted(result: Result, limit: int) -> str:
    """At most `limit` bytes: the findings get what the rest leaves."""
    part = limit // 8
    head = [*_verdict(result, part), *_policies(result, part)]
    tail = [*_picture(result, 2 * part), *_unknown(result, part), *_scanners(result, part)]
    tail += [*_set_aside(result, part), *_warnings(result, part)]
    room = limit - size(head) - size(tail)
    return "\n".join([*head, *_findings(result, room), *tail]) + "\n"


def _verdict(result: Result, room: int) -> Iterator[str]:
    yield f"## {_SIGNS[result.exit_code]} iact-guard: {prose(words.headline(result))}"
    yield ""
    first, *more = words.standing(result)
    checked = sum(tally.passed + tally.failed + tally.unknown for tally in result.tallies)
    sizes = [words.plural(result.files, "file"), words.policies(result)]
    yield " \u00b7 ".join([f"**{first}**", *more, *sizes, words.plural(checked, "verdict")])
    yield ""
    compared = [f"- {prose(line)}" for line in words.compared(result)]
    yield from _rows((), compared, "line", room)


def _policies(result: Result, room: int) -> Iterator[str]:
    """How often which policy or rule speaks."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in words.by_severity(words.shown(result)):
        found[words.title(finding)].append(finding)
    rows = [
        f"| {words.label(own[0])} | {prose(title, 200)} | {len(own)} | {prose(own[0].guide, 200)} |"
        for title, own in found.items()
    ]
    head = ("| Severity | Policy | Findings | Guide |", "|---|---|--:|---|")
    table = list(_rows(head, rows, "rule", room))
    if len(rows) > MAX_OPEN:  # what was found is near the top, not below a long table
        table = [f"<details><summary>{len(rows)} rules</summary>", "", *table, "</details>", ""]
    yield from table


def _rows(head: Sequence[str], rows: Sequence[str], word: str, room: int) -> Iterator[str]:
    """A table or list of at most MAX_ROWS rows and `room` bytes, and how many more there are."""
    if not rows:
        return
    kept = taken(rows[:MAX_ROWS], room - size(head) - MARGIN, lambda row: [row])
    yield from (*head, *(row for block in kept for row in block))
    if len(kept) < len(rows):
        yield from ("", f"... and {words.plural(len(rows) - len(kept), f'more {word}')}.")
    yield ""


def _findings(result: Result, room: int) -> Iterator[str]:
    """In full as long as there is room, then in a line each, then counted."""
    found = words.by_severity(words.shown(result))
    if not found:
        return
    yield from ("### Findings", "")
    room -= MARGIN
    full = taken(found, room, lambda finding: list(_in_full(result, finding)))
    if len(full) < len(found):  # a part is kept for a line each of the next ones
        full = _shortened(full, room * 3 // 4)
    yield from (line for block in full for line in block)
    room -= sum(map(size, full))
    rest = found[len(full) :]
    brief = taken(rest, room, lambda finding: [f"- {_brief(finding)}"])
    yield from (line for block in brief for line in block)
    if brief:
        yield ""
    left = rest[len(brief) :]
    if left:
        counted = words.counts(left)
        yield f"**... and {words.plural(len(left), 'more finding')}: {counted}.** "
        yield "All of them are in the reports in JSON and SARIF."
        yield ""


def _shortened(blocks: list[list[str]], room: int) -> list[list[str]]:
    """The first blocks, as many as there is room for."""
    return taken(blocks, room, lambda block: block)


def _brief(finding: Finding) -> str:
    title = prose(words.title(finding), 200)
    return f"**{words.label(finding)}** {title} {_at(finding.location)}: {prose(finding.message)}"


def _in_full(result: Result, finding: Finding) -> Iterator[str]:
    title = prose(words.title(finding), 200)
    summary = f"<b>{words.label(finding)}</b> {title} {_at(finding.location)}"
    yield f"<details><summary>{summary}<br>{prose(finding.message)}</summary>"
    yield ""
    found = excerpt(result, finding)
    if found:
        yield from (fenced(numbered(finding.location.line, *found)), "")
    for number, item in enumerate(finding.evidence[:MAX_EVIDENCE], start=1):
        yield f"{number}. {_at(item.location)}: {prose(item.message)}"
    more = len(finding.evidence) - MAX_EVIDENCE
    if more > 0:
        yield f"{MAX_EVIDENCE + 1}. ... and {words.plural(more, 'more step')}"
    if finding.evidence:
        yield ""
    yield from _elsewhere(finding)
    if finding.remedy:
        yield from (f"**Fix:** {prose(finding.remedy)}", "")
    yield from ("</details>", "")


def _elsewhere(finding: Finding) -> Iterator[str]:
    if finding.places:
        some = ", ".join(_at(item.location) for item in finding.places[:MAX_PLACES])
        more = len(finding.places) - MAX_PLACES
        told = f" and {words.plural(more, 'more place')}" if more > 0 else ""
        yield from (f"Also at {some}{told}.", "")
    for other in finding.related[:MAX_PLACES]:
        name = prose(f"{other.tool} {other.rule}", 200)
        yield from (f"{name} says of it: {prose(other.message)}", "")
    if len(finding.related) > MAX_PLACES:
        more = len(finding.related) - MAX_PLACES
        yield from (f"And {words.plural(more, 'more remark')} of other tools.", "")


def _picture(result: Result, limit: int) -> Iterator[str]:
    """The way to production, if it can be drawn."""
    if result.picture is None or not result.picture.groups:
        return
    yield from ("### The way to production", "")
    text = mermaid.render(result.picture)
    if len(text) > MAX_PICTURE or len(text.encode()) > limit:
        count = sum(len(group.nodes) for group in result.picture.groups)
        yield f"{count} jobs, gates and environments are too many for a drawing here; "
        yield "`iact-guard explain WF201 . --format mermaid` prints it."
    else:
        yield from ("```mermaid", text.rstrip("\n"), "```")
    yield ""


def _unknown(result: Result, room: int) -> Iterator[str]:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in words.unknown(result):
        by_rule[words.title(finding)].append(finding)
    rows = [
        f"| {prose(title, 200)} | {prose(own[0].message, 300)} | {_at(own[0].location)} "
        f"| {len(own)} |"
        for title, own in sorted(by_rule.items())
    ]
    if rows:
        yield from ("### Not known", "")
    head = ("| Policy | Why | Where | Times |", "|---|---|---|--:|")
    yield from _rows(head, rows, "rule", room)


def _scanners(result: Result, room: int) -> Iterator[str]:
    rows = [
        f"| {scanner.name} | {scanner.status} | {prose(scanner.version or '', 50)} "
        f"| {scanner.scanned} | {len(scanner.skipped)} | {prose(scanner.reason or '', 300)} |"
        for scanner in result.scanners
        if scanner.status != "off"
    ]
    if rows:
        yield from ("### Scanners", "")
    head = ("| Scanner | Status | Version | Files | Skipped | Why |", "|---|---|---|--:|--:|---|")
    yield from _rows(head, rows, "scanner", room)


def _set_aside(result: Result, room: int) -> Iterator[str]:
    """What is there and does not count: waived, acknowledged."""
    aside = [f for f in result.findings if f.status in ("waived", "acknowledged")]
    aside.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    rows = [
        f"| {finding.status} | {finding.severity} | {prose(words.title(finding), 200)} "
        f"| {_at(finding.location)} |"
        for finding in aside
    ]
    if rows:
        yield from ("### Set aside", "")
    head = ("| Status | Severity | Policy | Where |", "|---|---|---|---|")
    yield from _rows(head, rows, "finding", room)


def _warnings(result: Result, room: int) -> Iterator[str]:
    rows = [f"- {prose(warning, 500)}" for warning in result.warnings]
    if rows:
        yield from ("### Warnings", "")
    yield from _rows((), rows, "warning", room)


def _at(location: Location) -> str:
    return code(words.at(location))
