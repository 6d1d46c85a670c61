"""Jobs that stand for others: they do nothing but judge the results of what they need."""

from collections.abc import Iterable, Iterator
from itertools import islice

from iact_guard.analyze.choices import Choices, TooManyRunsError, explore
from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.scripts import commands_of, script_of
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.order import jobs_after, needed_by
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.run import Event, Result, Run, TooDeepError, own_events, simulate
from iact_guard.analyze.workflow.run.deciding import decides
from iact_guard.analyze.workflow.run.judged import UNCLEAR
from iact_guard.analyze.workflow.run.steps import composite_of
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, known, not_applicable, unknown
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step, Workflow
from iact_guard.syntax import shell

MAX_RUNS = 64
"""Tried for one end of one job and one event."""
MAX_SIMULATED = 10_000
"""Jobs in all runs for one aggregator."""
MAX_FIRST_RUNS = 8
"""Tried to see whether a job judges at all."""
_WORD = regex(r"[a-z]+")
_NAME = regex(r"[a-z0-9_-]+")
_LETTING: tuple[Result, ...] = ("failure", "cancelled")
_USUAL = ("pull_request", "merge_group", "push", "pull_request_target")


@dataclass(frozen=True, slots=True)
class Hole:
    """A job that can end badly without the aggregator's saying so."""

    job: Job
    """Needed by the aggregator, over any number of others."""
    result: Result
    """How it ends."""
    run: Run
    ends: Result
    """How the aggregator ends all the same."""
    certain: bool
    """False where the judgement itself is not understood."""


@dataclass(frozen=True, slots=True)
class Aggregator:
    """What a job that stands for others lets through."""

    holes: tuple[Hole, ...]
    bounded: bool
    """Not every run could be tried."""


@fact("job.stands_for")
def stands_for(ctx: Context, job: Job) -> Fact[tuple[Job, ...]]:
    """The jobs that a job judges, over any number of others; not applicable for any other."""
    if job.uses or not job.needs or not job.steps:
        return not_applicable("the job does work of its own")
    work = work_of(ctx, job).known
    steps = [performed.step for performed in work.steps]
    others = [step for step in steps if not _only_judges(ctx, step)]
    if work.opaque or not all(_only_tells(ctx, step) for step in others):
        return not_applicable("the job does work of its own")
    needed = needed_by(ctx, job).known
    named = not others and len(job.needs) > 1 and _is_named_so(job)
    if (named and not _is_barrier(ctx, job)) or _can_fail(ctx, job, needed):
        return known(needed)
    return not_applicable("the job judges nothing")


@fact("job.aggregator")
def aggregator_of(ctx: Context, job: Job) -> Fact[Aggregator]:
    """What an aggregator lets through, job by job; not applicable for any other job."""
    judged = stands_for(ctx, job)
    if judged.state != "known":
        return (
            unknown(judged.reason) if judged.state == "unknown" else not_applicable(judged.reason)
        )
    search = _Search(ctx, job, _events(ctx, job), share_of(ctx, job, MAX_SIMULATED))
    agreed = _may_fail(ctx, job)
    others = [o for o in _that_matter(ctx, judged.known) if o.key.lower() not in agreed]
    holes = [hole for other in others for hole in search.holes(other)]
    return known(Aggregator(tuple(holes), search.bounded))


def _may_fail(ctx: Context, job: Job) -> frozenset[str]:
    """The keys (in lower case) of jobs that its action is told to let fail."""
    given = (each.step.input("allowed-failures") for each in work_of(ctx, job).known.steps)
    return frozenset(name for text in given if text for name in _NAME.findall(text.text.lower()))


def _only_judges(ctx: Context, step: Step) -> bool:
    """Whether a step does nothing but look at results, print and fail."""
    rows = table("aggregators")
    if composite_of(ctx, step):
        return True  # its steps are looked at too
    if step.uses is not None:
        name = step.uses.text.partition("@")[0].strip().lower()
        if name == "actions/github-script":
            return decides(step)
        return name in rows["action"] or name in rows["judging"]["actions"]
    return _runs_only(ctx, step, rows["judging"]["programs"].split())


