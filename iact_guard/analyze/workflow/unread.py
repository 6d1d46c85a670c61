"""Parts of a job's scripts that are not read, where they may change production."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.unread import Unread, unread_of
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.deploy.staging import stages_of
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job

_WORD = regex(r"[a-z]+")
_CHANGES = frozenset({"deploy", "deploys", "deployment", "rollout", "migrate", "migrations"})


@fact("job.unread_in_production")
def unread_in_production(ctx: Context, job: Job) -> Fact[tuple[Unread, ...]]:
    """What is not read in steps that are named for production, or in a job that deploys there."""
    return known(
        tuple(
            unread
            for performed in work_of(ctx, job).known.steps
            for unread in unread_of(ctx, performed.step).known
            if _in_production(ctx, job, performed)
        )
    )


def _in_production(ctx: Context, job: Job, performed: Performed) -> bool:
    sign = stages_of(ctx, job, performed, None)
    if sign:
        return "production" in sign.stages
    return bool(production_deployments_of(ctx, job).known) or _is_named_for_it(job)


def _is_named_for_it(job: Job) -> bool:
    words = _WORD.findall(f"{job.key} {job.name.text if job.name else ''}".lower())
    return not _CHANGES.isdisjoint(words)
