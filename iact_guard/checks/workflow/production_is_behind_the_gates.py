"""WF201: a run in which production is deployed to although a gate failed or never ran."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.reachable import verdict_of
from iact_guard.analyze.links.production.shipping import shipped_by
from iact_guard.analyze.links.production.verdict import Verdict
from iact_guard.analyze.links.production.way import Way
from iact_guard.model.finding import Precision
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a deploying job and kind of gate: the trace of the run."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    for kind in params["kinds"]:
        verdict = verdict_of(ctx, Way(job, kind))
        if verdict.state == "not-applicable":
            yield NotApplicable(verdict.reason)
            return
        yield from _answer(ctx, job, kind, verdict.known)


def proof(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[str]:
    """Why a job passes, and what that assumes: for `explain`."""
    for kind in params["kinds"]:
        verdict = verdict_of(ctx, Way(job, kind))
        if verdict.state == "known" and verdict.known.state == "guarded":
            yield f"in every run a {kind} stands before it: {verdict.known.reason}"
            yield from (f"assumed: {each}" for each in verdict.known.assumes)


def _answer(ctx: Context, job: Job, kind: str, verdict: Verdict) -> Iterator[Answer]:
    first = shipped_by(ctx, job).known[0]
    trace = verdict.trace.evidence if verdict.trace else first.evidence
    evidence = (*trace, *verdict.evidence)
    if verdict.state == "open":
        message = f"{job.key} {first.does} production without a {kind} before it: {verdict.reason}"
        precision: Precision | None = "medium" if verdict.slow else None
        yield Fail(message, job.location, evidence, places=verdict.callers, precision=precision)
    elif verdict.state == "unknown":
        message = f"whether a {kind} stands before {job.key}, which {first.does} production"
        yield Unknown(f"{message}: {verdict.reason}", job.location, evidence)
    elif verdict.state == "switched":
        yield NotApplicable(f"{verdict.reason}: see WF202")
