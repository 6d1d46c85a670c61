"""The report as one self-contained page: no script is needed to read it, nothing is fetched."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from iact_guard.model.finding import SEVERITIES, Finding
from iact_guard.model.location import Evidence, Location
from iact_guard.model.regex import regex
from iact_guard.model.result import Result
from iact_guard.redact import visible
from iact_guard.report import words
from iact_guard.report.excerpt import excerpt
from iact_guard.report.html.drawing import draw

MAX_FINDINGS = 5_000
"""Written out, the worst; a page with more is slow in every browser. The rest is counted."""
MAX_EVIDENCE = 50
"""Of one finding."""
_CODE = regex(r"`([^`\n]+)`")
_STATUSES = {
    "open": "open", "baseline": "in the baseline", "waived": "waived",
    "acknowledged": "acknowledged",
}  # fmt: skip


def render(result: Result) -> str:
    """The page."""
    return "\n".join(_page(result)) + "\n"


def _page(result: Result) -> Iterator[str]:
    script = _asset("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield '<head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>iact-guard: {escape(words.headline(result))}</title>"
    yield f"<style>\n{_asset('style.css')}</style></head>"
    yield "<body>"
    yield from _header(result)
    yield "<main>"
    yield from _way(result)
    yield from _findings(result)
    yield from _unknown(result)
    yield from _policies(result)
    yield from _scanners(result)
    yield from _warnings(result)
    yield "</main>"
    yield f"<script>{script}</script>"
    yield "</body></html>"


def _asset(name: str) -> str:
    return files("iact_guard.data").joinpath("report", name).read_text(encoding="utf-8")


def _header(result: Result) -> Iterator[str]:
    good = "good" if result.exit_code == 0 else "bad"
    yield f"<header><h1>iact-guard: {_prose(words.headline(result))}</h1>"
    yield f'<p><span class="verdict {good}">exit code {result.exit_code}</span></p>'
    facts = [f"{number} {severity}" for severity, number in result.open.items() if number]
    facts = facts or ["no findings"]
    facts += [f"{len(words.unknown(result))} not known"] if words.unknown(result) else []
    facts += [f"{n} {_STATUSES[status]}" for status, n in result.suppressed.items() if n]
    facts += [words.plural(result.files, "file"), f"{len(result.tallies)} policies"]
    yield f'<ul class="counts">{"".join(f"<li>{escape(fact)}</li>" for fact in facts)}</ul>'
    if since := result.since:
        changed = words.plural(len(since.files), "changed file")
        older = f"; {since.elsewhere} older findings in other files" if since.elsewhere else ""
        yield f"<p>New since <code>{escape(since.commit[:12])}</code>: {changed}{older}.</p>"
    for item in result.proposed:
        yield f"<p>Not in force yet: {_prose(item)}</p>"
    yield '<nav aria-label="Contents">'
    for id, name in _CONTENTS:
        yield f'<a href="#{id}">{name}</a>'
    yield "</nav></header>"


_CONTENTS = (
    ("way", "The way to production"),
    ("findings", "Findings"),
    ("unknown", "Not known"),
    ("policies", "Policies"),
    ("scanners", "Scanners"),
)


def _way(result: Result) -> Iterator[str]:
    yield '<section id="way"><h2>The way to production</h2>'
    if result.picture is None:
        yield "<p>Not drawn.</p>"
    else:
        yield f'<div class="wide" tabindex="0" role="region">{draw(result.picture)}</div>'
        yield (
            '<p class="soft">Thick lines: a run that comes past the gates. Boxes with cut corners: '
            "gates that hold; dashed boxes: gates that do not, with the word for it. Dotted lines: "
            "gates that run beside, which nothing waits for.</p>"
        )
    yield "</section>"


def _findings(result: Result) -> Iterator[str]:
    aside = {id(finding) for finding in words.unknown(result)}
    everything = [finding for finding in result.findings if id(finding) not in aside]
    kept = words.worst(everything, MAX_FINDINGS)
    yield '<section id="findings"><h2>Findings</h2>'
    if not everything:
        yield "<p>None.</p></section>"
        return
    yield from _filter(kept)
    if len(kept) < len(everything):
        yield f"<p>The worst {len(kept)} of {len(everything)}; all are in the JSON report.</p>"
    for path, findings in _by_file(kept):
        yield f'<div class="file"><h3>{escape(visible(path))}</h3>'
        for finding in findings:
            yield from _finding(result, finding)
        yield "</div>"
    yield "</section>"


def _by_file(findings: list[Finding]) -> list[tuple[str, list[Finding]]]:
    """Files with their findings: first the file with the worst open one."""
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.location.path, []).append(finding)

    def worst(entry: tuple[str, list[Finding]]) -> int:
        ranks = [SEVERITIES.index(each.severity) for each in entry[1] if each.status == "open"]
        return min(ranks, default=len(SEVERITIES))

    return sorted(by_file.items(), key=worst)


def _prose(text: str) -> str:
    """A sentence of ours as markup: what stands between backticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _filter(findings: list[Finding]) -> Iterator[str]:
    yield '<form class="filter" role="search">'
    yield '<input type="search" name="search" placeholder="Search: rule, path, text"'
    yield ' aria-label="Search">'
    labels = {words.label(finding) for finding in findings}
    severities = [each for each in ("error", "warning", *SEVERITIES) if each in labels]
    yield _select("severity", "Severity", severities)
    yield _select("tool", "Tool", sorted({finding.tool for finding in findings}))
    statuses = {finding.status for finding in findings}
    yield _select("status", "Status", [each for each in _STATUSES if each in statuses])
    yield '<button type="button" id="open-all" aria-pressed="false">Open evidence</button>'
    yield '<button type="reset">Reset</button><output id="shown"></output></form>'


