"""What changes production: named for it, or going to the only place that can be it."""

from dataclasses import replace

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.deploy.deployments import (
    BY_PEOPLE,
    MAIN,
    Deployment,
    deployments_of,
)
from iact_guard.analyze.workflow.deploy.recovery import follows_failure
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job

_PLACES = ("env", "stage", "target", "cluster", "account", "region", "space", "tier", "server")
"""Words of inputs that ask where something should go."""


@fact("job.production_deployments")
def production_deployments_of(ctx: Context, job: Job) -> Fact[tuple[Deployment, ...]]:
    """What of a job changes production, in order."""
    every = deployments_of(ctx, job).known
    found = [each for each in every if each.production]
    unnamed = unnamed_production(ctx, Repository()).known if every and not found else {}
    if reason := unnamed.get(job.id):
        for each in every:
            if each.production is None:
                evidence = (*each.evidence, Evidence(each.location, reason))
                found.append(replace(each, evidence=evidence))
    return known(tuple(found))


@fact("repository.unnamed_production")
def unnamed_production(ctx: Context, repository: Repository) -> Fact[dict[str, str]]:
    """Why jobs that name no place deploy to production all the same, by their ids.

    The repository names none at all; none but production; or only others, and this is what main
    brings.
    """
    deploying: dict[Job, tuple[Deployment, ...]] = {}
    for job in ctx.project.entities("job"):
        if job.uses is None and not follows_failure(job):
            found = deployments_of(ctx, job).known
            if found:
                deploying[job] = found
    stages = {stage for found in deploying.values() for each in found for stage in each.stages}
    unnamed = [job for job, found in deploying.items() if not any(each.stages for each in found)]
    one = [job for job in unnamed if _has_one_place(ctx, job)]
    if not stages:
        reason = "the repository names no other place to deploy to, so this is production"
        chosen = unnamed if len(unnamed) in (1, len(one)) else []
    elif stages == {"production"}:
        reason = "the repository names no place but production"
        chosen = one
    else:
        reason = "what main brings goes here, and every other place is named"
        chosen = [] if "production" in stages else [job for job in one if _brings_main(ctx, job)]
    return known({job.id: reason for job in chosen})


def _has_one_place(ctx: Context, job: Job) -> bool:
    """Whether only main or a person starts a job, and nothing asks where it should go."""
    triggers = ctx.project.workflow_of(job).triggers
    if job.environment or any(each.event not in BY_PEOPLE for each in triggers):
        return False
    names = [given.name.lower() for each in triggers for given in each.inputs]
    if any(word in name for name in names for word in _PLACES):
        return False
    pushed = [each for each in triggers if each.event == "push"]
    branches = {text.text for each in pushed for text in each.branches or ()}
    return all(each.branches or each.tags for each in pushed) and branches <= MAIN


def _brings_main(ctx: Context, job: Job) -> bool:
    triggers = ctx.project.workflow_of(job).triggers
    return any(each.event == "push" and each.branches for each in triggers)
