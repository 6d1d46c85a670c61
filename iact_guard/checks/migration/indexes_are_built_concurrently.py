"""DM009: building an index keeps every writer waiting, unless PostgreSQL does it concurrently."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.indexes import build_concurrently, column_then_index
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import AddColumn, BuildIndex, Unclear
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """An index on a table that is in use, built while it is locked."""
    database = ctx.project.config.database
    if database.engine != "postgresql":
        yield NotApplicable(f"{database.engine} knows no concurrent build that is asked for")
        return
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        step = outcome.step
        if outcome.new_table or getattr(step, "table", "") in database.small_tables:
            continue
        if isinstance(step, BuildIndex) and not step.concurrently:
            cause = f" ({step.cause})" if step.cause else ""
            yield Fail(
                f"an index on {step.table} ({step.columns}){cause} is built while"
                f" {outcome.waiters} waits for the table",
                operation.location,
                outcome.evidence,
                remedy=build_concurrently(operation, step).text,
            )
        elif isinstance(step, AddColumn) and step.column.index:
            writers = "every writer waits for the table"
            everybody = "the table is locked: everybody waits for the scan"
            alone = outcome.cost.impact == "write_block_scan"
            yield Fail(
                f"the index on the new column {step.table}.{step.column.name} is built while"
                f" {writers if alone else everybody}",
                operation.location,
                outcome.evidence,
                remedy=column_then_index(operation, step).text,
            )
        elif isinstance(step, Unclear) and "index" in step.may:
            message = f"whether an index is built on a table in use: {step.reason}"
            yield Unknown(message, operation.location, outcome.evidence)
