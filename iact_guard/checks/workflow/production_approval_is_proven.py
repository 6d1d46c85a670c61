"""WF204: an environment asks nobody unless its settings name reviewers."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.rules.approval import Approval, approvals_of
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One answer for each environment of production that the job names."""
    approvals = approvals_of(ctx, job)
    if approvals.state == "not-applicable" or job.environment is None:
        yield NotApplicable(approvals.reason)
        return
    if approvals.state == "unknown":
        where = job.environment.name.location
        yield Unknown(f"the files do not tell who approves it: {approvals.reason}", where)
        return
    for approval in approvals.known:
        yield from _answer(job, approval)


def _answer(job: Job, approval: Approval) -> Iterator[Answer]:
    if approval.approved or job.environment is None:
        return
    where = job.environment.name.location
    name = f"the environment {approval.name}"
    if approval.approved is False:
        yield Fail(
            f"{name} is declared without reviewers: {approval.reason}", where, approval.evidence
        )
    else:
        yield Unknown(
            f"nothing proves that {name} has reviewers: {approval.reason}", where, approval.evidence
        )
