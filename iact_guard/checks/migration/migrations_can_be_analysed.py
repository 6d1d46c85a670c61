"""DM027: what the files do not tell of a migration is shown where it stands."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.doubts import doubts
from iact_guard.model.migration import Migration
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """Each part that could not be worked out, with the reason."""
    found = doubts(ctx, migration)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for doubt in found.known:
        if doubt.certain:
            yield Fail(
                doubt.message,
                doubt.location,
                doubt.evidence,
                remedy="Take out one of these dependencies.",
            )
        else:
            yield Unknown(doubt.message, doubt.location, doubt.evidence, doubt.anchor)
