"""WF301: advisories appear while nobody changes anything."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.scans import Scan, scans_of, watched_by
from iact_guard.model.location import Evidence, Location
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.repository import Repository

_WHAT = {"dependencies": "dependencies", "container": "images"}


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a kind of scan, at the first of them."""
    by_kind: dict[str, list[Scan]] = {}
    for scan in scans_of(ctx, repository).known:
        by_kind.setdefault(scan.kind, []).append(scan)
    if not by_kind:
        yield NotApplicable("no workflow scans dependencies or images")
    for kind, scans in by_kind.items():
        if any(scan.scheduled for scan in scans) or kind not in _WHAT:
            continue
        yield _answer(ctx, kind, scans)


def _answer(ctx: Context, kind: str, scans: list[Scan]) -> Fail | Unknown:
    first, *others = scans
    anchor = f"repository/{kind}"
    if any(scan.scheduled is None for scan in scans):
        what = f"whether {_WHAT[kind]} are scanned on a schedule: other repositories may call"
        return Unknown(f"{what} the workflow that scans", first.location, anchor=anchor)
    if path := watched_by(ctx, kind):
        message = (
            f"whether new advisories for {_WHAT[kind]} are noticed: no scan runs on a schedule, and"
            f" the alerts of the service that {path} configures are a setting of the repository"
        )
        place = Evidence(Location(path, 1, 1, 1, 2), "it updates; whether it alerts is not here")
        return Unknown(message, first.location, (place,), anchor)
    events = ", ".join(sorted({event for scan in scans for event in scan.events}))
    return Fail(
        f"{_WHAT[kind]} are scanned on changes only ({first.tool}: {events or 'never'}): an"
        " advisory that is published later is noticed with the next change",
        first.location,
        places=tuple(Evidence(scan.location, f"{scan.tool} too") for scan in others),
        anchor=anchor,
    )
