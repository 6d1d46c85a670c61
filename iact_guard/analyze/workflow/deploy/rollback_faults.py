"""Why a rollback cannot work: what it names, when it runs, what it brings, what it aims at."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.rollback import Rollback
from iact_guard.analyze.workflow.deploy.rollback_fault import Fault, deployed_before
from iact_guard.analyze.workflow.deploy.rollback_names import missing_scripts, unset_variables
from iact_guard.analyze.workflow.deploy.rollback_targets import other_target
from iact_guard.analyze.workflow.deploy.rollback_times import never_runs
from iact_guard.analyze.workflow.deploy.rollback_versions import (
    asked_too_late,
    never_pushed,
    same_version,
    taken_name,
)
from iact_guard.analyze.workflow.references.dangling import dangling_in
from iact_guard.model.workflow import Job


def faults_of(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    """What is wrong with a rollback of a job, in the order of its severity."""
    step = rollback.moment.performed.step
    if rollback.moment.performed.outer is step and step.parent == job.id:
        for each in dangling_in(ctx, job, step):
            reason = f"it uses {each.text}, which is empty: {each.reason}"
            yield Fault(reason, each.location)
        yield from unset_variables(ctx, job, rollback)
        # A title alone may speak of something around it.
        if rollback.moment.command or rollback.deployment:
            yield from never_runs(ctx, job, rollback)
    yield from missing_scripts(ctx, job, rollback)
    deployed = deployed_before(ctx, job, rollback)
    yield from same_version(ctx, rollback, deployed)
    yield from asked_too_late(ctx, job, rollback, deployed)
    yield from taken_name(ctx, job, rollback)
    yield from never_pushed(ctx, job, rollback)
    yield from other_target(ctx, job, rollback, deployed)
