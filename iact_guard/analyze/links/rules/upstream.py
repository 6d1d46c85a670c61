"""A run that starts behind another workflow's: whether the end of that one proves a gate."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.search import Search, TooLargeError
from iact_guard.analyze.links.production.subjects import (
    gates_among,
    jobs_of_run,
    subject_of,
    worlds_of,
)
from iact_guard.analyze.links.production.way import Entry
from iact_guard.analyze.links.rules.elsewhere import Elsewhere, assumed_of
from iact_guard.analyze.workflow.run.events import own_events
from iact_guard.analyze.workflow.run.result import Run, worst
from iact_guard.model.location import Evidence
from iact_guard.model.workflow import Workflow

_CONCLUSION = "github.event.workflow_run.conclusion"


def checks_conclusion(run: Run) -> bool:
    """Whether a run has asked for the success of the workflow before it."""
    return (_CONCLUSION, "success") in run.chosen


def upstream_of(ctx: Context, entry: Entry, kind: str) -> Elsewhere | None:
    """What the success of the workflows before a run proves; None where none of them has gates."""
    if entry.event.name != "workflow_run":
        return None
    before = [
        workflow
        for trigger in entry.root.triggers
        for name in trigger.workflows or ()
        for workflow in ctx.project.workflows
        if trigger.event == "workflow_run" and name.text in _names(workflow)
    ]
    gated = [
        workflow
        for workflow in before
        if gates_among(ctx, tuple(jobs_of_run(ctx, workflow, None)), kind).any
    ]
    if not gated:
        return None
    here = Evidence(entry.event.location, f"it runs behind {gated[0].path}")
    for workflow in gated:
        problem = _succeeds_without(ctx, workflow, kind)
        if problem is None:
            assumes = tuple(assumed_of(ctx, (workflow.path,)))
            reason = f"{workflow.path} must have succeeded, and its gates with it"
            return Elsewhere("guarded", reason, (here,), assumes)
    return problem


def _names(workflow: Workflow) -> tuple[str, ...]:
    return (workflow.name.text if workflow.name else workflow.path, workflow.path)


def _succeeds_without(ctx: Context, workflow: Workflow, kind: str) -> Elsewhere | None:
    """How a workflow can succeed although its gates fail or never run; None where it cannot."""
    jobs = tuple(jobs_of_run(ctx, workflow, None))
    gates = gates_among(ctx, jobs, kind)
    if not gates.sure:
        gate = (*gates.unsure, *gates.idle)[0]
        reason = f"{workflow.path} succeeds although {gate.job.key} fails: {gate.best.reason}"
        return Elsewhere("unknown" if gates.unsure else "open", reason, gate.best.evidence)

    def goal(run: Run) -> bool:
        return worst([each.result for each in run.jobs.values()]) == "success"

    worlds = worlds_of(jobs, gates, None, generous=False)
    for event in own_events(ctx, workflow):
        subject = subject_of(ctx, workflow, event, None, gates)
        try:
            for hole in Search(ctx, subject, goal).holes(worlds):
                if hole.cause != "paths":
                    reason = f"{workflow.path} succeeds on {event} without its gates"
                    return Elsewhere("unknown", reason, ())
        except TooLargeError:
            return Elsewhere("unknown", f"the runs of {workflow.path} are too many to be tried")
    return None
