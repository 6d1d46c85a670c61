"""Gates of the repository that look at nothing."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.gates.vacuous import vacuous_of
from iact_guard.analyze.workflow.references.references import Broken
from iact_guard.model.fact import Fact, known
from iact_guard.model.repository import Repository


@fact("repository.blind_gates")
def blind_gates_of(ctx: Context, repository: Repository) -> Fact[tuple[Broken, ...]]:
    """What they look for and is not there: one a gate, however many jobs come to it."""
    return known(tuple(_every(ctx)))


def _every(ctx: Context) -> Iterator[Broken]:
    seen: set[str] = set()
    for job in ctx.project.entities("job"):
        for _, gate in gates_in(ctx, job):
            if gate.id in seen:
                continue
            seen.add(gate.id)
            vacuous = vacuous_of(ctx, gate)
            if vacuous.state == "known" and vacuous.known.reason:
                yield Broken(
                    gate.tool, gate.location, vacuous.known.reason, evidence=vacuous.evidence,
                    effect="the gate is green without it", lacks="looks at nothing",
                )  # fmt: skip
