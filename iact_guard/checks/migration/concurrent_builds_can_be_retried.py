"""DM015: an index whose concurrent build failed stays behind, invalid."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.rows import drop_first
from iact_guard.analyze.migration.again import dropped, taken
from iact_guard.analyze.migration.replay import effects
from iact_guard.analyze.migration.steps import BuildIndex
from iact_guard.model.migration import Migration
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """A build that meets what it left behind, among other changes or without noticing."""
    if ctx.project.config.database.engine != "postgresql":
        yield NotApplicable("only PostgreSQL builds an index concurrently")
        return
    found = effects(ctx, migration)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    if migration.atomic is not False:
        yield NotApplicable("nothing is built concurrently in a transaction")
        return
    steps = taken(found.known)
    for number, (operation, step) in enumerate(steps):
        if not isinstance(step, BuildIndex) or not step.concurrently:
            continue
        if dropped(step.name, [before for _, before in steps[:number]]):
            continue
        name = step.name or f"the index on {step.table}"
        if step.unless_exists:
            message = (
                f"when the build of {name} fails, an invalid index stays behind: IF NOT EXISTS"
                " takes it for the one that is wanted, and the run after it passes without one"
            )
        elif len(steps) > 1:
            message = (
                f"when the build of {name} fails, an invalid index stays behind, on which the run"
                " after it fails (already exists), in the middle of what else the migration does"
            )
        else:
            continue
        yield Fail(message, operation.location, remedy=drop_first(step), anchor=operation.id)
