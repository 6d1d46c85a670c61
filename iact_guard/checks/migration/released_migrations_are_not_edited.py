"""DM026: databases that ran a migration never run it again."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.edited import edits
from iact_guard.model.migration import Migration
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """What a released migration does now that databases in use lack."""
    found = edits(ctx, migration)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for edit in found.known:
        if edit.certain:
            yield Fail(edit.message, edit.location, edit.evidence)
        else:
            yield Unknown(edit.message, edit.location, edit.evidence)
