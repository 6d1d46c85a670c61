"""WF109: a job that stands for others and is green although one of them was not."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.aggregator import Hole, aggregator_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job

_SHOWN = 5
_ENDS = {"failure": "fails", "cancelled": "is cancelled", "skipped": "is skipped"}


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding an aggregator, with what it lets through."""
    fact = aggregator_of(ctx, job)
    if fact.state == "not-applicable":
        yield NotApplicable(fact.reason)
        return
    found = fact.known
    holes = [hole for hole in found.holes if hole.certain]
    doubtful = [hole for hole in found.holes if not hole.certain]
    if holes:
        yield Fail(
            f"{job.key} {_passes(holes[0])} although {_what(holes)}",
            job.location,
            tuple(_trace(job, holes)),
            remedy=_remedy(holes),
        )
    elif doubtful:
        message = f"whether {job.key} fails where {doubtful[0].job.key} does"
        own = doubtful[0].run.jobs[job.key]
        reason = next((step.why for step in own.steps if step.why), "how it judges is not clear")
        yield Unknown(f"{message}: {reason}", job.location, tuple(_trace(job, doubtful)))
    elif found.bounded:
        message = f"whether {job.key} fails with everything that it needs: too many runs to try"
        yield Unknown(message, job.location)


def _passes(hole: Hole) -> str:
    return "passes" if hole.ends == "success" else "is skipped, which counts as passed,"


def _what(holes: list[Hole]) -> str:
    by_job: dict[str, list[str]] = {}
    for hole in holes:
        by_job.setdefault(hole.job.key, []).append(_ENDS[hole.result])
    texts = [f"{key} {' or '.join(ends)}" for key, ends in by_job.items()]
    more = f" and {len(texts) - _SHOWN} more jobs do" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more


def _remedy(holes: list[Hole]) -> str:
    """What is missing where only a cancelled job goes by; empty for the policy's own remedy."""
    if any(hole.result != "cancelled" for hole in holes):
        return ""
    return (
        "Fail on everything that is not a success: a job over its timeout ends as `cancelled`,"
        " which neither `contains(needs.*.result, 'failure')` nor `!cancelled()` sees."
    )


def _trace(job: Job, holes: list[Hole]) -> Iterator[Evidence]:
    """The run of the first hole, and the other jobs that go by."""
    first = holes[0]
    what = "; ".join(f"`{name}` is '{value}'" for name, value in first.run.chosen[:_SHOWN])
    begins = f"in a run on {first.run.event}" + (f", where {what}," if what else "")
    yield Evidence(first.job.location, f"{begins} {first.job.key} {_ENDS[first.result]}")
    for run in first.run.jobs.values():
        if run.job.id not in (first.job.id, job.id) and run.result != "success" and run.evidence:
            yield Evidence(run.job.location, f"{run.job.key} ends as {run.result}: {run.why}")
    own = first.run.jobs[job.key]
    text = job.condition
    place = text.first_line(0, max(len(text.text), 1)) if text else job.location
    yield Evidence(place, f"{job.key} ends as {own.result}{f': {own.why}' if own.why else ''}")
    others = {hole.job.id: hole.job for hole in holes if hole.job.id != first.job.id}
    yield from (Evidence(each.location, f"{each.key} goes by too") for each in others.values())
