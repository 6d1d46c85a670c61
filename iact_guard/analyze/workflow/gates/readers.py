"""Other jobs that read what a job puts out: whether anything there can fail for it."""

from collections.abc import Iterator
from itertools import chain

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.failing_steps import holds, may_fail, may_judge
from iact_guard.analyze.workflow.performed import callers_of
from iact_guard.analyze.workflow.references.mentions import Mention, in_job, in_step, in_text
from iact_guard.analyze.workflow.values import contexts_of, possible
from iact_guard.model.authored import Pair
from iact_guard.model.workflow import Job
from iact_guard.syntax.expression import Contexts, Open, Unknown, Value

MAX_CALLS = 4
"""Workflows that call each other, outwards."""


def read_by_jobs(
    ctx: Context, job: Job, output: Pair, contexts: Contexts, depth: int = 0
) -> Iterator[str]:
    """What may fail for an output of a job, in words; `contexts` are those that it is made of.

    A condition that only passes work by stops nothing: a job that is skipped is green.
    """
    options = possible(output.value, contexts)
    value: Value = Unknown(options) if options is not None else Unknown()
    name = output.key.text
    workflow = ctx.project.workflow_of(job)
    for other in workflow.jobs:
        if any(need.text.lower() == job.key.lower() for need in other.needs):
            yield from _in_other(ctx, job, other, name, value)
    for trigger in workflow.triggers if depth < MAX_CALLS else ():
        for handed in trigger.outputs:
            if not any(_is_of(each, "jobs", job, name) for each in in_text(handed.value)):
                continue
            callers = callers_of(ctx, workflow)
            if not callers:
                yield "whoever calls this workflow gets it"
            for caller in callers:
                given = {"jobs": Open({job.key: Open({"outputs": Open({name: value})})})}
                yield from read_by_jobs(ctx, caller, handed, given, depth + 1)


def _in_other(ctx: Context, job: Job, other: Job, name: str, value: Value) -> Iterator[str]:
    """What another job may fail for."""
    own = Open({"outputs": Open({name: value}), "result": "success"})
    contexts = {**contexts_of(ctx, other).known, "needs": Open({job.key: own})}
    if other.condition and holds(other.condition, contexts) is False:
        if _is_awaited(ctx, other):
            yield f"a job looks at the result of {other.key}, which is skipped for it"
        return
    asked = [each for each in in_job(other) if _is_of(each, "needs", job, name)]
    if asked and other.uses:
        yield f"{other.key} calls a workflow with it"
    fails = any(may_fail(ctx, step) for step in other.steps)
    if asked and fails:
        yield f"{other.key} may fail for it"
        return
    for step in other.steps:
        if not any(_is_of(each, "needs", job, name) for each in in_step(step, other)):
            continue
        if step.condition and holds(step.condition, contexts) is False:
            continue
        handed = any(_is_of(m, "needs", job, name) for p in step.with_ for m in in_text(p.value))
        if may_fail(ctx, step) or (handed and may_judge(step)):
            yield f"a step of {other.key} may fail for it"
            return


def _is_of(mention: Mention, context: str, job: Job, output: str) -> bool:
    """Whether a mention is one of an output of a job, or of all of them."""
    wanted = (context, job.key.lower(), "outputs", output.lower())
    return all(a.lower() == b for a, b in zip(mention.path, wanted, strict=False))


def _is_awaited(ctx: Context, job: Job) -> bool:
    """Whether a job that may fail looks at the result of a job."""
    for other in ctx.project.workflow_of(job).jobs:
        judges = [step for step in other.steps if may_fail(ctx, step) or may_judge(step)]
        spoken = chain.from_iterable(in_step(step, other) for step in judges)
        if judges and any(_asks_result(each, job) for each in chain(in_job(other), spoken)):
            return True
    return False


def _asks_result(mention: Mention, job: Job) -> bool:
    path = tuple(key.lower() for key in mention.path)
    return path in (("needs", job.key.lower(), "result"), ("needs",))
