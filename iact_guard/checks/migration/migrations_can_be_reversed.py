"""DM022: what a release did to the database can be taken back."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.rows import nullable_before, reverse
from iact_guard.analyze.migration.replay import effect
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """An operation that Django refuses to reverse, or that fails on a filled table."""
    found = effect(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    what = found.known
    if what.released or what.skipped:
        yield NotApplicable(what.skipped or "the base revision has it already")
    elif operation.database or operation.state:
        yield NotApplicable("its operations are judged one by one")
    elif what.way_back.possible is None:
        message = f"whether it can be reversed: {what.way_back.reason}"
        yield Unknown(message, operation.location, what.evidence)
    elif what.way_back.column and all(outcome.new_table for outcome in what.own):
        yield NotApplicable("the table came with this release")
    elif not what.way_back.possible:
        remedy = (
            nullable_before(operation, what.way_back.column)
            if what.way_back.column
            else reverse(operation)
        )
        message = f"it cannot be reversed: {what.way_back.reason}"
        yield Fail(message, operation.location, what.evidence, remedy=remedy)
