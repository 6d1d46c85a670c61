"""WF108: a reference to what does not exist."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.blind_gates import blind_gates_of
from iact_guard.analyze.workflow.calls import broken_call, broken_use
from iact_guard.analyze.workflow.missing_files import (
    is_test_data,
    missing_in_action,
    missing_in_job,
)
from iact_guard.analyze.workflow.references import Broken, broken_in_action, broken_in_workflow
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Step


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a reference and owner; one for what many places give to the same action."""
    calls: dict[str, list[Broken]] = {}
    for workflow in ctx.project.workflows:
        yield from _answers(workflow.id, broken_in_workflow(ctx, workflow).known)
        for job in workflow.jobs:
            yield from _answers(job.id, (*missing_in_job(ctx, job).known, *broken_call(ctx, job)))
            _collect(ctx, job.steps, calls)
    for action in ctx.project.actions:
        if not is_test_data(action):
            found = (*broken_in_action(ctx, action).known, *missing_in_action(ctx, action).known)
            yield from _answers(action.id, found)
            _collect(ctx, action.steps, calls)
    for gate in blind_gates_of(ctx, repository).known:
        yield _fail(gate, f"{gate.location.path}/blind/{gate.text}")
    for anchor, (first, *others) in calls.items():
        yield _fail(first, anchor, tuple(Evidence(each.location, "and here") for each in others))


def _collect(ctx: Context, steps: tuple[Step, ...], calls: dict[str, list[Broken]]) -> None:
    for step in steps:
        for each in broken_use(ctx, step):
            used = step.uses.text if step.uses else ""
            calls.setdefault(f"{used}/{each.lacks}/{each.text.lower()}", []).append(each)


def _answers(owner: str, found: tuple[Broken, ...]) -> Iterator[Answer]:
    for each in found:
        yield _fail(each, f"{owner}/{each.text.lower()}")


def _fail(broken: Broken, anchor: str, places: tuple[Evidence, ...] = ()) -> Fail:
    effect = f", so that {broken.effect}" if broken.effect else ""
    if broken.dead:
        effect = f"{effect}: the condition built on it does not ask what it says"
    return Fail(
        f"`{broken.text}` {broken.lacks}: {broken.why}{effect}",
        broken.location,
        broken.evidence,
        places,
        severity="low" if broken.minor else None,
        anchor=anchor,
    )
