"""WF110: a gate that the job which stands for all of them does not wait for."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.aggregator import stands_for
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.gates.uncovered import uncovered_by
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job

_SHOWN = 5


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding an aggregator, on its `needs`, with the jobs that are missing there."""
    judged = stands_for(ctx, job)
    if judged.state == "not-applicable" or len(job.needs) < 2:
        yield NotApplicable(judged.reason or "the job stands for one other only")
        return
    missing = uncovered_by(ctx, job).known
    if not missing:
        return
    names = ", ".join(each.key for each in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    yield Fail(
        f"{job.key} does not need {names}{more}: it is green although a gate there fails",
        job.needs[0].location,
        tuple(evidence for each in missing for evidence in _evidence(ctx, each)),
        remedy=f"Add {names}{more} to the `needs` of {job.key}.",
    )


def _evidence(ctx: Context, job: Job) -> Iterator[Evidence]:
    yield Evidence(job.location, f"{job.key} is not among its needs")
    for _, gate in gates_in(ctx, job):
        yield Evidence(gate.location, f"a gate ({gate.kind}): {gate.tool}")
        return
