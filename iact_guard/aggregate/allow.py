"""`iact-guard: allow DM009 because ...` in a comment: a finding on that line is answered for."""

import datetime
import re
from bisect import bisect_right
from collections.abc import Iterator

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax.comments import comments
from iact_guard.syntax.text import Text

MARK = "iact-guard:"
"""What a text must hold for anything to be looked for in it."""
_DIRECTIVE = regex(r"(?:#|//|/\*|\*|;)[ \t]*iact-guard:[ \t]*allow\b([^\r\n]*)")
_SAID = regex(
    r"[ \t]*(?P<rules>[\w.-]+(?:[ \t]*,[ \t]*[\w.-]+)*)?"
    r"(?:[ \t]+until[ \t]+(?P<until>\S+))?"
    r"(?:[ \t]+because\b[ \t]*(?P<reason>.*?))?[ \t]*(?:\*/)?[ \t]*"
)
_LATER = regex(r"(?P<reason>.*?)[ \t,;(]+until[ \t]+(?P<until>\d{4}-\d\d-\d\d)\)?\.?")


@dataclass(frozen=True, slots=True)
class Allow:
    """What a comment allows."""

    rules: tuple[str, ...]
    reason: str
    until: datetime.date | None
    location: Location
    """Of the comment."""
    line: int
    """The line whose findings it means: its own, or the one below."""
    mistake: str = ""
    """Why it does not count; empty where it does."""

    @property
    def said(self) -> tuple[str, tuple[str, ...], str, datetime.date | None]:
        """What two revisions of a comment have in common."""
        return self.location.path, self.rules, self.reason, self.until


def allows(source: Text) -> list[Allow]:
    """Those of a file, in order; one that stands in a string is none."""
    if MARK not in source.text:
        return []
    found = list(_DIRECTIVE.finditer(source.text))
    if not found:
        return []
    regions = sorted(comments(source))
    starts = [start for start, _ in regions]
    said = []
    for match in found:
        at = bisect_right(starts, match.start()) - 1
        if at >= 0 and match.start() < regions[at][1]:
            said.append(match)
    lines = {source.position(match.start())[0] for match in said if _is_alone(source, match)}
    return [_allow(source, match, lines) for match in said]


def _allow(source: Text, match: re.Match[str], alone: set[int]) -> Allow:
    place = source.location(match.start(), match.end())
    line = place.line
    while line in alone:  # several comments may stand above a line
        line += 1
    said = _SAID.fullmatch(match.group(1))
    if said is None:
        return Allow((), "", None, place, line, "it is not understood")
    rules = tuple(rule.strip() for rule in (said.group("rules") or "").split(",") if rule.strip())
    reason, until = said.group("reason") or "", said.group("until")
    if not until and (later := _LATER.fullmatch(reason)):
        reason, until = later.group("reason"), later.group("until")
    date = _date(until) if until else None
    if not rules:
        return Allow((), reason, date, place, line, "it names no rule")
    if not reason.strip():
        return Allow(rules, "", date, place, line, "it gives no reason")
    if until and date is None:
        return Allow(rules, reason, None, place, line, f"`{until}` is no date")
    return Allow(rules, reason, date, place, line)


def _is_alone(source: Text, match: re.Match[str]) -> bool:
    line, _ = source.position(match.start())
    before = source.text[source.starts[line - 1] : match.start()]
    return not before.strip(" \t/*")


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def in_force(allow: Allow, today: datetime.date) -> bool:
    """Whether it counts."""
    return not allow.mistake and (allow.until is None or allow.until >= today)


def meant_by(allow: Allow, rule: str, path: str, line: int) -> bool:
    """Whether a finding of a rule on a line is what a comment speaks of."""
    return rule in allow.rules and path == allow.location.path and line == allow.line


def shown(allow: Allow) -> Iterator[str]:
    """What it says, in words."""
    yield f"allow {', '.join(allow.rules)}"
    if allow.until:
        yield f"until {allow.until.isoformat()}"
    yield f"because {allow.reason}"
