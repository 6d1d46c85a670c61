"""DM005: a table must be forgotten by the code one release before it goes."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.tables import forget_table, keep_the_table
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import DropTable, RenameTable
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A table that the code before this release uses, gone or under another name."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        if outcome.new_table or outcome.cost.old_code.select != "breaks":
            continue
        match outcome.step:
            case DropTable(table=table):
                message = f"{table} is dropped while the code that still runs reads and writes it"
                advice = forget_table(operation, outcome.step)
            case RenameTable(table=table, to=to):
                message = f"{table} becomes {to} while the code that still runs asks for {table}"
                advice = keep_the_table(operation, outcome.step)
            case _:
                continue
        yield Fail(message, operation.location, outcome.evidence, remedy=advice.text)
