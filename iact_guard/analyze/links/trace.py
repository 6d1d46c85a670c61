"""A run as evidence: what began it, what it assumes, how each job ended, what deploys."""

from dataclasses import dataclass

from iact_guard.analyze.links.questions import is_computed
from iact_guard.analyze.links.search import Hole
from iact_guard.analyze.links.way import Entry
from iact_guard.analyze.workflow.deployments import Deployment
from iact_guard.analyze.workflow.run.domains import OTHER
from iact_guard.analyze.workflow.run.result import JobRun, Result
from iact_guard.model.location import Evidence, Location
from iact_guard.model.workflow import Job

MAX_JOBS = 20
"""Of a trace that are told as evidence; the last ones before the deployment."""
MAX_ASSUMED = 6
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
        for each in self.jobs[-MAX_JOBS:]:
            why = f": {each.why}" if each.why else ""
            word = "runs" if each is self.jobs[-1] else f"ends as {each.result}"
            found.append(Evidence(each.location, f"{each.key} {word}{why}"))
        return (*found, self.deployment)


def trace_of(entry: Entry, hole: Hole, on_the_way: frozenset[str], deployment: Deployment) -> Trace:
    """The trace of a hole, without the jobs that have nothing to do with it."""
    jobs = [
        _traced(run)
        for run in hole.run.jobs.values()
        if run.job.id in on_the_way and run.key != entry.key
    ]
    last = hole.run.jobs[entry.key]
    jobs.append(TracedJob(last.key, last.job, last.result, "", _condition(last)))
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
    """What the run hangs on first, then what else it assumes of the event and of inputs."""
    words = dict.fromkeys(hole.run.chosen)
    first = [each for each in words if each[0] == hole.question]
    rest = [
        each
        for each in words
        if each[0] != hole.question and each[1] not in (OTHER, "") and not is_computed(each[0])
    ]
    return [*first, *rest]


def _traced(run: JobRun) -> TracedJob:
    why, place = run.why, run.job.location
    failed = next((step for step in run.steps if step.outcome == "failure"), None)
    if failed and run.ran:
        place = failed.step.location
        why = "its gate fails" if run.result == "failure" else "its gate fails, and it goes on"
    elif run.evidence and not run.ran and "`if`" in why:
        place = run.evidence[0].location
    elif why.startswith("it is assumed"):
        why = _ENDS[run.result]
    return TracedJob(run.key, run.job, run.result, why, place)


def _condition(run: JobRun) -> Location:
    text = run.job.condition
    return text.first_line(0, max(len(text.text), 1)) if text else run.job.location


def _shown(value: str) -> str:
    return value if value == OTHER else f"`{value}`"
