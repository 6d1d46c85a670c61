"""What a search needs to know of a run: its gates, and what may happen in it."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.gated import GateJob, gate_job, possible_gates
from iact_guard.analyze.links.production.search import Subject, World
from iact_guard.analyze.links.production.way import Entry
from iact_guard.analyze.workflow.performed import called_workflow
from iact_guard.analyze.workflow.run.condition import condition_of
from iact_guard.analyze.workflow.run.event import Event
from iact_guard.analyze.workflow.run.result import Result
from iact_guard.analyze.workflow.run.simulate import in_order
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Workflow

MAX_DEPTH = 5
FIRST_WORLD = "every gate fails"
CANCELLED = "somebody cancels the run"
LATE = "the gates run over their time"
"""Their jobs are cancelled, and the run goes on."""
MAX_OTHERS = 12
"""Jobs that may fail by themselves, one at a time."""


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a run, by how sure they are."""

    sure: tuple[GateJob, ...]
    """Their failure fails a step."""
    unsure: tuple[GateJob, ...]
    """Whether it does cannot be told."""
    idle: tuple[GateJob, ...]
    """It does not."""
    possible: dict[str, tuple[Evidence, ...]]
    """Jobs that may hold a gate which we do not recognise, by their id."""

    @property
    def any(self) -> bool:
        """Whether there is a gate at all."""
        return bool(self.sure or self.unsure or self.idle)


def jobs_of_run(
    ctx: Context, workflow: Workflow, only: frozenset[str] | None, depth: int = MAX_DEPTH
) -> Iterator[Job]:
    """The jobs of a run, those of called workflows behind the job that calls them."""
    for job in in_order(ctx, workflow, only):
        yield job
        called = called_workflow(ctx, job) if job.uses and depth else None
        if called:
            yield from jobs_of_run(ctx, called, None, depth - 1)


def on_the_way(ctx: Context, entry: Entry) -> tuple[Job, ...]:
    """The jobs that the deploying one waits for, through its callers; itself the last."""
    found: list[Job] = []
    workflow = entry.root
    for step in (*entry.callers, entry.job):
        for job in in_order(ctx, workflow, frozenset({step.key})):
            if job.id == step.id:
                continue
            found.append(job)
            called = called_workflow(ctx, job) if job.uses else None
            found += jobs_of_run(ctx, called, None) if called else ()
        workflow = called_workflow(ctx, step) or workflow
    return (*found, *entry.callers, entry.job)


def gates_among(ctx: Context, jobs: tuple[Job, ...], kind: str) -> Gates:
    """The gates of a kind in jobs."""
    found = [gate for job in jobs if (gate := gate_job(ctx, job, kind))]
    known = {gate.job.id for gate in found}
    possible = {
        job.id: evidence
        for job in jobs
        if job.id not in known and (evidence := possible_gates(ctx, job, kind))
    }
    return sorted_out(found, possible)


def sorted_out(found: list[GateJob], possible: dict[str, tuple[Evidence, ...]]) -> Gates:
    """Gates by how sure they are."""
    return Gates(
        tuple(gate for gate in found if gate.fails),
        tuple(gate for gate in found if gate.fails is None),
        tuple(gate for gate in found if gate.fails is False),
        possible,
    )


def subject_of(
    ctx: Context,
    workflow: Workflow,
    event: Event,
    only: frozenset[str] | None,
    gates: Gates,
    watched: frozenset[str] = frozenset(),
) -> Subject:
    """What is searched, with the steps that hold its gates."""
    every = (*gates.sure, *gates.unsure)
    steps = frozenset(
        step.step.id for gate in every for step in gate.steps if step.fails is not False
    )
    jobs = frozenset(gate.job.id for gate in every)
    return Subject(workflow, event, only, steps, jobs, watched)


def worlds_of(
    jobs: tuple[Job, ...], gates: Gates, target: Job | None, *, generous: bool
) -> list[World]:
    """What may happen in a run: gates fail, run over their time, or another job fails first.

    `generous` takes what may be a gate for one. What only makes a difference where some job goes
    on after a failure is left out where none does, unless there is no `target`: then a job that
    is skipped counts as well.
    """
    failing: dict[str, Result] = {}
    gated: set[str] = set()
    for gate in (*gates.sure, *(gates.unsure if generous else ())):
        gated.add(gate.job.id)
        for step in gate.steps:
            if step.fails or (generous and step.fails is None):
                failing[step.step.id] = "failure"
    if generous:
        for job_id in gates.possible:
            if target is None or job_id != target.id:
                failing[job_id] = "failure"
                gated.add(job_id)
    worlds = [World(FIRST_WORLD, failing)]
    if target and (not failing or not any(map(_goes_on, jobs))):
        return worlds
    gated -= {target.id} if target else set()
    if gated:
        late: dict[str, Result] = dict.fromkeys(gated, "cancelled")
        worlds.append(World(LATE, {**failing, **late}))
        worlds.append(World(CANCELLED, failing, cancelled=True))
    kept = {*gated, target.id} if target else gated
    others = [job for job in jobs if job.id not in kept and job.uses is None]
    worlds += [
        World(f"{job.key} fails", {**failing, job.id: "failure"}) for job in others[:MAX_OTHERS]
    ]
    return worlds


def _goes_on(job: Job) -> bool:
    """Whether a job may run after a failure, or let its own go by."""
    condition = condition_of(job.condition.text) if job.condition else None
    return job.continue_on_error is not None or (condition is not None and condition.explicit)
