"""WF003: a step whose token may not do what the step is there for."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.rights.needed_scopes import Need, needed_scopes_of
from iact_guard.analyze.workflow.rights.token import permissions_in_force
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job, Permissions


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a scope that is missing, at the first step that needs it."""
    permissions = permissions_in_force(ctx, job)
    if permissions is None:
        yield NotApplicable("no permissions are declared: the repository's settings decide")
        return
    missing: dict[tuple[str, ...], list[Need]] = {}
    for need in needed_scopes_of(ctx, job).known:
        if not any(permissions.access(scope) == "write" for scope in need.scopes):
            missing.setdefault(need.scopes, []).append(need)
    for scopes, needs in missing.items():
        yield _fail(job, permissions, scopes, needs)


def _fail(job: Job, permissions: Permissions, scopes: tuple[str, ...], needs: list[Need]) -> Fail:
    first, *others = needs
    wanted = " or ".join(f"`{scope}: write`" for scope in scopes)
    got = permissions.access(scopes[0])
    whose = "the job" if job.permissions is not None else "the workflow"
    effect = "GitHub refuses the run" if first.called else "it is refused"
    return Fail(
        f"{first.what} needs {wanted}, and {whose} grants `{got}`: {effect}",
        first.location,
        (*first.via, Evidence(permissions.location, "these permissions hold")),
        tuple(Evidence(each.location, f"{each.what} needs it too") for each in others),
        anchor=f"{job.id}/{'|'.join(scopes)}",
    )
