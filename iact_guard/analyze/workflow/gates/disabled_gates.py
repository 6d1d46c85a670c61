"""Gates that somebody has switched off by writing `false` into their `if`."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.conditions import Held, is_switched_off, named
from iact_guard.analyze.workflow.gates.claims import promises_a_verdict
from iact_guard.analyze.workflow.gates.gate import gates_of
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Job

_WHY = "`false` is written into its `if`, and what is skipped counts as passed"


@fact("job.disabled_gates")
def disabled_gates_of(ctx: Context, job: Job) -> Fact[tuple[Held, ...]]:
    """The job itself, or those of its steps that are gates, or are named for one."""
    if job.condition and is_switched_off(job.condition):
        gated = next(gates_in(ctx, job), None) is not None
        if gated or (job.name is not None and promises_a_verdict(job.name)):
            return known((Held(job.condition, f"the job {job.key}", _WHY),))
        return known(())
    found = []
    for step in job.steps:
        if step.condition and is_switched_off(step.condition):
            claims = step.name is not None and promises_a_verdict(step.name)
            if claims or gates_of(ctx, step).known:
                found.append(Held(step.condition, f"the step {named(step)}", _WHY))
    return known(tuple(found))
