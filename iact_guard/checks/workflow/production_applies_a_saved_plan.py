"""WF304: production gets what Terraform finds at that moment, and not what somebody read."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.applies import Apply, applies_of, approves_itself
from iact_guard.analyze.workflow.unread import unread_in_production
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job, at its first apply without a plan."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    applies = applies_of(ctx, job).known
    if not applies:
        if unread := unread_in_production(ctx, job).known:
            message = f"whether {job.key} applies a plan that somebody saw: {unread[0].reason}"
            yield Unknown(message, unread[0].location, unread[0].evidence)
        else:
            yield NotApplicable("the job applies no Terraform in production")
        return
    bad = [apply for apply in applies if apply.state in ("none", "unsaved")]
    if bad:
        yield _fail(job, bad)
        return
    unclear = next((apply for apply in applies if apply.state != "saved"), None)
    if unclear:
        yield _unknown(job, unclear)


def _fail(job: Job, bad: list[Apply]) -> Fail:
    first, *others = bad
    command = first.deployment.command
    itself = " with -auto-approve" if command and approves_itself(command) else ""
    why = (
        "the plan that was shown is not the one that is applied: another is made"
        if first.state == "unsaved"
        else "no plan was made and shown before"
    )
    return Fail(
        f"the job {job.key} applies to production{itself} ({first.deployment.what}): {why}",
        first.deployment.location,
        (*first.evidence, *first.deployment.evidence),
        tuple(Evidence(each.deployment.location, "and here") for each in others),
    )


def _unknown(job: Job, apply: Apply) -> Unknown:
    if apply.state == "remote":
        what = "the run takes place in HCP Terraform, whose settings say who confirms its plan"
    elif apply.state == "elsewhere":
        what = "the folder is not in the repository, and its outputs are read right after"
    else:
        name = "" if apply.what == "*" else f" {apply.what}"
        what = f"nothing is seen to write the plan{name} before it"
    return Unknown(
        f"whether {job.key} applies a plan that somebody saw: {what}",
        apply.deployment.location,
        apply.evidence,
    )