def _only_tells(ctx: Context, step: Step) -> bool:
    """Whether a step does nothing but judge, tell people and carry reports along."""
    rows = table("aggregators")
    telling = rows["telling"]
    if step.uses is None:
        programs = rows["judging"]["programs"].split()
        return _runs_only(ctx, step, [*programs, *telling["programs"].split()])
    name = step.uses.text.partition("@")[0].strip().lower()
    if name == "actions/github-script":
        script = step.input("script")
        return script is not None and any(word in script.text for word in telling["scripts"])
    return name in telling["actions"]


def _runs_only(ctx: Context, step: Step, programs: Iterable[str]) -> bool:
    allowed = frozenset(programs) | _functions(ctx, step)
    return all(not command.tool or command.tool in allowed for command in commands_of(ctx, step.id))


def _functions(ctx: Context, step: Step) -> frozenset[str]:
    script = script_of(ctx, step.id)
    tree = script.tree if script else None
    nodes = shell.walk(tree.body) if tree else iter(())
    return frozenset(node.name for node in nodes if isinstance(node, shell.Function))


def _is_named_so(job: Job) -> bool:
    """Whether its name says that it stands for others.

    One that reports, or writes a summary, tells people what happened: no judgement. One with
    outputs hands what happened on to other jobs.
    """
    words = set(_WORD.findall(f"{job.key} {job.name.text if job.name else ''}".lower()))
    rows = table("aggregators")["words"]
    if job.outputs or not words.isdisjoint(rows["reports"].split()):
        return False
    if any(step.run and "GITHUB_STEP_SUMMARY" in step.run.text for step in job.steps):
        return False
    return not words.isdisjoint(rows["names"].split())


def _is_barrier(ctx: Context, job: Job) -> bool:
    """Whether it only holds other gates back until cheaper ones have passed.

    Whatever fails before it skips those too: they, not this job, are what a branch would require.
    """
    after = jobs_after(ctx, job) if job.condition is None else ()
    return any(_has_gate(ctx, each) and not deployments_of(ctx, each).known for each in after)


def _can_fail(ctx: Context, job: Job, needed: tuple[Job, ...]) -> bool:
    """Whether it fails where everything that it needs directly has failed."""
    if not any(decides(performed.step) for performed in work_of(ctx, job).known.steps):
        return False
    direct = {need.text.lower() for need in job.needs}
    bad: dict[str, Result] = {e.id: "failure" for e in needed if e.key.lower() in direct}
    only, inside = frozenset({job.key}), frozenset({job.id})
    workflow = ctx.project.workflow_of(job)
    for event in _events(ctx, job):

        def run(choices: Choices, event: Event = event) -> Run:
            return simulate(ctx, workflow, event, bad, choices, only=only, inside=inside)

        try:
            for found in islice(explore(run, MAX_FIRST_RUNS), MAX_FIRST_RUNS):
                if found.jobs[job.key].result == "failure":
                    return True
        except (TooManyRunsError, TooDeepError):
            continue
    return False


def _events(ctx: Context, job: Job) -> tuple[Event, ...]:
    """One event of each kind that a change brings about; of other kinds the first."""
    workflow = ctx.project.workflow_of(job)
    others = own_events(ctx, workflow)[:1] or (Event("", job.location),)
    return changes_in(ctx, workflow) or others


def share_of(ctx: Context, job: Job, limit: int) -> int:
    """What one aggregator may spend: less where a workflow has very many."""
    jobs = ctx.project.workflow_of(job).jobs
    return limit // max(sum(stands_for(ctx, each).state == "known" for each in jobs) // 4, 1)


