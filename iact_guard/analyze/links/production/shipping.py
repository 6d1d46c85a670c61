"""What a job ships to production: its deployments there, those that go back left out."""

from dataclasses import replace

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.production.way import PLACES, every_entry
from iact_guard.analyze.stages import patterns_of, stages_in
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.deploy.deployments import Deployment, deployments_of
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.deploy.recovery import goes_back
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.workflow import Job


@fact("job.shipped")
def shipped_by(ctx: Context, job: Job) -> Fact[tuple[Deployment, ...]]:
    """The deployments of a job that bring something new to production, in order.

    What brings the version before back had passed its gates when it came, and must not wait.
    """
    if goes_back(job.key, job.name, ctx.project.workflow_of(job).name):
        return known(())
    own = (job.condition,) if job.condition else ()
    found = production_deployments_of(ctx, job).known or _by_choice(ctx, job)
    return known(
        tuple(
            each
            for each in found
            if not goes_back(each.performed.step.name, each.performed.step.key)
            and not only_after_failure((*own, *each.performed.conditions))
        )
    )


def _by_choice(ctx: Context, job: Job) -> tuple[Deployment, ...]:
    """Deployments whose place nothing names, where a dispatch lets somebody choose production."""
    found = [each for each in deployments_of(ctx, job).known if each.production is None]
    place = _choice(ctx, job) if found else None
    if place is None:
        return ()
    return tuple(replace(each, evidence=(*each.evidence, place)) for each in found)


def _choice(ctx: Context, job: Job) -> Evidence | None:
    for entry in every_entry(ctx, job):
        for given in entry.event.inputs:
            stages = [stages_in(option, patterns_of(ctx)) for option in given.options]
            if any(word in given.name.lower() for word in PLACES) and {"production"} in stages:
                return Evidence(given.location, f"`{given.name}` may be production")
    return None
