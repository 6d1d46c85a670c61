"""WF203: a job that changes production without an environment asks nobody."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deployments import deployments_of, production_deployments_of
from iact_guard.analyze.workflow.order import jobs_after
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job: what it deploys, and an environment that stands too late."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    every = deployments_of(ctx, job).known
    if not every:
        yield NotApplicable("the job deploys nothing")
        return
    if job.environment:
        return
    production = production_deployments_of(ctx, job).known
    if production:
        late = [after for after in jobs_after(ctx, job) if after.environment]
        yield Fail(
            f"the job {job.key} deploys to production ({production[0].what}) without an"
            f" environment, so that no reviewer and no branch rule stands before it{_late(late)}",
            job.location,
            (
                *production[0].evidence,
                *(
                    Evidence(after.environment.location, "the environment stands here, afterwards")
                    for after in late
                    if after.environment
                ),
            ),
            tuple(Evidence(each.location, f"`{each.what}`") for each in production[1:]),
        )
    elif any(each.production is None for each in every):
        first = next(each for each in every if each.production is None)
        yield Unknown(
            f"nothing names the place that the job {job.key} deploys to ({first.what}); an"
            " environment on the job would",
            job.location,
            first.evidence,
        )


def _late(jobs: list[Job]) -> str:
    return f"; the environment stands on {jobs[0].key}, which runs afterwards" if jobs else ""