def _select(name: str, label: str, values: Iterable[str]) -> str:
    options = "".join(
        f'<option value="{value}">{_STATUSES.get(value, value)}</option>' for value in values
    )
    options = f'<option value="">all</option>{options}'
    return f'<label>{label} <select name="{name}">{options}</select></label>'


def _finding(result: Result, finding: Finding) -> Iterator[str]:
    label = words.label(finding)
    facets = f'data-severity="{label}" data-tool="{finding.tool}" data-status="{finding.status}"'
    yield f'<article class="finding {label}" id="f-{finding.fingerprint}" {facets}>'
    status = "" if finding.status == "open" else f" <span>{_STATUSES[finding.status]}</span>"
    yield (
        f'<div class="head"><span class="severity {label}">{label}</span>'
        f'<span class="rule">{escape(words.title(finding))}</span>{status}'
        f'<span class="place">{escape(words.at(finding.location))}</span></div>'
    )
    yield f'<p class="message">{_prose(finding.message)}</p>'
    yield from _source(result, finding)
    if finding.remedy:
        yield f'<p class="fix"><b>Fix:</b> {_prose(finding.remedy)}</p>'
    yield from _evidence(result, "Evidence", "ol", finding.evidence)
    yield from _evidence(result, "Other places", "ul", finding.places)
    if finding.related:
        yield "<details><summary>Also said by</summary><ul>"
        for other in finding.related:
            place = words.at(Location(other.path, other.line))
            text = f"{other.tool} {other.rule}, {place}: {other.message}"
            yield f"<li>{escape(text)}</li>"
        yield "</ul></details>"
    yield "</article>"


def _source(result: Result, finding: Finding) -> Iterator[str]:
    found = excerpt(result, finding)
    if not found:
        return
    line, caret = found
    start, end = len(caret) - len(caret.lstrip()), len(caret)
    here = f"<mark>{escape(line[start:end])}</mark>" if caret else ""
    yield _line(finding.location.line, f"{escape(line[:start])}{here}{escape(line[end:])}")


def _line(number: int, markup: str) -> str:
    code = f'<code><span class="number">{number}</span>{markup}</code>'
    return f'<div class="source" tabindex="0">{code}</div>'


def _evidence(result: Result, title: str, list_: str, items: tuple[Evidence, ...]) -> Iterator[str]:
    if not items:
        return
    yield f"<details><summary>{title} ({len(items)})</summary><{list_}>"
    for item in items[:MAX_EVIDENCE]:
        where = item.location
        says = f": {_prose(item.message)}" if item.message else ""
        yield f'<li><span class="place">{escape(words.at(where))}</span>{says}'
        line = result.lines.get((where.path, where.line))
        if line and line.strip():
            yield _line(where.line, escape(line[:400]))
        yield "</li>"
    yield f"</{list_}>"
    if len(items) > MAX_EVIDENCE:
        yield f"<p>and {len(items) - MAX_EVIDENCE} more</p>"
    yield "</details>"


def _unknown(result: Result) -> Iterator[str]:
    found = words.unknown(result)
    yield '<section id="unknown"><h2>Not known</h2>'
    if not found:
        yield "<p>Nothing: every verdict was reached.</p></section>"
        return
    yield '<p class="soft">Verdicts that could not be reached, and what would settle them. '
    yield "They do not gate.</p>"
    rows = sorted(found, key=lambda finding: finding.rule)[:MAX_FINDINGS]
    yield from _table(
        ("Policy", "Why", "Where"),
        ((words.title(f), f.message, words.at(f.location)) for f in rows),
    )
    if len(found) > len(rows):
        yield f"<p>and {len(found) - len(rows)} more</p>"
    yield "</section>"


def _policies(result: Result) -> Iterator[str]:
    yield '<section id="policies"><h2>Policies</h2><div class="wide"><table><thead><tr>'
    yield '<th scope="col">Policy</th><th scope="col">What holds</th><th scope="col">Severity</th>'
    for name in ("Pass", "Fail", "Unknown", "Not applicable"):
        yield f'<th scope="col" class="number">{name}</th>'
    yield "</tr></thead><tbody>"
    for tally in result.tallies:
        policy = result.policies[tally.id]
        numbers = (tally.passed, tally.failed, tally.unknown, tally.not_applicable)
        cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
        state = ' class="failed"' if tally.failed else ""
        yield (
            f"<tr{state}><td>{escape(policy.id)} {escape(policy.name)}</td>"
            f"<td>{escape(policy.title)}</td><td>{policy.severity}</td>{cells}</tr>"
        )
    yield "</tbody></table></div></section>"


def _scanners(result: Result) -> Iterator[str]:
    yield '<section id="scanners"><h2>Scanners</h2>'
    yield from _table(
        ("Scanner", "State"), ((each.name, words.scanner_state(each)) for each in result.scanners)
    )
    yield "</section>"


def _warnings(result: Result) -> Iterator[str]:
    if result.warnings:
        items = "".join(f"<li>{_prose(warning)}</li>" for warning in result.warnings)
        yield f'<section id="warnings"><h2>Warnings</h2><ul>{items}</ul></section>'


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    yield f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>'
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_prose(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table></div>"
