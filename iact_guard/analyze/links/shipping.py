"""What a job ships to production: its deployments there, those that go back left out."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.deployments import Deployment, production_deployments_of
from iact_guard.analyze.workflow.release import goes_back
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Job


@fact("job.shipped")
def shipped_by(ctx: Context, job: Job) -> Fact[tuple[Deployment, ...]]:
    """The deployments of a job that bring something new to production, in order.

    What brings the version before back had passed its gates when it came, and must not wait.
    """
    if goes_back(job.key, job.name, ctx.project.workflow_of(job).name):
        return known(())
    own = (job.condition,) if job.condition else ()
    return known(
        tuple(
            each
            for each in production_deployments_of(ctx, job).known
            if not goes_back(each.performed.step.name, each.performed.step.key)
            and not only_after_failure((*own, *each.performed.conditions))
        )
    )
