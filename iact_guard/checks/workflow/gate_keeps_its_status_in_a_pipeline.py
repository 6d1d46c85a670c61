"""WF102: a gate in a pipeline whose last command alone decides."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import Cause
from iact_guard.analyze.workflow.gates.guards import guards_of
from iact_guard.analyze.workflow.gates.lost_gates import losses_of
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Step

_CAUSES: tuple[Cause, ...] = ("pipeline",)


def check(ctx: Context, step: Step, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a line with gates."""
    if not any(gate.command for gate in guards_of(ctx, step).known):
        yield NotApplicable("the step runs no gate as a command")
        return
    for loss in losses_of(ctx, step, params["kinds"], _CAUSES):
        here, anchor = loss.first.gate.location, loss.first.gate.id
        if loss.doubt:
            yield Unknown(loss.doubt, here, loss.evidence, anchor)
            continue
        yield Fail(
            f"a failure of {loss.names} is lost in a pipeline: the last command's status counts,"
            " since pipefail is not set",
            here,
            loss.evidence,
            anchor=anchor,
        )
