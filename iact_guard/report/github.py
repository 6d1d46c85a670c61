"""Annotations: workflow commands that a runner of GitHub Actions turns into notes on the lines.

Escaping and names are those of "Workflow commands for GitHub Actions", and of its toolkit. A runner
takes ten errors, ten warnings and ten notices of a step, and cuts a message at 4,096 characters:
the worst findings are written, everything else is counted in the last line.
"""

from collections.abc import Iterable, Iterator

from iact_guard.model.finding import Finding
from iact_guard.model.result import Result
from iact_guard.redact import visible
from iact_guard.report import words
from iact_guard.report.workspace import from_repository

MAX_ANNOTATIONS = 10
"""Of one level, in one step."""
MAX_MESSAGE = 4096
"""Characters of a message."""
MAX_PLACES = 10
_LEVELS = {
    "critical": "error", "high": "error", "medium": "warning", "low": "notice", "note": "notice",
}  # fmt: skip


def render(result: Result) -> str:
    """The commands, one a line, the worst first; the last line counts what is not among them."""
    result = from_repository(result)
    levels: dict[str, list[Finding]] = {"error": [], "warning": [], "notice": []}
    for finding in words.by_severity(words.shown(result)):
        levels[_level(finding)].append(finding)
    total = sum(map(len, levels.values()))
    fits = all(len(found) <= MAX_ANNOTATIONS for found in levels.values())
    if not fits:  # one place is kept for the line that says so
        levels["notice"] = levels["notice"][: MAX_ANNOTATIONS - 1]
    written = [finding for found in levels.values() for finding in found[:MAX_ANNOTATIONS]]
    lines = [_annotation(finding) for finding in written]
    kept = {id(finding) for finding in written}
    rest = [finding for finding in words.shown(result) if id(finding) not in kept]
    lines.append(_last(result, total, rest))
    return "\n".join(lines) + "\n"


def command(name: str, properties: dict[str, object], message: str) -> str:
    """One workflow command; empty properties are left out."""
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{name}{' ' if given else ''}{given}::{_data(message)}"


def _annotation(finding: Finding) -> str:
    where = finding.location
    properties: dict[str, object] = {}
    if where.path not in ("", "."):
        properties = {"file": visible(where.path), "line": where.line}
        properties |= {"endLine": where.end_line, "col": where.column}
        properties["endColumn"] = where.end_column
    properties["title"] = f"{words.title(finding)} ({words.label(finding)})"
    return command(_level(finding), properties, _bounded(_message(finding)))


def _level(finding: Finding) -> str:
    if finding.outcome == "error":
        return "error" if finding.gates else "warning"
    return _LEVELS[finding.severity]


def _message(finding: Finding) -> list[str]:
    """Lines: what it is, what to do, then the argument."""
    lines = [finding.message]
    if finding.remedy:
        lines.append(f"Fix: {finding.remedy}")
    lines += [
        f"{number}. {words.at(item.location)}: {item.message}"
        for number, item in enumerate(finding.evidence, start=1)
    ]
    lines += _places(finding)
    lines += [f"Also: {other.tool} {other.rule}: {other.message}" for other in finding.related]
    return [visible(line) for line in lines]


def _places(finding: Finding) -> Iterator[str]:
    yield from (f"And at {words.at(item.location)}" for item in finding.places[:MAX_PLACES])
    if len(finding.places) > MAX_PLACES:
        yield f"And at {len(finding.places) - MAX_PLACES} more places"


def _bounded(lines: Iterable[str]) -> str:
    """The lines that fit, and a last one that counts the others."""
    lines = list(lines)
    if sum(map(_length, lines)) + len(lines) <= MAX_MESSAGE:
        return "\n".join(lines)
    room, kept = MAX_MESSAGE - 60, []
    for line in lines:
        room -= _length(line) + 1
        if room < 0:
            break
        kept.append(line)
    if not kept:
        kept = [lines[0][: MAX_MESSAGE // 2 - 60]]  # a character may be two units
    more = words.plural(len(lines) - len(kept), "more line")
    return "\n".join([*kept, f"... ({more})" if len(kept) < len(lines) else "..."])


def _length(text: str) -> int:
    """In the units of the runner's strings: UTF-16."""
    return len(text) + sum(character > "\uffff" for character in text)


def _last(result: Result, total: int, rest: list[Finding]) -> str:
    verdict = f"iact-guard: {words.headline(result)}"
    unknown = words.unknown(result)
    told = f"; {words.plural(len(unknown), 'verdict')} unknown" if unknown else ""
    if not rest:
        return f"{verdict}{told}"
    more = f"{len(rest)} of {total} findings are not annotated ({words.counts(rest)})"
    return command("notice", {"title": "iact-guard"}, f"{verdict}; {more}{told}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
