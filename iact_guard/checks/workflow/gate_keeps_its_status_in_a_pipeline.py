"""WF102: a gate in a pipeline whose last command alone decides."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.gates.gate import gates_of
from iact_guard.analyze.workflow.lost_gates import lost_gates_of
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Step


def check(ctx: Context, step: Step, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a gate."""
    if not any(gate.command for gate in gates_of(ctx, step).known):
        yield NotApplicable("the step runs no gate as a command")
        return
    for lost in lost_gates_of(ctx, step).known:
        gate = lost.gate
        if gate.kind not in params["kinds"] or lost.cause != "pipeline":
            continue
        if not lost.certain:
            yield Unknown(lost.reason, gate.location, lost.evidence, gate.id)
            continue
        yield Fail(
            f"a failure of {gate.tool} ({gate.kind}) is lost in a pipeline: the last command's"
            " status counts, since pipefail is not set",
            gate.location,
            lost.evidence,
            anchor=gate.id,
        )
