"""One run of one workflow: the end of every job, from an event and what is assumed."""

from collections.abc import Mapping
from dataclasses import field, replace

from iact_guard.analyze.choices import Choices
from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import called_workflow
from iact_guard.analyze.workflow.run.condition import condition_of
from iact_guard.analyze.workflow.run.event import Event, dispatched, github_of
from iact_guard.analyze.workflow.run.legs import legs_of
from iact_guard.analyze.workflow.run.result import JobRun, Result, Run, worst
from iact_guard.analyze.workflow.run.scope import (
    Chosen,
    Given,
    Givens,
    Partial,
    Scope,
    TooDeepError,
)
from iact_guard.analyze.workflow.run.steps import Assumed, Steps, Watched, with_env
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Input, Job, Workflow
from iact_guard.syntax.expression import Open, Unknown, Value, to_text

MAX_DEPTH = 5
"""Workflows within one another; GitHub allows ten, of which nobody uses more than three."""
MAX_JOBS = 2_000
"""Of a run, called workflows included."""


def simulate(
    ctx: Context,
    workflow: Workflow,
    event: Event,
    assumed: Assumed | Mapping[str, Result],
    choices: Choices,
    *,
    only: frozenset[str] | None = None,
    watched: Watched | frozenset[str] = frozenset(),
    settled: frozenset[str] = frozenset(),
    inside: frozenset[str] | None = None,
    cancelled: bool = False,
) -> Run:
    """The run that an event starts, if it starts one; TooDeepError beyond a bound.

    `assumed` says how a job or step ends if it runs (by entity id, or asked for each): what it
    says nothing of succeeds, unless it is written to judge or to fail. A job assumed as
    `skipped` does not run, one as `failure` also stands for an environment that was refused, and
    `cancelled` for one over its timeout. `only` are the keys of the jobs that are wanted: just
    they and what they need is looked at. `watched` are steps that must be looked at. `settled` are
    the ids of jobs whose own `if` is taken to hold, `inside` those of the jobs whose steps are
    looked at (None: all; the others succeed). `cancelled`: somebody cancels the run.
    """
    ends = assumed if callable(assumed) else _from(assumed)
    sees = watched if callable(watched) else _among(watched)
    chosen = Chosen(ctx, choices)
    inputs: dict[str, Value] = {each.name: dispatched(each) for each in event.inputs}
    contexts: dict[str, Value] = {
        "github": github_of(event),
        "inputs": Open(inputs) if event.name in ("workflow_dispatch", "") else {},
        "vars": Unknown(),
        "secrets": Unknown(),
    }
    scope = Scope(chosen, workflow, workflow.path, contexts)
    simulation = _Simulation(ctx, ends, sees, settled, inside, cancelled)
    try:
        simulation.workflow(workflow, scope, "", 0, only)
    except RecursionError as error:
        raise TooDeepError from error
    words = tuple((name, to_text(chosen.values[key])) for key, name in chosen.words.items())
    return Run(event, simulation.jobs, words)


def _from(given: Mapping[str, Result]) -> Assumed:
    return lambda entity: given.get(entity.id)


def _among(ids: frozenset[str]) -> Watched:
    return lambda step: step.id in ids


