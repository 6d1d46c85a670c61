"""Which jobs run before which: the graph of `needs`."""

from collections import deque

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import commands_in, work_of
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Job
from iact_guard.syntax.expression import Call, ExpressionError, Node, nodes_in, parse, parts

_ONLY_SPEAKS = frozenset({"echo", "printf", "true", ":", "exit", "date", "cat", "[", "test"})


@fact("job.needed")
def needed_by(ctx: Context, job: Job) -> Fact[tuple[Job, ...]]:
    """The jobs that a job waits for, over any number of others; the nearest first."""
    jobs = {each.key.lower(): each for each in ctx.project.workflow_of(job).jobs}
    found: dict[str, Job] = {}
    pending = deque([job])
    while pending:
        for need in pending.popleft().needs:
            wanted = jobs.get(need.text.lower())
            if wanted and wanted.id not in found and wanted.id != job.id:
                found[wanted.id] = wanted
                pending.append(wanted)
    return known(tuple(found.values()))


def jobs_after(ctx: Context, job: Job) -> tuple[Job, ...]:
    """The jobs that wait for a job."""
    others = ctx.project.workflow_of(job).jobs
    return tuple(each for each in others if waits_for(ctx, each, job))


def waits_for(ctx: Context, job: Job, other: Job) -> bool:
    """Whether a job runs after another, over any number of others."""
    return any(needed.id == other.id for needed in needed_by(ctx, job).known)


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
