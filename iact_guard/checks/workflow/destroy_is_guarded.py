"""WF306: production is destroyed, and nobody was asked whether that is meant."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.destroys import (
    Destroy,
    approval_of,
    check_before,
    destroys_of,
)
from iact_guard.analyze.workflow.unread import unread_in_production
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job, at what it destroys first."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    destroys = destroys_of(ctx, job).known
    if not destroys:
        if unread := unread_in_production(ctx, job).known:
            message = f"whether {job.key} destroys something of production: {unread[0].reason}"
            yield Unknown(message, unread[0].location, unread[0].evidence)
        else:
            yield NotApplicable("the job destroys nothing of production")
        return
    approval = approval_of(ctx, job)
    for destroy in destroys:
        checked = check_before(ctx, job, destroy)
        missing = _missing(job, approval, checked)
        if missing:
            yield _fail(job, destroy, missing, [d for d in destroys if d is not destroy])
            return


def _missing(job: Job, approval: Evidence | None, checked: Evidence | None) -> str:
    parts = []
    if approval is None:
        shared = "; that of the deployment in the same job is none" if job.environment else ""
        parts.append(f"an approval of its own{shared}")
    if checked is None:
        parts.append("a check before it")
    return " and without ".join(parts)


def _fail(job: Job, destroy: Destroy, missing: str, others: list[Destroy]) -> Fail:
    return Fail(
        f"the job {job.key} destroys in production ({destroy.what}) without {missing}",
        destroy.location,
        destroy.evidence,
        tuple(Evidence(each.location, "and here") for each in others),
    )