@dataclass(slots=True)
class _Simulation:
    ctx: Context
    assumed: Assumed
    watched: Watched
    settled: frozenset[str]
    inside: frozenset[str] | None
    cancelled: bool
    jobs: dict[str, JobRun] = field(default_factory=dict)

    def workflow(
        self,
        workflow: Workflow,
        scope: Scope,
        prefix: str,
        depth: int,
        only: frozenset[str] | None = None,
    ) -> list[JobRun]:
        """Every job that is wanted, in an order that `needs` allows."""
        place = with_env(scope, scope.key, workflow)
        done: dict[str, JobRun] = {}
        before: dict[str, frozenset[str]] = {}
        ready, circle = _sorted(self.ctx, workflow, only)
        for job in circle:
            why = "it waits for itself, which GitHub refuses"
            key = f"{prefix}{job.key}"
            done[job.key.lower()] = self.jobs[key] = JobRun(job, key, "skipped", "skipped", why)
            before[job.key.lower()] = frozenset()
        for job in ready:
            if len(self.jobs) >= MAX_JOBS:
                raise TooDeepError
            needs = [n for need in job.needs if (n := need.text.lower()) in done]
            before[job.key.lower()] = frozenset(needs).union(*(before[n] for n in needs))
            ancestors = [done[name] for name in sorted(before[job.key.lower()])]
            run = self.job(job, place, prefix, depth, [done[n] for n in needs], ancestors)
            done[job.key.lower()] = self.jobs[run.key] = run
        return list(done.values())

    def job(
        self,
        job: Job,
        place: Scope,
        prefix: str,
        depth: int,
        needs: list[JobRun],
        ancestors: list[JobRun],
    ) -> JobRun:
        key = f"{prefix}{job.key}"
        scope = self.of_job(job, place, needs, ancestors)
        why, evidence = self.held_back(job, scope, ancestors)
        forced = self.assumed(job)
        if forced == "skipped" and not why:
            why, evidence = "it is assumed to be skipped", ()
        if why:
            end: Result = "cancelled" if self.cancelled else "skipped"
            return JobRun(job, key, end, end, why, evidence)
        if forced:
            reason = f"it is assumed to end as {forced}"
            return self.tolerant(JobRun(job, key, forced, forced, reason), scope)
        if job.uses:
            return self.call(job, key, scope, depth)
        if self.inside is not None and job.id not in self.inside:
            return JobRun(job, key, "success", "success", "its steps are taken to succeed")
        return self.legs(job, key, scope)

    def of_job(self, job: Job, place: Scope, needs: list[JobRun], ancestors: list[JobRun]) -> Scope:
        """The place with `needs`, `env` and the status of what ran before."""
        results = [each.result for each in ancestors]
        contexts: dict[str, Value] = {
            "needs": {n.job.key: {"result": n.result, "outputs": _outputs(n)} for n in needs},
            "success()": all(result == "success" for result in results) and not self.cancelled,
            "failure()": "failure" in results and not self.cancelled,
            "cancelled()": self.cancelled,
            "always()": True,
            "matrix": Open(),
        }
        given: Givens = {
            ("needs", n.job.key.lower(), "outputs", pair.key.text.lower()): Given(
                pair.value.text, self.outer(n.job, place), "string"
            )
            for n in needs
            if n.outcome == "success"
            for pair in n.job.outputs
        }
        inner = place.inner(f"{place.key}#{job.key}", contexts, given)
        return with_env(inner, inner.key, job)

    def outer(self, job: Job, place: Scope) -> Scope:
        """Where the outputs of a job are evaluated."""
        contexts: dict[str, Value] = {"steps": Open(), "needs": Open(), "matrix": Open()}
        return place.inner(f"{place.key}#{job.key}", contexts, {})

    def held_back(
        self, job: Job, scope: Scope, ancestors: list[JobRun]
    ) -> tuple[str, tuple[Evidence, ...]]:
        """Why a job does not start; empty where it does."""
        condition = condition_of(job.condition.text) if job.condition else None
        if condition is None or not condition.explicit:
            bad = next((each for each in ancestors if each.result != "success"), None)
            if bad:
                why = f"{bad.job.key}, which it waits for, ended as {bad.result}"
                return why, (Evidence(bad.job.location, f"{bad.job.key}: {bad.why}"),)
            if self.cancelled:
                return "the run was cancelled", ()
        asked = job.condition and job.id not in self.settled
        if asked and job.condition and condition and not scope.holds(condition):
            place = job.condition.first_line(0, max(len(job.condition.text), 1))
            return "its `if` does not hold", (Evidence(place, "this does not hold"),)
        return "", ()

    def legs(self, job: Job, key: str, scope: Scope) -> JobRun:
        """A job with steps, over those rows of its matrix that may differ."""
        outcomes: list[Result] = []
        seen: list[Result] = []
        last: JobRun | None = None
        for matrix in legs_of(job, scope):
            place = scope.inner(scope.key, {"matrix": matrix}, {})
            steps = Steps(self.ctx, place, self.assumed, self.watched)
            outcome = steps.run(job.steps)
            bad = next((s for s in steps.runs if s.conclusion == outcome != "success"), None)
            why = f"a step ended as {outcome}: {bad.why}" if bad else ""
            evidence = (
                (Evidence(bad.step.location, bad.why or f"it ended as {outcome}"),) if bad else ()
            )
            run = JobRun(job, key, outcome, outcome, why, evidence, tuple(steps.runs))
            run = self.tolerant(run, place)
            outcomes.append(run.outcome)
            seen.append(run.result)
            if last is None or run.result == worst(seen) != "success":
                last = replace(run, steps=(*(last.steps if last else ()), *run.steps))
            else:
                last = replace(last, steps=(*last.steps, *run.steps))
        if last is None:
            raise TooDeepError
        return replace(last, result=worst(seen), outcome=worst(outcomes))

    def tolerant(self, run: JobRun, scope: Scope) -> JobRun:
        """The job's own `continue-on-error`: what depends on it sees a success."""
        given = run.job.continue_on_error
        if given is None or run.outcome != "failure":
            return run
        if to_text(scope.text(given.text)).lower() != "true":
            return run
        here = Evidence(given.location, "the jobs that need it see a success")
        return replace(run, result="success", evidence=(*run.evidence, here))

    def call(self, job: Job, key: str, scope: Scope, depth: int) -> JobRun:
        """A job that calls a workflow: the worst of the called jobs, skipped ones aside."""
        called = called_workflow(self.ctx, job)
        if called is None:
            return JobRun(job, key, "success", "success", "it calls a workflow that is not here")
        if depth >= MAX_DEPTH:
            raise TooDeepError
        inputs = [i for t in called.triggers if t.event == "workflow_call" for i in t.inputs]
        inner = Scope(
            scope.chosen, called, f"{scope.key}>{called.path}",
            {**{n: scope.contexts[n] for n in ("github", "vars")}, "secrets": Unknown(),
             "inputs": Open({each.name: self.input(job, each, scope) for each in inputs})},
            {("inputs", each.name.lower()): given
             for each in inputs if (given := _given(job, each, scope))},
        )  # fmt: skip
        runs = self.workflow(called, inner, f"{key}/", depth + 1)
        result = worst([each.result for each in runs])
        bad = next((each for each in runs if each.result == result), None)
        evidence = (Evidence(bad.job.location, f"{bad.job.key}: {bad.why}"),) if bad else ()
        return JobRun(job, key, result, result, f"the called jobs end as {result}", evidence)

    def input(self, job: Job, declared: Input, scope: Scope) -> Value:
        """What a called workflow gets, as far as nothing has to be chosen for it."""
        given = _given(job, declared, scope)
        if given is None:
            return None if declared.type not in ("boolean", "string") else _default(declared)
        value = scope.known_text(given.text)
        if value is None:
            return Unknown()
        return given.typed(value) if given.type else scope.text(given.text)


