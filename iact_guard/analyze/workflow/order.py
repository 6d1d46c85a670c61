"""Which jobs run before which: the graph of `needs`."""

from collections import deque

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import commands_in, work_of
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.workflow import Job, Workflow
from iact_guard.syntax.expression import Call, ExpressionError, Node, nodes_in, parse, parts

MAX_NEEDED = 200
"""Jobs that one waits for; more are unknown."""
_Jobs = dict[str, list[Job]]
_ONLY_SPEAKS = frozenset({"echo", "printf", "true", ":", "exit", "date", "cat", "[", "test"})


@fact("job.needed")
def needed_by(ctx: Context, job: Job) -> Fact[tuple[Job, ...]]:
    """The jobs that a job waits for, over any number of others; the nearest first."""
    before, _ = _by_need(ctx, ctx.project.workflow_of(job)).known
    found = _reached(job, before)
    if len(found) > MAX_NEEDED:
        return unknown(f"{job.key} waits for more than {MAX_NEEDED} jobs")
    return known(tuple(found.values()))


@fact("workflow.jobs_by_need")
def _by_need(ctx: Context, workflow: Workflow) -> Fact[tuple[_Jobs, _Jobs]]:
    """The jobs that each job needs, and those that need it, directly, by id."""
    jobs = {each.key.lower(): each for each in workflow.jobs}
    before: _Jobs = {}
    after: _Jobs = {}
    for job in workflow.jobs:
        for name in dict.fromkeys(need.text.lower() for need in job.needs):
            if wanted := jobs.get(name):
                before.setdefault(job.id, []).append(wanted)
                after.setdefault(wanted.id, []).append(job)
    return known((before, after))


def _reached(job: Job, steps: _Jobs) -> dict[str, Job]:
    """The jobs that steps lead to from a job, by id, the nearest first; not all beyond a bound."""
    found: dict[str, Job] = {}
    pending = deque([job])
    while pending and len(found) <= MAX_NEEDED:
        for each in steps.get(pending.popleft().id, ()):
            if each.id not in found and each.id != job.id:
                found[each.id] = each
                pending.append(each)
    return found


def jobs_after(ctx: Context, job: Job) -> tuple[Job, ...]:
    """The jobs that wait for a job, the nearest first; of very many not all."""
    _, after = _by_need(ctx, ctx.project.workflow_of(job)).known
    return tuple(_reached(job, after).values())


def waits_for(ctx: Context, job: Job, other: Job) -> bool:
    """Whether a job runs after another, over any number of others."""
    return other.id in _needed_ids(ctx, job).known


@fact("job.needed_ids")
def _needed_ids(ctx: Context, job: Job) -> Fact[frozenset[str]]:
    return known(frozenset(each.id for each in needed_by(ctx, job).known))


def only_asks(ctx: Context, job: Job) -> bool:
    """Whether a job exists for its environment's reviewers alone: it does nothing itself."""
    work = work_of(ctx, job).known
    if work.opaque or any(each.step.uses for each in work.steps):
        return False
    return all(command.tool in _ONLY_SPEAKS for _, command in commands_in(ctx, job))


def runs_after_failure(condition: Authored | None) -> bool | None:
    """Whether an `if` lets a step or job run although something before it failed.

    None where a status function is there and what it does hangs on the rest.
    """
    if condition is None:
        return False
    text = condition.text
    found = [part.text for part in parts(text) if part.is_expression] or [text]
    names: set[str] = set()
    for expression in found:
        try:
            names |= _status_functions(parse(expression))
        except ExpressionError:
            return None
    if not names or names == {"success"}:
        return False
    return None if "success" in names else True


def _status_functions(node: Node) -> set[str]:
    calls = {inner.name for inner in nodes_in(node) if isinstance(inner, Call)}
    return calls & {"always", "failure", "cancelled", "success"}
