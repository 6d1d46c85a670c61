"""Gates of a workflow that a job which stands for the others does not wait for."""

from collections.abc import Iterator
from itertools import islice

from iact_guard.analyze.choices import Choices, TooManyRunsError, explore
from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.gates.aggregator import changes_in, share_of, stands_for
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.gates.standing import standing_of
from iact_guard.analyze.workflow.order import jobs_after, needed_by
from iact_guard.analyze.workflow.run import Event, Run, TooDeepError, simulate
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Job, Workflow

MAX_RUNS = 16
"""Tried for one event."""
MAX_GATES = 50
"""Jobs with gates that are looked at for one aggregator."""


@fact("job.uncovered_gates")
def uncovered_by(ctx: Context, job: Job) -> Fact[tuple[Job, ...]]:
    """Jobs with a gate that run in the same runs as an aggregator, and that it does not need.

    Not those that run after it, that deploy, that may fail, or that another aggregator covers.
    """
    workflow = ctx.project.workflow_of(job)
    covered = {job.id}
    for other in workflow.jobs:
        if other.id == job.id or stands_for(ctx, other).state == "known":
            covered |= {other.id, *(each.id for each in needed_by(ctx, other).known)}
    covered |= {each.id for each in workflow.jobs if job.id in _ids(ctx, each)}
    others = (each for each in workflow.jobs if each.id not in covered and _is_gate(ctx, each))
    gates = islice(others, max(share_of(ctx, job, MAX_GATES), 1))
    return known(tuple(e for e in gates if _run_together(ctx, workflow, job, e)))


def _ids(ctx: Context, job: Job) -> Iterator[str]:
    return (each.id for each in needed_by(ctx, job).known)


def _is_gate(ctx: Context, job: Job) -> bool:
    tolerated = job.continue_on_error
    if tolerated is not None and tolerated.text.strip().lower() != "false":
        return False
    gates = [gate for performed, gate in gates_in(ctx, job) if not performed.lenient]
    if not any(_stops(ctx, gate) for gate in gates) or deployments_of(ctx, job).known:
        return False
    # A plan that is applied next is a part of the deployment.
    planned = all(gate.kind == "terraform" for gate in gates)
    return not (planned and any(deployments_of(ctx, e).known for e in jobs_after(ctx, job)))


def _stops(ctx: Context, gate: Gate) -> bool:
    """Whether its failure may fail its job: one that only reports is missed by nobody."""
    standing = standing_of(ctx, gate)
    return standing.state != "known" or standing.known.state in ("enforced", "conditional")


def _run_together(ctx: Context, workflow: Workflow, one: Job, other: Job) -> bool:
    """Whether there is a run for a change that both have a part in."""
    only = frozenset({one.key, other.key})
    for event in changes_in(ctx, workflow):

        def run(choices: Choices, event: Event = event) -> Run:
            return simulate(ctx, workflow, event, {}, choices, only=only, inside=frozenset())

        try:
            for found in explore(run, MAX_RUNS):
                if found.jobs[one.key].ran and found.jobs[other.key].ran:
                    return True
        except (TooManyRunsError, TooDeepError):
            continue
    return False
