"""WF303: a report that is uploaded unless the scan found something."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.order import runs_after_failure
from iact_guard.analyze.workflow.rights.sarif import (
    Upload,
    fails_its_step,
    scans_before,
    uploads_of,
)
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding an upload."""
    uploads = [upload for upload in uploads_of(ctx, job).known if upload.file]
    if job.uses or not uploads:
        yield NotApplicable("the job uploads no report of another step")
        return
    for upload in uploads:
        if runs_after_failure(upload.performed.step.condition) is not False:
            continue
        scans = [(gate, fails_its_step(ctx, gate)) for gate in scans_before(ctx, job, upload)]
        certain = [gate for gate, fails in scans if fails]
        if certain:
            yield _fail(upload, certain[0])
        elif any(fails is None for _, fails in scans):
            gate = next(gate for gate, fails in scans if fails is None)
            yield Unknown(
                f"whether the upload is skipped when {gate.tool} finds something: what its failure"
                " does is not known",
                upload.location,
                (Evidence(gate.location, "the scan"),),
                f"{upload.performed.step.id}/upload",
            )


def _fail(upload: Upload, scan: Gate) -> Fail:
    condition = upload.performed.step.condition
    skipped = f"`if: {condition.text.strip()}`" if condition else "without `if: always()`"
    return Fail(
        f"the report is not uploaded when {scan.tool} finds something: its failure ends the job,"
        f" and the upload stands there {skipped}",
        upload.location,
        (
            *upload.performed.via,
            Evidence(scan.location, f"{scan.tool} fails when it finds something"),
            Evidence(upload.location, "then this step is skipped"),
        ),
        anchor=f"{upload.performed.step.id}/upload",
    )
