"""Checks that a branch requires, the jobs that report them, and whether these prove a gate."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.production.search import Hole, Search, TooLargeError
from iact_guard.analyze.links.production.subjects import (
    gates_among,
    jobs_of_run,
    subject_of,
    worlds_of,
)
from iact_guard.analyze.links.rules.protection import RequiredCheck, Rule, rules_on
from iact_guard.analyze.workflow.performed import called_workflow
from iact_guard.analyze.workflow.run.event import Event
from iact_guard.analyze.workflow.run.events import own_events
from iact_guard.analyze.workflow.run.result import Run
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Workflow
from iact_guard.syntax.expression import parts

MAX_DEPTH = 4
MAX_NAMES = 5_000
# Events whose runs report on the head of a pull request or of a merge group.
_REPORTING = frozenset({"pull_request", "merge_group", "push", "workflow_dispatch"})
_ON_CHANGES = frozenset({"pull_request", "merge_group"})


@dataclass(frozen=True, slots=True)
class Reporter:
    """A job that reports a check."""

    workflow: Workflow
    """The one that an event starts."""
    key: str
    """The job in a run of it: `caller/job`."""
    job: Job
    first: Job
    """The job of `workflow` that leads there."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a required check proves that gates of a kind passed before a merge."""

    proven: bool
    branch: str
    reasons: tuple[Evidence, ...]
    """What proves it, or what is in the way."""
    files: tuple[str, ...] = ()
    """Workflows that it rests on."""


def proof_of(ctx: Context, branch: str, kind: str) -> Proof:
    """Whether what is required on a branch proves gates of a kind."""
    doubts: list[Evidence] = []
    for rule in rules_on(ctx, branch):
        for check in rule.checks:
            reporters = reporters_of(ctx, check.context)
            gated = [each for each in reporters if _has_gates(ctx, each, kind)]
            if not gated:
                continue
            here = Evidence(check.location, f"{rule.source} requires `{check.context}` on {branch}")
            against = list(_against(ctx, rule, branch, check, reporters, kind))
            if not against:
                jobs = tuple(
                    Evidence(each.job.location, f"{each.key} reports it") for each in reporters
                )
                files = tuple(dict.fromkeys(each.workflow.path for each in reporters))
                return Proof(True, branch, (here, *jobs), files)
            doubts += [here, *against]
    return Proof(False, branch, tuple(dict.fromkeys(doubts)))


def reporters_of(ctx: Context, context: str) -> tuple[Reporter, ...]:
    """The jobs whose runs report a check of that name."""
    return _reporters(ctx, Repository()).known.get(context, ())


def check_names(job: Job, prefix: str = "") -> tuple[str, ...]:
    """The names of a job's checks; of a matrix those that can be told, one ending in ` (`."""
    name = job.name.text if job.name else job.key
    computed = any(part.is_expression for part in parts(name))
    if job.matrix is not None:
        if computed or job.matrix_dynamic:
            return ()
        return tuple(f"{prefix}{name} ({row})" for row in _rows(job))
    return () if computed else (f"{prefix}{name}",)


@fact("repository.check_reporters")
def _reporters(ctx: Context, repository: Repository) -> Fact[dict[str, tuple[Reporter, ...]]]:
    found: dict[str, list[Reporter]] = {}
    count = 0
    for workflow in ctx.project.workflows:
        if not any(trigger.event in _REPORTING for trigger in workflow.triggers):
            continue
        for job in workflow.jobs:
            for name, key, inner in _names(ctx, job, "", "", MAX_DEPTH):
                count += 1
                if count <= MAX_NAMES:
                    found.setdefault(name, []).append(Reporter(workflow, key, inner, job))
    return known({name: tuple(each) for name, each in found.items()})


