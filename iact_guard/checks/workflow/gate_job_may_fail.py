"""WF105: a job with gates that may fail without failing its workflow."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.tolerant_jobs import tolerated_in
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job, at its `continue-on-error`."""
    here = job.continue_on_error
    if here is None:
        yield NotApplicable("the job has no continue-on-error")
        return
    gates = [gate for gate in tolerated_in(ctx, job).known if gate.kind in params["kinds"]]
    if gates:
        names = ", ".join(dict.fromkeys(f"{gate.tool} ({gate.kind})" for gate in gates))
        yield Fail(
            f"the job {job.key} may fail, and nothing that needs it stops: {names}",
            here.location,
            tuple(Evidence(gate.location, f"the gate: {gate.kind}") for gate in gates[:20]),
        )
