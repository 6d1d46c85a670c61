"""DM016: what a migration outside a transaction has done stays when it fails further on."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.rows import one_each
from iact_guard.analyze.migration.again import refuses, taken
from iact_guard.analyze.migration.databases.engine import engine
from iact_guard.analyze.migration.replay import effects
from iact_guard.analyze.migration.steps import Step, WriteRows
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Migration, Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """Something that cannot be done twice, and something after it that may fail."""
    if migration.atomic is not False:
        yield NotApplicable("it is one transaction, or hangs on what is not known")
        return
    if not engine(ctx.project.config.database).transactional:
        yield NotApplicable("on this database no migration is a transaction")
        return
    found = effects(ctx, migration)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    steps = taken(found.known)
    unsure: Operation | None = None
    for number, (operation, step) in enumerate(steps):
        later = next((other for other, _ in steps[number:] if other is not operation), None)
        again = refuses(step, [before for _, before in steps[:number]])
        if later is None or again is False:
            continue
        if again is None:
            unsure = unsure or operation
            continue
        first, then = _kind(operation), _kind(later)
        yield Fail(
            f"when {then} fails, what {first} did stays, since the migration is no transaction:"
            f" run again, it {_again(step)}",
            operation.location,
            (Evidence(later.location, f"{then} may fail"),),
            remedy=one_each(migration, operation),
            anchor=migration.id,
        )
        return
    if unsure is not None:
        message = f"whether {_kind(unsure)} can be run again when a later operation fails"
        yield Unknown(message, unsure.location, anchor=migration.id)


def _kind(operation: Operation) -> str:
    name = (operation.base or operation.kind).rpartition(".")[2]
    return f"{name} (line {operation.location.line})"


def _again(step: Step) -> str:
    return "adds the rows twice" if isinstance(step, WriteRows) else "fails there"
