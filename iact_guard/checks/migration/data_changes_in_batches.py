"""DM018: rows are written portion by portion, each in a transaction of its own."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.rows import in_portions
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import Unclear, WriteRows
from iact_guard.model.literal import Constant
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown

_WRITERS = ("RunPython", "RunSQL")
_DONE = {"update": "written", "delete": "deleted", "any": "written"}


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """Any number of rows in one transaction."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        step = outcome.step
        if isinstance(step, Unclear) and (operation.base or operation.kind) in _WRITERS:
            message = f"how many rows it writes at once: {step.reason}"
            yield Unknown(message, operation.location, outcome.evidence)
        if not isinstance(step, WriteRows) or not outcome.noticed:
            continue
        if step.extent == "unknown" or (step.extent == "all" and step.table == "?"):
            message = f"how many rows of {step.table} are written in one transaction is not known"
            yield Unknown(message, operation.location, outcome.evidence)
        elif step.extent == "all":
            yield Fail(
                _message(step) + _in_vain(operation),
                operation.location,
                outcome.evidence,
                remedy=in_portions(operation, step),
            )


def _message(step: WriteRows) -> str:
    if step.verb == "insert":
        return (
            f"any number of rows is added to {step.table} in one transaction: it is open until the"
            " last one is written, and all is lost when one fails"
        )
    return (
        f"the rows of {step.table} are {_DONE[step.verb]} in one transaction: each stays locked"
        " until the last one is done, and whoever wants to change one waits"
    )


def _in_vain(operation: Operation) -> str:
    atomic = operation.argument("atomic")
    if isinstance(atomic, Constant) and atomic.value is False:
        return (
            "; `atomic=False` of the RunPython changes nothing about it while the migration itself"
            " is a transaction or the function writes them by one statement"
        )
    return ""
