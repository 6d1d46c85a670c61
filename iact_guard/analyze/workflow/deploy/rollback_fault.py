"""What a fault of a rollback is, and what a rollback runs and follows."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.around import earlier_jobs, index_of
from iact_guard.analyze.workflow.deploy.deployments import Deployment, deployments_of
from iact_guard.analyze.workflow.deploy.rollback import Rollback, says_rollback
from iact_guard.model.command import Command
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason why it cannot work."""

    reason: str
    location: Location
    evidence: tuple[Evidence, ...] = ()


def deployed_before(ctx: Context, job: Job, rollback: Rollback) -> list[Deployment]:
    """What was deployed before it, in its job and in those that it waits for."""
    index = index_of(ctx, job, rollback.moment.performed, rollback.moment.command)
    back = says_rollback(job.key, job.name)  # it brings the version before in several steps
    own = [
        each
        for each in (() if back else deployments_of(ctx, job).known)
        if index_of(ctx, job, each.performed, each.command) < index
        and each.performed is not rollback.moment.performed
    ]
    for each in earlier_jobs(ctx, job).known:
        if each.path == job.path:
            own += deployments_of(ctx, each).known
    return own


def commands_of(rollback: Rollback) -> list[Command]:
    """The command that goes back, or that deploys again."""
    if rollback.moment.command:
        return [rollback.moment.command]
    again = rollback.deployment
    return [again.command] if again and again.command else []
