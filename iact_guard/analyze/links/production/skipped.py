"""Switches that keep a gate of any kind from running before production is deployed to.

A gate need not hold the deployment up for that: who ticks `skip_security_scan` deploys unscanned.
"""

from collections.abc import Iterator
from itertools import islice

from iact_guard.analyze.choices import TooManyRunsError
from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.production.judge import Judge
from iact_guard.analyze.links.production.questions import decider_of, switch_named
from iact_guard.analyze.links.production.search import (
    MAX_RESERVE,
    Budget,
    Hole,
    Search,
    Subject,
    World,
)
from iact_guard.analyze.links.production.shipping import shipped_by
from iact_guard.analyze.links.production.subjects import on_the_way
from iact_guard.analyze.links.production.switches import declaration_of, place_of
from iact_guard.analyze.links.production.verdict import Switched
from iact_guard.analyze.links.production.way import Entry, Way, entries_of
from iact_guard.analyze.links.rules.elsewhere import elsewhere_of
from iact_guard.analyze.workflow.deploy.deployments import Deployment
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.run.result import Run
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job

MAX_ENTRIES = 12
"""Events that a job is looked at with."""
MAX_NAMED = 3
KINDS = frozenset({
    "test", "coverage", "sast", "secrets", "dependencies", "container", "iac", "lint", "types",
})  # fmt: skip
"""Gates that a switch may turn off; a plan or a format that nobody waits for is none."""
# An input that chooses what is deployed leaves the gates of everything else out, and is no switch.
_SPEAKS = regex(
    r"skip|bypass|disable|force|ignore|emergency|without|(?<![a-z])no[-_]"
    r"|scan|test|lint|security|audit|sast|check|valid|verif|quality|coverage"
)
_ASKING = ("workflow_dispatch", "")
"""Events with inputs."""
_EVERY = World("every gate passes")


@dataclass(frozen=True, slots=True)
class Skip:
    """A switch and the gates that do not run because of it."""

    switch: Switched
    kinds: tuple[str, ...]
    tools: tuple[str, ...]


def skips_of(ctx: Context, job: Job) -> Iterator[Skip]:
    """The switches on the way to a job that ships to production, each once."""
    seen: set[str] = set()
    # A branch hardly makes a difference to what somebody can switch off.
    alike = {(e.root.id, e.event.name, e.callers): e for e in reversed(entries_of(ctx, job))}
    for entry in islice(reversed(alike.values()), MAX_ENTRIES):
        for skip in _of_event(ctx, entry):
            if skip.switch.name not in seen:
                seen.add(skip.switch.name)
                yield skip


@fact("repository.skip_reserve")
def _reserve(ctx: Context, repository: Repository) -> Fact[Budget]:
    return known(Budget(MAX_RESERVE))


def _of_event(ctx: Context, entry: Entry) -> Iterator[Skip]:
    jobs = on_the_way(ctx, entry)
    names = {_switch(text) for each in jobs for text in _conditions(ctx, each)} - {""}
    inputs_only = all(name.startswith("the input ") for name in names)
    if not names or (inputs_only and entry.event.name not in _ASKING):
        return
    deployments = shipped_by(ctx, entry.job).known
    gates = _gates(ctx, jobs, _behind(ctx, entry.job, deployments))
    if not gates:
        return
    judge = Judge(ctx, Way(entry.job, "test"), entry, deployments)
    subject = Subject(
        entry.root, entry.event, frozenset({entry.first.key}), frozenset(gates),
        frozenset(each.id for each in jobs), frozenset(d.performed.step.id for d in deployments),
    )  # fmt: skip
    search = Search(ctx, subject, judge.deploys, reserve=_reserve(ctx, Repository()).known)

    def height(run: Run) -> int:
        jobs_run = sum(each.ran for each in run.jobs.values())
        return jobs_run + 1_000 * (1 + len(_ran(run, gates))) * judge.deploys(run)

    found = search.climb(
        _EVERY, height, lambda run: judge.deploys(run) and len(_ran(run, gates)) == len(gates)
    )
    if found is None or not judge.deploys(found[0]):
        return
    best, course = found
    for question, answers in course.changed():
        name = switch_named(question[1])
        if not _SPEAKS.search(name) or decider_of(ctx, entry.root, question) != "person":
            continue
        if course.answers[question]:
            continue  # not the default: a gate that somebody may ask for besides
        try:
            run = search.answered(_EVERY, answers)
        except TooManyRunsError:
            return
        missing = _ran(best, gates) - _ran(run, gates) if run and judge.deploys(run) else None
        if run is None or not missing:
            continue
        turned = [gates[each] for each in gates if each in missing]
        if all(_stands_elsewhere(ctx, entry, gate, jobs) for gate in turned):
            continue
        value = dict(run.chosen).get(question[1], "")
        hole = Hole(run, _EVERY, "switch", question[1], value)
        place = place_of(jobs, question[1], run)
        declared = declaration_of(entry.event, name)
        switch = Switched(name, place, value, judge.trace(hole, jobs), declared)
        kinds = tuple(dict.fromkeys(gate.kind for gate in turned))
        tools = tuple(dict.fromkeys(gate.tool for gate in turned))
        yield Skip(switch, kinds, tools[:MAX_NAMED])


def _behind(ctx: Context, job: Job, deployments: tuple[Deployment, ...]) -> frozenset[str]:
    """The ids of the steps of a job from its first deployment on."""
    order = [each.step.id for each in work_of(ctx, job).known.steps]
    return frozenset(order[min(order.index(d.performed.step.id) for d in deployments) :])


def _gates(ctx: Context, jobs: tuple[Job, ...], without: frozenset[str]) -> dict[str, Gate]:
    """A gate for each step that has one, by the step's id."""
    return {
        performed.step.id: found[0]
        for job in jobs
        if job.uses is None
        for performed in work_of(ctx, job).known.steps
        if performed.step.id not in without
        if (found := [g for g in gates_of(ctx, performed.step).known if g.kind in KINDS])
    }


def _ran(run: Run, gates: dict[str, Gate]) -> frozenset[str]:
    """The ids of the steps with a gate that ran."""
    steps = (step for job in run.jobs.values() if job.ran for step in job.steps if step.ran)
    return frozenset(step.step.id for step in steps if step.step.id in gates)


def _stands_elsewhere(ctx: Context, entry: Entry, gate: Gate, jobs: tuple[Job, ...]) -> bool:
    """Whether a required check of the same kind stands before what is deployed."""
    ids = frozenset(job.id for job in jobs)
    return elsewhere_of(ctx, entry, gate.kind, ids).state == "guarded"


def _conditions(ctx: Context, job: Job) -> Iterator[str]:
    if job.condition:
        yield job.condition.text
    for performed in work_of(ctx, job).known.steps if job.uses is None else ():
        yield from (condition.text for condition in performed.conditions)


def _switch(text: str) -> str:
    """The switch that a condition asks for, if its name speaks of gates."""
    name = switch_named(text.lower())
    return name if _SPEAKS.search(name) else ""
