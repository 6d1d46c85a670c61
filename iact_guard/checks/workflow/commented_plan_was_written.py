"""WF305: a comment with a plan that does not exist."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.references.published import unwritten_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a file."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    found: dict[str, list[Any]] = {}
    for each in unwritten_of(ctx, job).known:
        found.setdefault(each.path, []).append(each)
    for path, reads in found.items():
        first, *others = reads
        where = f"; {first.instead[0].message}" if first.instead else ""
        yield Fail(
            f"the job {job.key} reads {path}, which no step writes and the repository does not"
            f" hold{where}",
            first.location,
            first.instead,
            tuple(Evidence(each.location, "read here too") for each in others),
            anchor=f"{job.id}/{path}",
        )
