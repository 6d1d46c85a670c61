"""WF208: a rollback that cannot bring the version before back."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.rollback import rollbacks_in
from iact_guard.analyze.workflow.deploy.rollback_faults import faults_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a rollback, with all that is wrong with it."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    rollbacks = rollbacks_in(ctx, job).known
    if not rollbacks:
        yield NotApplicable("the job holds no rollback")
        return
    told: set[str] = set()
    for rollback in rollbacks:
        faults = [fault for fault in faults_of(ctx, job, rollback) if fault.reason not in told]
        told |= {fault.reason for fault in faults}
        if faults:
            first = faults[0]
            yield Fail(
                f"the rollback in {job.key} ({rollback.what}) cannot work: {first.reason}",
                rollback.location,
                (
                    Evidence(rollback.location, "this is meant to go back"),
                    *(Evidence(fault.location, fault.reason) for fault in faults),
                    *(item for fault in faults for item in fault.evidence),
                ),
            )
