"""WF108: a reference to what does not exist."""

from collections.abc import Iterable, Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.blind_gates import blind_gates_of
from iact_guard.analyze.workflow.references.calls import broken_call, broken_use
from iact_guard.analyze.workflow.references.missing_files import (
    is_test_data,
    missing_in_action,
    missing_in_job,
)
from iact_guard.analyze.workflow.references.references import (
    Broken,
    broken_in_action,
    broken_in_workflow,
)
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Step

_SHOWN = 5
_REMEDIES = {
    "steps": "Give the step that is meant that `id` and let it write the output to"
    " `$GITHUB_OUTPUT`, before the step that asks for it; or correct the name.",
    "needs": "Name the job in `needs`, and declare what is asked for in its `outputs`; or correct"
    " the name.",
    "matrix": "Add the key to the matrix of the job, or take the reference out.",
    "env": "Set the variable in an `env:` above, or by `$GITHUB_ENV` in a step before it; or"
    " correct the name.",
    "inputs": "Declare the input where the workflow or action declares its inputs, or correct the"
    " name.",
    "github": "Declare the input under `workflow_dispatch`, or take the reference out.",
    "secrets": "Declare the secret under `workflow_call`, or hand all of them on by `secrets:"
    " inherit`.",
    "cannot be called": "Add `workflow_call` to what starts the called workflow, or call one that"
    " has it.",
    "is not declared": "Declare it in what is called, correct the name, or take it out of the"
    " call.",
    "is not given": "Give it in the call, or give it a default where it is declared.",
    "looks at nothing": "Point the gate at what is there, or take it out.",
}
"""By the context that is asked, or by what is wrong."""


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a reason and job, with its places; of a call, one for all that give the same."""
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
        yield _fail([gate], f"{gate.location.path}/blind/{gate.text}")
    for anchor, same in calls.items():
        yield _fail(same, anchor)


def _collect(ctx: Context, steps: tuple[Step, ...], calls: dict[str, list[Broken]]) -> None:
    for step in steps:
        for each in broken_use(ctx, step):
            used = step.uses.text if step.uses else ""
            calls.setdefault(f"{used}/{each.lacks}/{each.text.lower()}", []).append(each)


def _answers(owner: str, found: Iterable[Broken]) -> Iterator[Answer]:
    same: dict[tuple[str, bool, bool], list[Broken]] = {}
    for each in found:
        cause = each.cause or f"{each.lacks}/{each.text}"
        same.setdefault((cause, each.dead, each.minor), []).append(each)
    for group in same.values():
        yield _fail(group, f"{owner}/{group[0].text.lower()}")


def _fail(same: list[Broken], anchor: str) -> Fail:
    first, *others = same
    names = list(dict.fromkeys(f"`{each.text}`" for each in same))
    reasons = list(dict.fromkeys(each.why for each in same))
    why = reasons[0] + "".join(f", no {_last(reason)}" for reason in reasons[1:_SHOWN])
    effect = f", so {_many(first.effect, len(names))}" if first.effect else ""
    if first.dead:
        effect = f"{effect}: the condition built on it does not ask what it says"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return Fail(
        f"{', '.join(names[:_SHOWN])}{more} {_many(first.lacks, len(names))}: {why}{effect}",
        first.location,
        first.evidence,
        tuple(Evidence(each.location, "and here") for each in others),
        severity="low" if first.minor else None,
        remedy=_REMEDIES.get(first.lacks) or _REMEDIES.get(first.text.partition(".")[0], ""),
        anchor=anchor,
    )


def _last(reason: str) -> str:
    """The name at the end of `the matrix of JOB has no NAME`."""
    return reason.rpartition(" ")[2]


def _many(said: str, count: int) -> str:
    """A sentence on one thing, said of several."""
    if count == 1:
        return said
    return said.replace("does not", "do not").replace("it is", "they are")
