"""DM025: a dependency that is not there stops `migrate` before it begins."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.history.broken import missing
from iact_guard.model.migration import Migration
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """A name that an app of the repository lacks; what other packages have is not in the tree."""
    found = missing(ctx, migration)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for each in found.known:
        name = f"{each.name.app}.{each.name.name}"
        hint = f"; is {each.similar} meant?" if each.similar else ""
        yield Fail(
            f"{name} does not exist: `migrate` stops with NodeNotFoundError before it does"
            f" anything{hint}",
            each.name.location,
            remedy=f"Name the migration of {each.name.app} that is meant, or bring {name} back.",
        )
