"""What a simulated run gives: the end of each job and step, and why."""

from typing import Literal

from iact_guard.analyze.workflow.run.event import Event
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Step

Result = Literal["success", "failure", "cancelled", "skipped"]


@dataclass(frozen=True, slots=True)
class StepRun:
    """A step of a run. Its conclusion is its outcome after `continue-on-error`."""

    step: Step
    outcome: Result
    conclusion: Result
    why: str

    @property
    def ran(self) -> bool:
        """Whether it was started."""
        return self.outcome != "skipped"


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job of a run, over all rows of its matrix."""

    job: Job
    key: str
    """Its key; `caller/callee` for a job of a called workflow."""
    result: Result
    """What `needs.<job>.result` and the status functions of later jobs see."""
    outcome: Result
    """The same before the job's own `continue-on-error`."""
    why: str
    """A sentence."""
    evidence: tuple[Evidence, ...] = ()
    steps: tuple[StepRun, ...] = ()
    """Those that were looked at: forced, watched, or deciding something; composite ones
    are followed by their inner steps."""

    @property
    def ran(self) -> bool:
        """Whether it was started."""
        return self.outcome != "skipped"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a workflow: what it began with, and every job in an order that `needs` allows."""

    event: Event
    jobs: dict[str, JobRun]
    chosen: tuple[tuple[str, str], ...] = ()
    """What the files do not tell and the run assumes: expression and value, in order of asking."""


def worst(results: list[Result]) -> Result:
    """The result of several: rows of a matrix, jobs of a called workflow."""
    for result in ("failure", "cancelled", "success"):
        if result in results:
            return result
    return "skipped"