def changes_in(ctx: Context, workflow: Workflow) -> tuple[Event, ...]:
    """The first event of each kind that a change of the code brings about."""
    first: dict[str, Event] = {}
    for event in own_events(ctx, workflow):
        first.setdefault(event.name, event)
    return tuple(first[name] for name in _USUAL if name in first)


def _that_matter(ctx: Context, judged: tuple[Job, ...]) -> tuple[Job, ...]:
    """Jobs with gates, and those whose end decides whether such a job runs.

    Where no gate is known, all of them.
    """
    gated = {job.id for job in judged if _has_gate(ctx, job)}
    if not gated:
        return judged
    before = {each.id for job in judged if job.id in gated for each in needed_by(ctx, job).known}
    return tuple(job for job in judged if job.id in gated | before)


def _has_gate(ctx: Context, job: Job) -> bool:
    if next(gates_in(ctx, job), None) is not None:
        return True
    return bool(work_of(ctx, job).known.opaque)


@dataclass(slots=True)
class _Search:
    """Runs in which a job ends badly and the aggregator does not fail."""

    ctx: Context
    job: Job
    events: tuple[Event, ...]
    left: int
    bounded: bool = False

    def holes(self, other: Job) -> Iterator[Hole]:
        """At most one for each way to end."""
        if _tolerated(other):
            return
        for result in _LETTING:
            doubtful = None
            for hole in self.tried(other, result):
                if hole.certain:
                    yield hole
                    break
                doubtful = doubtful or hole
            else:
                if doubtful:
                    yield doubtful

    def tried(self, other: Job, result: Result) -> Iterator[Hole]:
        workflow = self.ctx.project.workflow_of(self.job)
        assumed: dict[str, Result] = {other.id: result}
        only, settled = frozenset({self.job.key, other.key}), self.settled(other)
        inside = frozenset({self.job.id})
        for event in self.events:

            def run(choices: Choices, event: Event = event) -> Run:
                return simulate(
                    self.ctx,
                    workflow,
                    event,
                    assumed,
                    choices,
                    only=only,
                    settled=settled,
                    inside=inside,
                )

            stopped: list[Run] = []
            passed: list[Run] = []
            try:
                for found in explore(run, MAX_RUNS if self.left > 0 else 0):
                    self.left -= len(found.jobs)
                    if found.jobs[other.key].outcome == result:
                        ends = found.jobs[self.job.key].result
                        (stopped if ends == "failure" else passed).append(found)
            except (TooManyRunsError, TooDeepError):
                self.bounded = True
            for found in passed:
                own = found.jobs[self.job.key]
                if own.result == "success" and _is_left_out(found, stopped, other):
                    continue
                clear = not any(name.startswith(UNCLEAR) for name, _ in found.chosen)
                yield Hole(other, result, found, own.result, clear)

    def settled(self, other: Job) -> frozenset[str]:
        """The jobs that have nothing to do with another: they run, whatever their `if` says."""
        judged = needed_by(self.ctx, self.job).known
        before = {each.id for each in needed_by(self.ctx, other).known}
        after = {each.id for each in judged
                 if other.id in {n.id for n in needed_by(self.ctx, each).known}}  # fmt: skip
        return frozenset(each.id for each in judged if each.id not in before | after | {other.id})


def _is_left_out(passed: Run, stopped: list[Run], other: Job) -> bool:
    """Whether a job's end counts unless outputs of others say that it does not matter.

    Then somebody wrote so: nothing that it looks at was changed. What the failed job itself puts
    out is no such thing: it may put out nothing.
    """
    own, mine = f"needs.{other.key}.".lower(), set(passed.chosen)
    for run in stopped:
        names = {name.lower() for name, _ in mine ^ set(run.chosen)}
        if names and all(".outputs." in name and not name.startswith(own) for name in names):
            return True
    return False


def _tolerated(job: Job) -> bool:
    """Whether its failure is a success for all others: another policy's matter."""
    given = job.continue_on_error
    return given is not None and given.text.strip().lower() != "false"
