"""One run of a workflow, simulated: an event and assumptions in, the end of each job out."""

from iact_guard.analyze.workflow.run.event import Event
from iact_guard.analyze.workflow.run.events import events_of, own_events
from iact_guard.analyze.workflow.run.result import JobRun, Result, Run, StepRun, worst
from iact_guard.analyze.workflow.run.scope import TooDeepError
from iact_guard.analyze.workflow.run.simulate import simulate

__all__ = [
    "Event", "JobRun", "Result", "Run", "StepRun", "TooDeepError", "events_of", "own_events",
    "simulate", "worst",
]  # fmt: skip
