"""What runs before and after something that a job does: in the job, and in those of its chain.

A chain goes over `needs`, over the jobs that call a workflow, and over `workflow_run`.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.dispatch import passes_by
from iact_guard.analyze.shell.followed import all_commands_of
from iact_guard.analyze.workflow.order import jobs_after, needed_by
from iact_guard.analyze.workflow.performed import Performed, callers_of, work_of
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Workflow

MAX_MOMENTS = 4_000
"""Of one job, and of what is looked through before or after one of them."""
MAX_CHAIN = 60
"""Jobs of a chain on one side."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that a job does: a step as a whole, or one of its commands."""

    job: Job
    """The job of the chain that performs it: it may call the workflow that the step stands in."""
    performed: Performed
    command: Command | None
    """None for the step itself, which stands before its commands."""


@fact("job.moments")
def moments_of(ctx: Context, job: Job) -> Fact[tuple[Moment, ...]]:
    """All that a job does, in order."""
    return known(tuple(islice(_moments(ctx, job), MAX_MOMENTS)))


def _moments(ctx: Context, job: Job) -> Iterator[Moment]:
    for performed in work_of(ctx, job).known.steps:
        yield Moment(job, performed, None)
        for command in all_commands_of(ctx, performed.step.id):
            if not passes_by(ctx, command):
                yield Moment(job, performed, command)


def index_of(ctx: Context, job: Job, performed: Performed, command: Command | None) -> int:
    """Which of the job's moments it is; behind the last where it is none of them."""
    moments = moments_of(ctx, job).known
    wanted = command.id if command else ""
    found = (
        index
        for index, each in enumerate(moments)
        if each.performed is performed and (each.command.id if each.command else "") == wanted
    )
    return next(found, len(moments))


def moments_after(ctx: Context, job: Job, index: int) -> Iterator[Moment]:
    """What runs after a moment of a job, of very much not all."""
    return islice(_after(ctx, job, index), MAX_MOMENTS)


def moments_before(ctx: Context, job: Job, index: int) -> Iterator[Moment]:
    """What runs before a moment of a job: in the job, then in those that it waits for."""
    return islice(_before(ctx, job, index), MAX_MOMENTS)


def _after(ctx: Context, job: Job, index: int) -> Iterator[Moment]:
    yield from moments_of(ctx, job).known[index + 1 :]
    for each in later_jobs(ctx, job).known:
        yield from moments_of(ctx, each).known


def _before(ctx: Context, job: Job, index: int) -> Iterator[Moment]:
    yield from moments_of(ctx, job).known[:index]
    for each in earlier_jobs(ctx, job).known:
        yield from moments_of(ctx, each).known


@fact("job.later")
def later_jobs(ctx: Context, job: Job) -> Fact[tuple[Job, ...]]:
    """The jobs that run after a job: by need, by its callers, by `workflow_run`."""
    found: dict[str, Job] = {each.id: each for each in jobs_after(ctx, job)}
    workflow = ctx.project.workflow_of(job)
    for caller in callers_of(ctx, workflow):
        if ("job.later", caller.id) not in ctx.running:
            _add(found, later_jobs(ctx, caller).known)
    for follower in _followers(ctx, workflow):
        if follower.id != workflow.id:
            _add(found, follower.jobs)
    return known(tuple(islice(found.values(), MAX_CHAIN)))


@fact("job.earlier")
def earlier_jobs(ctx: Context, job: Job) -> Fact[tuple[Job, ...]]:
    """The jobs that a job runs after: by need, by its callers' needs, by `workflow_run`."""
    found: dict[str, Job] = {each.id: each for each in needed_by(ctx, job).known}
    workflow = ctx.project.workflow_of(job)
    for caller in callers_of(ctx, workflow):
        if ("job.earlier", caller.id) not in ctx.running:
            _add(found, earlier_jobs(ctx, caller).known)
    for other in ctx.project.workflows:
        if other.id != workflow.id and any(each is workflow for each in _followers(ctx, other)):
            _add(found, other.jobs)
    return known(tuple(islice(found.values(), MAX_CHAIN)))


def _add(found: dict[str, Job], jobs: Iterable[Job]) -> None:
    for each in jobs:
        found.setdefault(each.id, each)


def _followers(ctx: Context, workflow: Workflow) -> tuple[Workflow, ...]:
    """The workflows that a run of this one starts, by `workflow_run`."""
    by_name = _by_trigger(ctx, Repository()).known
    return by_name.get(workflow.name.text if workflow.name else workflow.path, ())


@fact("repository.workflow_run")
def _by_trigger(ctx: Context, repository: Repository) -> Fact[dict[str, tuple[Workflow, ...]]]:
    found: dict[str, tuple[Workflow, ...]] = {}
    for workflow in ctx.project.workflows:
        for trigger in workflow.triggers:
            for name in (trigger.workflows or ()) if trigger.event == "workflow_run" else ():
                found[name.text] = (*found.get(name.text, ()), workflow)
    return known(found)