def _default(declared: Input) -> Value:
    return False if declared.type == "boolean" else ""


def _given(job: Job, declared: Input, scope: Scope) -> Given | None:
    name = declared.name.lower()
    pair = next((p for p in job.with_ if p.key.text.lower() == name), None)
    text = pair.value if pair else declared.default
    return Given(text.text, scope, declared.type) if text else None


def _outputs(run: JobRun) -> Value:
    """The outputs of a job: none where it did not run, anything where it did not succeed."""
    if not run.ran:
        return {}
    if run.outcome != "success":
        return Partial({pair.key.text: Unknown() for pair in run.job.outputs})
    if run.job.uses:
        return Open()
    return {pair.key.text: Unknown() for pair in run.job.outputs}


def in_order(
    ctx: Context, workflow: Workflow, only: frozenset[str] | None = None
) -> tuple[Job, ...]:
    """Jobs after those that they need; those on a circle, which GitHub refuses, are left out."""
    return _sorted(ctx, workflow, only)[0]


@fact("workflow.needs")
def _needs(ctx: Context, workflow: Workflow) -> Fact[dict[str, tuple[Job, frozenset[str]]]]:
    """Each job by its key (in lower case), with the keys of the jobs that it needs."""
    keys = {job.key.lower() for job in workflow.jobs}
    return known(
        {
            job.key.lower(): (job, frozenset(need.text.lower() for need in job.needs) & keys)
            for job in workflow.jobs
        }
    )


def _sorted(
    ctx: Context, workflow: Workflow, only: frozenset[str] | None
) -> tuple[tuple[Job, ...], tuple[Job, ...]]:
    """Jobs after those that they need, and those on a circle of needs or behind one."""
    jobs = _needs(ctx, workflow).known
    wanted = set(jobs) if only is None else {key.lower() for key in only} & jobs.keys()
    pending = list(wanted)
    while pending:
        for name in jobs[pending.pop()][1] - wanted:
            wanted.add(name)
            pending.append(name)
    waiting = {key: set(needs) for key, (_, needs) in jobs.items() if key in wanted}
    behind: dict[str, list[str]] = {}
    for key, needs in waiting.items():
        for each in needs:
            behind.setdefault(each, []).append(key)
    ready = [key for key, needs in waiting.items() if not needs]
    for key in ready:  # grows while it is walked
        for later in behind.get(key, ()):
            waiting[later].discard(key)
            if not waiting[later]:
                ready.append(later)
    circle = waiting.keys() - set(ready)
    return (
        tuple(jobs[key][0] for key in ready),
        tuple(jobs[key][0] for key in waiting if key in circle),
    )
