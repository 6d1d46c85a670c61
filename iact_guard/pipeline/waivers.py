"""`waivers`: everything that holds a finding back, how old it is, and whether it is needed."""

import datetime
from collections.abc import Iterator
from typing import Any

from iact_guard import config as configuration
from iact_guard.aggregate.allow import Allow, in_force
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.pipeline.check import Examined, examine
from iact_guard.pipeline.request import CheckRequest, Listener
from iact_guard.settings import Waiver
from iact_guard.vcs.blame import Written, lines_written

_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Item:
    """A waiver of the configuration, or a comment with one rule that it allows."""

    kind: str
    """`waiver` or `comment`."""
    rule: str
    path: str
    line: int
    paths: tuple[str, ...]
    """What a waiver covers; a comment covers the line that it stands at."""
    reason: str
    owner: str | None
    expires: str | None
    state: str
    """`in force`, `expired`, or why it does not count."""
    uses: int | None
    """How many findings it speaks of; None where its rule was not asked."""
    age_days: int | None
    """Since its line was written; None without a history."""
    at_least: bool = False
    """The history ends there: it may be older."""


def listed(request: CheckRequest, listener: Listener) -> tuple[Item, ...]:
    """Every waiver and comment of a root, in the order of files and lines."""
    examined = examine(request, listener)
    today = datetime.date.today()
    items = [*_waivers(examined, today), *_comments(examined, today)]
    ages = _ages(request, items)
    now = datetime.datetime.now(datetime.UTC).timestamp()
    redact = examined.project.redactor.text
    return tuple(
        Item(
            kind, redact(rule), place.path, place.line, paths, redact(reason), owner, expires,
            state, uses, *_age(ages.get((place.path, place.line)), now)
        )
        for kind, rule, place, paths, reason, owner, expires, state, uses in sorted(
            items, key=lambda item: (item[2], item[1])
        )
    )  # fmt: skip


_Raw = tuple[str, str, Location, tuple[str, ...], str, str | None, str | None, str, int | None]


def _waivers(examined: Examined, today: datetime.date) -> Iterator[_Raw]:
    project, scope = examined.project, examined.scope
    places = configuration.waiver_places(scope.trusted or project.tree, project.config)
    for waiver, place in zip(project.config.waivers, places, strict=True):
        state = "in force" if waiver.expires >= today else "expired"
        yield (
            "waiver", waiver.rule, place, waiver.paths, waiver.reason, waiver.owner,
            waiver.expires.isoformat(), state, _uses(examined, waiver, waiver.rule),
        )  # fmt: skip


def _comments(examined: Examined, today: datetime.date) -> Iterator[_Raw]:
    for allow in examined.said.allows:
        until = allow.until.isoformat() if allow.until else None
        state = allow.mistake or ("in force" if in_force(allow, today) else "expired")
        for rule in allow.rules or ("",):
            uses = None if allow.mistake else _uses(examined, allow, rule)
            yield (
                "comment", rule, allow.location, (), allow.reason, None, until, state, uses,
            )  # fmt: skip


def _uses(examined: Examined, said: Waiver | Allow, rule: str) -> int | None:
    held = examined.said.waived
    found = held.of_waivers[said] if isinstance(said, Waiver) else held.of_allows[said, rule]
    return found if found or examined.scope.asked(examined.project, rule) else None


def _ages(request: CheckRequest, items: list[_Raw]) -> dict[tuple[str, int], Written]:
    by_path: dict[str, list[int]] = {}
    for item in items:
        by_path.setdefault(item[2].path, []).append(item[2].line)
    return {
        (path, line): written
        for path, lines in by_path.items()
        for line, written in lines_written(request.root, path, lines).items()
    }


def _age(written: Written | None, now: float) -> tuple[Any, ...]:
    if written is None:
        return None, False
    return max(int(now - written.when) // _DAY, 0), written.at_least
