"""WF302: an upload to code scanning that the job's token may not make."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.rights.sarif import SCOPE, denied_by, uploads_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    uploads = [upload for upload in uploads_of(ctx, job).known if not upload.own_token]
    if not uploads:
        yield NotApplicable("the job uploads nothing to code scanning")
        return
    denied = denied_by(ctx, job)
    if denied is None:
        return
    first, *others = uploads
    where = "its caller's" if denied.location.path != job.path else "the"
    yield Fail(
        f"{first.name} in the job {job.key} may not upload: {where} declared permissions do not"
        f" grant `{SCOPE}: write`",
        first.location,
        (*first.performed.via, Evidence(denied.location, "what is not named here is not granted")),
        tuple(Evidence(each.location, "and here") for each in others),
        anchor=f"{job.id}/{SCOPE}",
    )