def _names(
    ctx: Context, job: Job, prefix: str, path: str, depth: int
) -> Iterator[tuple[str, str, Job]]:
    key = f"{path}{job.key}"
    called = called_workflow(ctx, job) if job.uses else None
    for name in check_names(job, prefix):
        if called is None:
            yield name, key, job
        elif depth:
            for inner in called.jobs:
                yield from _names(ctx, inner, f"{name} / ", f"{key}/", depth - 1)


def _rows(job: Job) -> list[str]:
    """`3.12, ubuntu`: the rows of a plain matrix."""
    axes: dict[str, list[str]] = {}
    for pair in job.matrix or ():
        if pair.key.text in ("include", "exclude") or "${{" in pair.value.text:
            return []
        axes.setdefault(pair.key.text, []).append(pair.value.text)
    rows = [""]
    for values in axes.values():
        rows = [f"{row}, {value}" if row else value for row in rows for value in values]
        if len(rows) > MAX_NAMES:
            return []
    return rows


def _has_gates(ctx: Context, reporter: Reporter, kind: str) -> bool:
    jobs = tuple(jobs_of_run(ctx, reporter.workflow, frozenset({reporter.first.key})))
    return gates_among(ctx, jobs, kind).any


def _against(
    ctx: Context,
    rule: Rule,
    branch: str,
    check: RequiredCheck,
    reporters: tuple[Reporter, ...],
    kind: str,
) -> Iterator[Evidence]:
    """What keeps a required check from being a proof."""
    if not rule.concerns(ctx, branch):
        yield Evidence(rule.location, f"whether {rule.source} speaks of {branch} is computed")
    yield from rule.doubts
    for reporter in reporters:
        if hole := passes_without(ctx, reporter, branch, kind):
            yield hole
    if rule.merge_queue and not any(_in_queue(each.workflow) for each in reporters):
        yield Evidence(check.location, "nothing reports it in the merge queue that is required")


def passes_without(ctx: Context, reporter: Reporter, branch: str, kind: str) -> Evidence | None:
    """How a check can be green although its gates fail; None where it cannot."""
    only = frozenset({reporter.first.key})
    jobs = tuple(jobs_of_run(ctx, reporter.workflow, only))
    gates = gates_among(ctx, jobs, kind)
    here = reporter.job.location
    if not gates.sure:
        return Evidence(here, f"{reporter.key} passes although its gates fail")

    def goal(run: Run) -> bool:
        found = run.jobs.get(reporter.key)
        # A check that is skipped counts as passed; a caller that is skipped reports nothing.
        return found is not None and found.outcome in ("success", "skipped")

    events = _reporting_events(ctx, reporter.workflow, branch)
    if not events:
        return Evidence(here, f"{reporter.key} never runs for a change that goes into {branch}")
    worlds = worlds_of(jobs, gates, None, generous=False)
    for event in events:
        subject = subject_of(ctx, reporter.workflow, event, only, gates)
        try:
            for hole in Search(ctx, subject, goal).holes(worlds):
                if hole.cause != "paths":
                    return _green(here, reporter, event, hole)
        except TooLargeError:
            return Evidence(here, f"whether {reporter.key} can be green without is too much to try")
    return None


def _green(here: Location, reporter: Reporter, event: Event, hole: Hole) -> Evidence:
    run = hole.run.jobs[reporter.key]
    how = "is skipped, which counts as passed," if run.outcome == "skipped" else "succeeds"
    return Evidence(here, f"{reporter.key} {how} on {event} where {hole.world.name}: {run.why}")


def _reporting_events(ctx: Context, workflow: Workflow, branch: str) -> list[Event]:
    """The events whose runs report on a change that goes into a branch."""
    return [
        event
        for event in own_events(ctx, workflow)
        if (event.name in _ON_CHANGES and event.base in ("", branch))
        or (event.name == "push" and event.ref == "refs/heads/some-branch")
    ]


def _in_queue(workflow: Workflow) -> bool:
    return any(trigger.event == "merge_group" for trigger in workflow.triggers)
