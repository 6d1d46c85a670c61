"""WF111: an `if` that always holds, though it was written as a question."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.conditions import constant_conditions_of
from iact_guard.model.policy import Answer, Fail
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a condition of the job or of one of its steps."""
    for held in constant_conditions_of(ctx, job).known:
        place = held.text.first_line(0, max(len(held.text.text.rstrip()), 1))
        yield Fail(
            f"the `if` of {held.what} always holds: {held.why}",
            place,
            anchor=f"{job.id}/{held.what}",
        )
