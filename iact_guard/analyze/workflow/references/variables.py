"""Whether `env.NAME` can have a value where an expression reads it."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.references.exports import exports_of
from iact_guard.analyze.workflow.references.outputs import only_known_programs
from iact_guard.data.tables import table
from iact_guard.model.workflow import Job, Step, Workflow


def may_be_set(ctx: Context, workflow: Workflow, job: Job, step: Step | None, name: str) -> bool:
    """Whether the workflow, job or step, or a step before it, sets a variable, or may do so."""
    pairs = (*workflow.env, *job.env, *(step.env if step else ()))
    if any(pair.key.text.lower() == name.lower() for pair in pairs):
        return True
    if step is None:  # of its own fields GitHub evaluates few in a place where steps have run
        return True
    return any(_may_set(ctx, before, name) for before in job.steps[: step.index])


def _may_set(ctx: Context, step: Step, name: str) -> bool:
    if step.uses:
        prefixes = table("exports")["actions"].get(parse_use(step.uses).name.lower())
        return prefixes is None or any(name.startswith(prefix) for prefix in prefixes)
    if step.run is None:
        return False
    if not only_known_programs(ctx, step):
        return True
    written = [e.name for e in exports_of(ctx, step).known.exports if e.target == "env"]
    unread = step.run.text.count("GITHUB_ENV") + step.run.text.count("set-env") > len(written)
    return unread or any("$" in each or each.lower() == name.lower() for each in written)
