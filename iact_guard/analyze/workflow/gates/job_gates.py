"""The gates that a job performs, those of actions and workflows that it calls included."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Job


def gates_in(ctx: Context, job: Job) -> Iterator[tuple[Performed, Gate]]:
    """Every gate of a job with the way to it, in order."""
    yield from _gates_of(ctx, job).known


@fact("job.gates")
def _gates_of(ctx: Context, job: Job) -> Fact[tuple[tuple[Performed, Gate], ...]]:
    return known(
        tuple(
            (performed, gate)
            for performed in work_of(ctx, job).known.steps
            for gate in gates_of(ctx, performed.step).known
        )
    )
