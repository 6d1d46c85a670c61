"""DM001: the code that still runs does not know the new column, and must not have to."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.columns import (
    not_null,
    nullable_first,
    under_another_name,
    with_database_default,
)
from iact_guard.analyze.migration.advice.version import check_argument, has_database_defaults
from iact_guard.analyze.migration.effect import Outcome
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import AddColumn, SetNotNull, Unclear
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """A NOT NULL column without a default in the database."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        step, insert = outcome.step, outcome.cost.old_code.insert
        if isinstance(step, AddColumn | SetNotNull) and insert != "ok":
            column = f"{step.table}.{step.column.name}"
            if insert == "unknown":
                message = f"whether old INSERTs work without {column}: {outcome.cost.reason}"
                yield Unknown(message, operation.location, outcome.evidence)
                continue
            if outcome.known_as:
                yield _taken_over(operation, outcome, column, f"{step.table}.{outcome.known_as}")
                continue
            python = step.column.default == "python"
            default = "its default lives in Python only" if python else "has no default"
            yield Fail(
                f"{column} is NOT NULL and {default}: INSERTs of the code that still runs, which"
                " does not know the column, fail",
                operation.location,
                outcome.evidence,
                remedy=_remedy(ctx, operation, step),
            )
        elif isinstance(step, Unclear) and "require" in step.may:
            message = f"whether a column asks for more than old INSERTs give: {step.reason}"
            yield Unknown(message, operation.location, outcome.evidence)


def _taken_over(operation: Operation, outcome: Outcome, column: str, known: str) -> Fail:
    becomes = "is a new column" if column == known else f"becomes {known}"
    table, _, name = known.rpartition(".")
    return Fail(
        f"{column} {becomes}, NOT NULL, in place of the {name} that this migration takes away: the"
        f" code that still runs knows {known} as it was, and reads and writes the new one as if it"
        " were the old",
        operation.location,
        outcome.evidence,
        remedy=under_another_name(table, name).text,
    )


def _remedy(ctx: Context, operation: Operation, step: AddColumn | SetNotNull) -> str:
    condition = check_argument(ctx, operation)
    if isinstance(step, SetNotNull):
        later = not_null(operation, step, condition)
        return f"Not before the next release, when no code runs that leaves it out. {later.text}"
    short = with_database_default(operation) if has_database_defaults(ctx, operation) else None
    return (short or nullable_first(operation, step, condition)).text
