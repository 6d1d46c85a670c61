"""Rollbacks that run at the wrong time, or never."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import script_with, way_to
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.analyze.workflow.after_failure import asks_for_failure, status_functions
from iact_guard.analyze.workflow.around import earlier_jobs
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.deploy.probes import words_in
from iact_guard.analyze.workflow.deploy.rollback import Rollback, says_rollback
from iact_guard.analyze.workflow.deploy.rollback_fault import Fault, deployed_before
from iact_guard.model.location import Evidence
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell

_MANUAL = ("inputs.", "github.event.", "github.ref", "vars.", "matrix.")
_BRANCHES = (shell.If, shell.AndOr, shell.Case, shell.Function, shell.While)
_DRILLS = frozenset({"test", "tests", "drill", "dr", "chaos", "exercise", "simulation", "e2e"})


def never_runs(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    """Why it runs after no deployment that failed, or only after those that worked."""
    moment = rollback.moment
    deploys = deployments_of(ctx, job).known
    earlier = [e for e in earlier_jobs(ctx, job).known if deployments_of(ctx, e).known]
    before = deployed_before(ctx, job, rollback)
    step = moment.performed.step
    if _handled_in_script(ctx, rollback):
        return
    functions = [status_functions(each) for each in rollback.conditions]
    if any(each is None for each in functions):
        return
    called = frozenset().union(*(each for each in functions if each is not None))
    if step.condition is not None and asks_for_failure(step.condition):
        others = [d for d in deploys if d.performed is not moment.performed]
        if others and not before and not earlier:
            yield Fault("it stands before the deployment, whose failure comes later",
                        step.condition.location)  # fmt: skip
        return
    if job.condition is not None and asks_for_failure(job.condition):
        yield from _failure_of_nothing(ctx, job, deploys_before=bool(before or earlier))
        return
    if called - {"success"} or not before or _is_drill(ctx, job):
        return
    yield from _implicit_success(job, rollback, step)


def _is_drill(ctx: Context, job: Job) -> bool:
    """Whether the job tries a rollback, and is meant to run it in any case."""
    workflow = ctx.project.workflow_of(job)
    names = (job.key, workflow.path, *(text.text for text in (job.name, workflow.name) if text))
    return bool(words_in(" ".join(names)) & _DRILLS)


def _handled_in_script(ctx: Context, rollback: Rollback) -> bool:
    """Whether the script itself decides whether to go back."""
    step = rollback.moment.performed.step
    command = rollback.moment.command
    if command is None:
        text = step.run.text if step.run else ""
        return any(word in text for word in ("if ", "||", "trap ", "case "))
    if way_to(ctx, command):
        return True
    script = script_with(ctx, command)
    if script is None or script.tree is None:
        return True
    path = paths_of(ctx, script).known.commands.get(command.start, ())
    return any(isinstance(node, _BRANCHES) for node in path) or "trap" in script.source.text


def _failure_of_nothing(ctx: Context, job: Job, *, deploys_before: bool) -> Iterator[Fault]:
    condition = job.condition
    if condition is None or deploys_before:
        return
    workflow = ctx.project.workflow_of(job)
    others = [j for j in workflow.jobs if j.id != job.id and deployments_of(ctx, j).known]
    if not job.needs:
        reason = "the job needs no other one, so that `failure()` is never true"
        yield Fault(reason, condition.location)
    elif others and not deployments_of(ctx, job).known:
        reason = f"the job does not wait for {others[0].key}, which deploys"
        yield Fault(reason, job.needs[0].location, (Evidence(others[0].location, "it deploys"),))


def _implicit_success(job: Job, rollback: Rollback, step: Step) -> Iterator[Fault]:
    """Without a status function it runs only where everything before succeeded."""
    conditions = [c for c in rollback.conditions if c.text.strip()]
    if any(word in c.text for c in conditions for word in _MANUAL):
        return
    if job.environment and says_rollback(job.environment.name):
        return
    if not says_rollback(step.name, step.key, job.key, job.name) and not rollback.moment.command:
        return
    text = " ".join(c.text for c in conditions)
    if not conditions or all(
        status_functions(each) == frozenset({"success"}) for each in conditions
    ):
        reason = "it has no `if: failure()`: it runs after every deployment that worked, and after"
        yield Fault(f"{reason} none that did not", rollback.location)
    elif ".outcome" in text or ".conclusion" in text:
        tolerant = [s for s in job.steps if s.continue_on_error and s.key
                    and f"steps.{s.key.text}." in text]  # fmt: skip
        if not tolerant and "failure" in text:
            reason = "a failed step ends the job before its `if` can be true: it lacks `failure()`"
            yield Fault(reason, conditions[0].location)
    elif ("job.status" in text or ".result" in text) and "failure" in text:
        reason = "without `failure()` or `always()` it is skipped where something failed"
        yield Fault(reason, conditions[0].location)
