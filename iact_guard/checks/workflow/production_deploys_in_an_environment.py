"""WF203: a job that changes production without an environment asks nobody."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.deployments import Deployment, deployments_of
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.deploy.recovery import follows_failure
from iact_guard.analyze.workflow.deploy.release import only_scales
from iact_guard.analyze.workflow.order import jobs_after, needed_by, only_asks, runs_after_failure
from iact_guard.analyze.workflow.unread import unread_in_production
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job

_PLACES = ("environment", "env", "stage", "environment_name", "environment-name", "deploy_env")
"""Names of inputs that say where to deploy."""


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job: what it deploys, and an environment that stands too late."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    every = deployments_of(ctx, job).known
    production = production_deployments_of(ctx, job).known
    unread = () if production else unread_in_production(ctx, job).known
    if not every and not unread:
        yield NotApplicable("the job deploys nothing")
        return
    if job.environment:
        return
    needed = needed_by(ctx, job).known
    if follows_failure(job) and any(deployments_of(ctx, each).known for each in needed):
        yield NotApplicable("it goes back after the job that deploys, which is judged")
        return
    before = [each for each in needed if each.environment and only_asks(ctx, each)]
    after = runs_after_failure(job.condition) if before else True
    if production and after:
        yield _fail(ctx, job, production, before)
    elif production and after is None:
        message = f"it cannot be told whether {job.key} also runs where {before[0].key} is refused"
        yield Unknown(message, job.location, production[0].evidence)
    elif not production and any(each.production is None for each in every):
        first = next(each for each in every if each.production is None)
        yield Unknown(
            f"nothing names the place that the job {job.key} deploys to ({first.what}); an"
            " environment on the job would",
            job.location,
            first.evidence,
        )
    elif unread:
        message = f"whether {job.key} changes production: {unread[0].reason}"
        yield Unknown(message, job.location, (Evidence(unread[0].location, "this is not read"),))


def _fail(ctx: Context, job: Job, production: tuple[Deployment, ...], before: list[Job]) -> Fail:
    late = [after for after in jobs_after(ctx, job) if after.environment]
    places = [
        Evidence(each.environment.location, "the environment stands here")
        for each in (*before, *late)
        if each.environment
    ]
    first = production[0]
    scales = first.command is not None and only_scales(first.command)
    does = "changes how much runs in" if scales else first.does
    return Fail(
        f"the job {job.key} {does} production ({first.what}) without an environment,"
        f" so that no reviewer and no branch rule stands before it{_elsewhere(before, late)}",
        job.location,
        (*first.evidence, *places),
        tuple(Evidence(each.location, f"`{each.what}`") for each in production[1:]),
        remedy=_by_input(ctx, job),
    )


def _by_input(ctx: Context, job: Job) -> str:
    """The remedy where an input names the place; empty for the policy's own."""
    names = [
        each.name
        for trigger in ctx.project.workflow_of(job).triggers
        for each in trigger.inputs
        if each.name.lower() in _PLACES
    ]
    return (
        f"Put `environment: ${{{{ inputs.{names[0]} }}}}` on the job that deploys, with required"
        " reviewers for production in the repository's settings."
        if names
        else ""
    )


def _elsewhere(before: list[Job], late: list[Job]) -> str:
    if before:
        return f"; it also runs where {before[0].key}, which has one, fails or is refused"
    return f"; the environment stands on {late[0].key}, which runs afterwards" if late else ""
