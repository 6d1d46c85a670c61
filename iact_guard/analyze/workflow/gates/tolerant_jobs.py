"""Jobs that may fail without failing their workflow, and what they were to guard."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.gates.lost_gates import is_lost_by_itself
from iact_guard.analyze.workflow.gates.standing import job_tolerance, standing_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job

_WORD = regex(r"[a-z]+")
# Names of what runs beside the real gate, on something that is not released or supported yet.
_TRIAL = frozenset({
    "experimental", "experiment", "nightly", "canary", "unstable", "optional", "future", "beta",
    "alpha", "prerelease", "upstream", "edge", "trunk", "informational", "allowed", "allow", "dev",
    "devel", "development", "next", "preview", "head", "tip", "rc",
})  # fmt: skip
_HOLDS = ("enforced", "conditional")


@fact("job.tolerated_gates")
def tolerated_in(ctx: Context, job: Job) -> Fact[tuple[Gate, ...]]:
    """The gates of a job that always may fail, and that nothing else in its workflow enforces.

    Those that a script or a step of it loses already count: mending that would not be enough.

    A job for an experiment is none, where another job enforces the same tools.
    """
    if job_tolerance(ctx, job) is not True:
        return known(())
    gates = tuple(dict.fromkeys(gate for gate in _guarding(ctx, job) if not gate.upload))
    if not gates or not _is_trial(job):
        return known(gates)
    elsewhere = {
        gate.family
        for other in ctx.project.workflow_of(job).jobs
        if other.id != job.id and job_tolerance(ctx, other) is not True
        for gate in _holding(ctx, other)
    }
    return known(tuple(gate for gate in gates if gate.family not in elsewhere))


def _holding(ctx: Context, job: Job) -> list[Gate]:
    """The gates whose failure fails the job, in some runs at least."""
    return [gate for _, gate in gates_in(ctx, job) if _holds(ctx, gate)]


def _holds(ctx: Context, gate: Gate) -> bool:
    standing = standing_of(ctx, gate)
    return standing.state == "unknown" or standing.known.state in _HOLDS


def _guarding(ctx: Context, job: Job) -> Iterator[Gate]:
    """The gates that a job was to run: also those that something within it loses already."""
    for _, gate in gates_in(ctx, job):
        standing = standing_of(ctx, gate)
        if (
            _holds(ctx, gate)
            or standing.known.state == "tolerated"
            or is_lost_by_itself(ctx, gate, standing.known)
        ):
            yield gate


def _is_trial(job: Job) -> bool:
    """Whether its name, or what it runs on, says that it is tried out."""
    texts = [job.key, job.name.text if job.name else ""]
    texts += [pair.value.text for pair in job.matrix or ()]
    versions = (pair for step in job.steps for pair in step.with_ if "version" in pair.key.text)
    texts += [pair.value.text for pair in versions]
    return not _TRIAL.isdisjoint(_WORD.findall(" ".join(texts).lower()))
