"""A run as evidence: what began it, what it assumes, how each job ended, what deploys."""

from collections.abc import Mapping

from iact_guard.analyze.links.production.questions import is_computed
from iact_guard.analyze.links.production.search import Hole
from iact_guard.analyze.links.production.way import Entry
from iact_guard.analyze.workflow.deploy.deployments import Deployment
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.run.condition import condition_of
from iact_guard.analyze.workflow.run.domains import OTHER
from iact_guard.analyze.workflow.run.result import JobRun, Result
from iact_guard.model.authored import Authored
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job

MAX_JOBS = 20
"""Of a trace that are told as evidence; the last ones before the deployment."""
MAX_ASSUMED = 8
_STATUS = regex(r"!?\s*\b(?:always|cancelled|failure|success)\(\s*\)")
_ENDS: dict[Result, str] = {
    "failure": "it fails",
    "cancelled": "it runs over its time",
    "skipped": "",
    "success": "",
}


@dataclass(frozen=True, slots=True)
class TracedJob:
    """A job of the run."""

    key: str
    job: Job
    result: Result
    why: str
    location: Location
    """What decides it, where that is known; else the job."""
    ends: bool = True
    """False for the one that deploys and those that call it, which are still running."""
    passed_by: bool = False
    """Its gate failed, and what needs it sees a success."""

    @property
    def text(self) -> str:
        """How it went, in a sentence."""
        word = f"ends as {self.result}" if self.ends else "runs"
        return f"{self.key} {word}{f': {self.why}' if self.why else ''}"


