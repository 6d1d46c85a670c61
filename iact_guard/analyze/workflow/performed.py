"""What a job performs: its steps, those of composite actions, those of workflows it calls."""

import posixpath
from collections.abc import Iterator
from dataclasses import field

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of
from iact_guard.analyze.uses import parse_use
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Action, Job, Step, Workflow

MAX_DEPTH = 6
MAX_STEPS = 2_000
"""Of one job, what it calls included."""
MAX_FOLLOWED = 100_000
"""Steps and calls of all jobs together, in what they call."""


@dataclass(frozen=True, slots=True)
class Performed:
    """A step on its way into a job."""

    step: Step
    job: Job
    """The job that it stands in, or that uses the action which it stands in."""
    outer: Step | None
    """The step of the job: itself, or the one that uses the action. None in a called workflow."""
    via: tuple[Evidence, ...]
    """How the job comes to it: uses of actions and workflows."""
    conditions: tuple[Authored, ...]
    """Every `if` on the way, its own last."""
    lenient: tuple[Authored, ...]
    """Every `continue-on-error` on the way."""


@dataclass(frozen=True, slots=True)
class Work:
    """All that a job performs, in order."""

    steps: tuple[Performed, ...]
    opaque: tuple[Evidence, ...]
    """Local actions and workflows that could not be followed."""


@fact("job.work")
def work_of(ctx: Context, job: Job) -> Fact[Work]:
    """The steps of a job, actions and workflows of the repository followed."""
    following = max(_index(ctx).known.following, 1)
    search = _Search(ctx, min(MAX_STEPS, len(job.steps) + MAX_FOLLOWED // following))
    steps = tuple(search.of_job(job, 0))
    if search.left < 0:
        search.opaque.append(Evidence(job.location, "it performs too much to be followed wholly"))
    return known(Work(steps, tuple(search.opaque)))


def commands_in(ctx: Context, job: Job) -> tuple[tuple[Performed, Command], ...]:
    """Every command that a job performs, scripts of the repository followed, in order."""
    return _commands_of(ctx, job).known


@fact("job.commands")
def _commands_of(ctx: Context, job: Job) -> Fact[tuple[tuple[Performed, Command], ...]]:
    return known(
        tuple(
            (performed, command)
            for performed in work_of(ctx, job).known.steps
            for command in all_commands_of(ctx, performed.step.id)
        )
    )


@dataclass(slots=True)
class _Search:
    """What a job performs, up to a number of steps and calls."""

    ctx: Context
    left: int
    opaque: list[Evidence] = field(default_factory=list)

    def of_job(self, job: Job, depth: int) -> Iterator[Performed]:
        if depth and not self.spend():
            return
        for step in job.steps:
            own = _some(step.condition), _some(step.continue_on_error)
            yield from self.of_step(Performed(step, job, step, (), *own), depth)
        if job.uses is None:
            return
        called = called_workflow(self.ctx, job)
        if called is None or depth >= MAX_DEPTH:
            self.opaque.append(Evidence(job.uses.location, f"{job.uses.text} is not followed"))
            return
        link = Evidence(job.uses.location, f"it calls {called.path}")
        for inner in called.jobs:
            for found in self.of_job(inner, depth + 1):
                yield Performed(
                    found.step,
                    found.job,
                    None,
                    (link, *found.via),
                    (*_some(inner.condition), *found.conditions),
                    (*_some(inner.continue_on_error), *found.lenient),
                )
            if self.left < 0:
                return

    def of_step(self, performed: Performed, depth: int) -> Iterator[Performed]:
        if not self.spend():
            return
        yield performed
        step = performed.step
        if step.uses is None or parse_use(step.uses).kind != "local":
            return
        action = used_action(self.ctx, step.uses)
        if action is None or action.using != "composite" or depth >= MAX_DEPTH:
            self.opaque.append(Evidence(step.uses.location, f"{step.uses.text} is not followed"))
            return
        link = Evidence(step.uses.location, f"it uses {action.path}")
        for inner in action.steps:
            below = Performed(
                inner,
                performed.job,
                performed.outer,
                (*performed.via, link),
                (*performed.conditions, *_some(inner.condition)),
                (*performed.lenient, *_some(inner.continue_on_error)),
            )
            yield from self.of_step(below, depth + 1)
            if self.left < 0:
                return

    def spend(self) -> bool:
        """Whether there is something left for one more."""
        self.left -= 1
        return self.left >= 0


def used_action(ctx: Context, uses: Authored) -> Action | None:
    """The action of the repository that `uses: ./path` means."""
    folder = posixpath.normpath(_inside(uses.text))
    actions = _index(ctx).known.actions
    return actions.get("" if folder == "." else folder)


def called_workflow(ctx: Context, job: Job) -> Workflow | None:
    """The workflow of the repository that a job calls."""
    if job.uses is None or parse_use(job.uses).kind != "local":
        return None
    path = posixpath.normpath(_inside(job.uses.text))
    return _index(ctx).known.workflows.get(path)


def callers_of(ctx: Context, workflow: Workflow) -> tuple[Job, ...]:
    """The jobs of the repository that call a workflow."""
    return _index(ctx).known.callers.get(workflow.path, ())


def _inside(text: str) -> str:
    return text.strip().removeprefix("$/").removeprefix("./").partition("@")[0]


@dataclass(frozen=True, slots=True)
class _Index:
    actions: dict[str, Action]
    workflows: dict[str, Workflow]
    callers: dict[str, tuple[Job, ...]]
    following: int
    """How many jobs use something of the repository."""


def _index(ctx: Context) -> Fact[_Index]:
    return _index_of(ctx, Repository())


@fact("repository.local_uses")
def _index_of(ctx: Context, repository: Repository) -> Fact[_Index]:
    callers: dict[str, list[Job]] = {}
    for job in ctx.project.entities("job"):
        if job.uses and parse_use(job.uses).kind == "local":
            callers.setdefault(posixpath.normpath(_inside(job.uses.text)), []).append(job)
    return known(
        _Index(
            {posixpath.dirname(action.path): action for action in ctx.project.actions},
            {workflow.path: workflow for workflow in ctx.project.workflows},
            {path: tuple(jobs) for path, jobs in callers.items()},
            sum(_uses_local(job) for job in ctx.project.entities("job")),
        )
    )


def _uses_local(job: Job) -> bool:
    uses = (job.uses, *(step.uses for step in job.steps))
    return any(parse_use(each).kind == "local" for each in uses if each)


def _some(text: Authored | None) -> tuple[Authored, ...]:
    return (text,) if text else ()
