"""DM007: a table that is written again, row by row, is out of reach until that is done."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.tables import beside, generated
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import AddColumn, ChangeType, Step
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A step that makes the database write every row of a table in use again."""
    if ctx.project.config.database.engine == "sqlite":
        yield NotApplicable("SQLite writes a table again for most changes: it knows no other way")
        return
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        if outcome.noticed and outcome.cost.impact == "full_block_rewrite":
            yield Fail(
                f"{_why(outcome.step)}: every row of {getattr(outcome.step, 'table', '')} is"
                " written again while everybody waits",
                operation.location,
                outcome.evidence,
                remedy=_remedy(operation, outcome.step),
            )


def _why(step: Step) -> str:
    match step:
        case ChangeType(table=table, old=old, new=new, referencing=referencing):
            also = f" and the columns of {', '.join(referencing)} with it" if referencing else ""
            return f"{table}.{new.name} goes from {old.type} to {new.type}{also}"
        case AddColumn(table=table, column=column):
            own = {"generated": "computed", "identity": "numbered"}
            how = own.get(column.default, "given a value of its own")
            return f"the new column {table}.{column.name} is {how} in each row"
    return "it remakes the table"


def _remedy(operation: Operation, step: Step) -> str:
    match step:
        case ChangeType():
            return beside(operation, step).text
        case AddColumn(column=column) if column.default == "volatile":
            return generated(operation).text
    return ""
