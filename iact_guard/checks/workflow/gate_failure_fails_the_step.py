"""WF101: a gate whose failure is lost in its script."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import Cause
from iact_guard.analyze.workflow.gates.guards import guards_of
from iact_guard.analyze.workflow.gates.lost_gates import losses_of
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Step

_CAUSES: tuple[Cause, ...] = ("script", "background", "output")


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
        message = f"a failure of {loss.names} does not fail this step: {loss.first.reason}"
        yield Fail(message, here, loss.evidence, anchor=anchor)