@dataclass(frozen=True, slots=True)
class Trace:
    """A run that deploys, from its event to the step that does it."""

    event: str
    started: Location
    world: str
    assumed: tuple[tuple[str, str], ...]
    """What nothing in the files tells: expression and value."""
    jobs: tuple[TracedJob, ...]
    """On the way to the deploying job, which is the last."""
    deployment: Evidence

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The trace as places, in the order of the run."""
        words = ", ".join(f"{name} is {_shown(value)}" for name, value in self.assumed)
        begins = f"{self.event} starts it" + (f", where {words}" if words else "")
        found = [Evidence(self.started, begins)]
        found += [Evidence(each.location, each.text) for each in self.jobs[-MAX_JOBS:]]
        return (*found, self.deployment)


def trace_of(
    entry: Entry,
    hole: Hole,
    on_the_way: frozenset[str],
    deployment: Deployment,
    gates: Mapping[str, Gate],
) -> Trace:
    """The trace of a hole, without the jobs that have nothing to do with it.

    `gates` are those that fail, by the id of their step.
    """
    runs = hole.run.jobs
    calling = entry.key.split("/")
    open_keys = ["/".join(calling[:depth]) for depth in range(1, len(calling) + 1)]
    jobs = [
        _traced(run, gates, runs)
        for run in runs.values()
        if run.job.id in on_the_way and run.key not in open_keys
    ]
    jobs += [_running(runs[key], gates, runs) for key in open_keys if key in runs]
    place = deployment.command.location if deployment.command else deployment.location
    return Trace(
        str(entry.event),
        entry.event.location,
        hole.world.name,
        tuple(_decisive(hole))[:MAX_ASSUMED],
        tuple(jobs),
        Evidence(place, f"and this {deployment.does} production: `{deployment.what}`"),
    )


def _decisive(hole: Hole) -> list[tuple[str, str]]:
    """What the run hangs on first, then what it assumes of the event, of inputs and of outputs."""
    words = dict.fromkeys(hole.run.chosen)
    first = [each for each in words if each[0] == hole.question]
    rest = [each for each in words if each[0] != hole.question and each[1] not in (OTHER, "")]
    return [*first, *sorted(rest, key=lambda each: is_computed(each[0]))]


def _traced(run: JobRun, gates: Mapping[str, Gate], runs: Mapping[str, JobRun]) -> TracedJob:
    why, place, passed_by = run.why, run.job.location, False
    failed = [step for step in run.steps if step.outcome == "failure"]
    if failed and run.ran:
        step = next((each for each in failed if each.step.id in gates), failed[0])
        gate = gates.get(step.step.id)
        place = gate.location if gate else step.step.location
        name = f"`{gate.tool}`" if gate else "a step"
        passed_by = run.result == "success"
        why = f"{name} fails{_tolerated(run) if passed_by else ''}"
    elif run.outcome == "failure" and run.result == "success":
        why, passed_by = f"it fails{_tolerated(run)}", True
    elif run.evidence and not run.ran and "`if`" in why:
        place = run.evidence[0].location
    elif why.startswith("it is assumed"):
        why = _ENDS[run.result]
    if run.ran and not why and (reason := _all_the_same(run, runs)):
        why, place = reason, _condition(run)
    return TracedJob(run.key, run.job, run.result, why, place, passed_by=passed_by)


def _tolerated(run: JobRun) -> str:
    holder = "the job's" if run.outcome == "failure" else "the step's"
    return f", and {holder} `continue-on-error` makes it a success"


def _running(run: JobRun, gates: Mapping[str, Gate], runs: Mapping[str, JobRun]) -> TracedJob:
    why, place = _all_the_same(run, runs), _condition(run)
    failed = [step for step in run.steps if step.outcome == "failure" and step.step.id in gates]
    if not why and failed:
        gate, place = gates[failed[0].step.id], gates[failed[0].step.id].location
        tolerated = failed[0].conclusion == "success"
        goes_on = "its `continue-on-error` lets the job go on"
        goes_on = goes_on if tolerated else "the step that deploys runs all the same"
        why = f"`{gate.tool}` fails, and {goes_on}"
    return TracedJob(run.key, run.job, run.result, why, place, ends=False)


def _all_the_same(run: JobRun, runs: Mapping[str, JobRun]) -> str:
    """What lets a job run after one that did not succeed; empty where all before it did."""
    condition = run.job.condition
    known = condition_of(condition.text) if condition else None
    if condition is None or known is None or not known.explicit:
        return ""
    prefix = run.key.removesuffix(run.job.key)
    needs = [runs[key] for n in run.job.needs if (key := f"{prefix}{n.text}") in runs]
    bad = [each for each in needs if each.result != "success"]
    bad = bad or [e for each in needs for e in _before(each, prefix, runs)]
    if not bad:
        return ""
    words = {"failure": "failed", "skipped": "was skipped", "cancelled": "was cancelled"}
    first = bad[0]
    return (
        f"{_letting(condition)} it run although {first.job.key} {words.get(first.result, 'failed')}"
    )


def _before(run: JobRun, prefix: str, runs: Mapping[str, JobRun]) -> list[JobRun]:
    """The jobs before one that did not succeed: their status counts for those behind it."""
    found: dict[str, JobRun] = {}
    pending = [run]
    while pending:
        for need in pending.pop().job.needs:
            each = runs.get(f"{prefix}{need.text}")
            if each and each.key not in found:
                found[each.key] = each
                pending.append(each)
    return [each for each in found.values() if each.result != "success"]


def _letting(condition: Authored) -> str:
    """`always()` lets."""
    text = " ".join(condition.text.split())
    text = text.removeprefix("${{").removesuffix("}}").strip()
    if not _STATUS.sub("", text).strip("&|!() "):
        return f"`{text}` lets"
    calls = list(dict.fromkeys("".join(each.split()) for each in _STATUS.findall(text)))
    if not calls:
        return "its `if` lets"
    return f"{' and '.join(f'`{each}`' for each in calls)} {'let' if calls[1:] else 'lets'}"


def _condition(run: JobRun) -> Location:
    """The line of its condition that speaks of the status, or the condition, or the job."""
    text = run.job.condition
    if text is None:
        return run.job.location
    found = _STATUS.search(text.text)
    start, end = found.span() if found else (0, max(len(text.text), 1))
    return text.first_line(start, end)


def _shown(value: str) -> str:
    return value if value == OTHER else f"`{value}`"
