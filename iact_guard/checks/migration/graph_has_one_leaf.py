"""DM024: two migrations that each end an app stop `migrate` before it begins."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.history.broken import rivals
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Migration
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding an app: on the migration that came last."""
    found = rivals(ctx, migration)
    if found.state == "not-applicable":
        yield NotApplicable(found.reason)
    elif found.state == "unknown":
        message = f"whether the app has another end than this: {found.reason}"
        yield Unknown(message, migration.location, found.evidence)
    elif found.known:
        leaves = (migration, *found.known)
        names = ", ".join(leaf.name for leaf in found.known)
        latest = max(found.known, key=lambda leaf: leaf.name).name
        yield Fail(
            f"{migration.name} and {names} both end the app: `migrate` stops with conflicting"
            " migrations before it does anything",
            migration.location,
            tuple(Evidence(leaf.location, "nothing of the app comes after it") for leaf in leaves),
            remedy=f"Let {migration.name} depend on {latest} if it is not applied anywhere yet;"
            " otherwise `python manage.py makemigrations --merge`.",
        )
