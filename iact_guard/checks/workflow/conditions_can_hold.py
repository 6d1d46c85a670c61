"""WF107: an `if` that nothing which starts the workflow can make true."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.conditions import dead_conditions_of
from iact_guard.analyze.workflow.gates.disabled_gates import disabled_gates_of
from iact_guard.model.policy import Answer, Fail, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a condition of the job or of one of its steps."""
    fact = dead_conditions_of(ctx, job)
    if fact.state == "unknown":
        yield Unknown(f"whether every `if` of {job.key} can hold: {fact.reason}", job.location)
        return
    for held in fact.known:
        place = held.text.first_line(0, max(len(held.text.text.rstrip()), 1))
        yield Fail(
            f"{held.what} never runs: {held.why}",
            place,
            anchor=f"{job.id}/{held.what}",
        )
    for held in disabled_gates_of(ctx, job).known:
        place = held.text.first_line(0, max(len(held.text.text.rstrip()), 1))
        yield Fail(
            f"{held.what} is a gate that never runs: {held.why}",
            place,
            severity="low",
            remedy="Mend it and let it run again, or take it out.",
            anchor=f"{job.id}/{held.what}/off",
        )
