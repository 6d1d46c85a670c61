"""DM023: what a release throws away, no rollback brings back."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.columns import forget_first
from iact_guard.analyze.migration.advice.tables import beside, forget_table
from iact_guard.analyze.migration.effect import Outcome
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import ChangeType, DropColumn, DropTable, Step
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """Values that the code before this release still has, and that are gone afterwards."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        if not outcome.new_table and (message := _loss(outcome)):
            remedy = _remedy(operation, outcome.step)
            yield Fail(message, operation.location, outcome.evidence, remedy=remedy)


def _loss(outcome: Outcome) -> str:
    step, cost = outcome.step, outcome.cost
    if cost.loses and not _is_given_up(outcome):
        return f"{cost.loses} {_verb(cost.loses)} gone for good: no rollback brings that back"
    if isinstance(step, ChangeType) and cost.may_fail:
        return (
            f"{step.table}.{step.new.name} takes less than before ({step.old.type} becomes"
            f" {step.new.type}): {cost.may_fail} have no place any more"
        )
    return ""


def _is_given_up(outcome: Outcome) -> bool:
    """Whether an earlier release has stopped to use what is dropped now."""
    dropped = isinstance(outcome.step, DropColumn | DropTable)
    return dropped and outcome.cost.old_code.select != "breaks" and not outcome.mended


def _verb(lost: str) -> str:
    plural = lost.startswith(("the values", "the fractions", "digits"))
    return "are" if plural else "is"


def _remedy(operation: Operation, step: Step) -> str:
    match step:
        case ChangeType():
            return beside(operation, step).text
        case DropColumn():
            return forget_first(operation, step).text
        case DropTable():
            return forget_table(operation, step).text
    return ""
