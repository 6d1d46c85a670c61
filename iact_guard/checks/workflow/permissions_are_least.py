"""WF002: a token that can do more than its job needs is worth stealing."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.rights.needed_scopes import needed_scopes_of
from iact_guard.analyze.workflow.rights.token import token_use_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job, Permissions, Scope, Workflow


def check(ctx: Context, workflow: Workflow, params: dict[str, Any]) -> Iterator[Answer]:
    """Missing permissions once a workflow, excess once a scope, what is not known once."""
    events = {trigger.event for trigger in workflow.triggers}
    bare = [job for job in workflow.jobs if job.permissions is None]
    if workflow.permissions is None and bare:
        if events == {"workflow_call"}:
            yield NotApplicable("the caller's permissions hold")
        else:
            yield _missing(workflow, bare)
    unclear: list[tuple[Scope, Evidence]] = []
    for permissions, jobs in _blocks(workflow, bare):
        yield from _excess(ctx, workflow, permissions, jobs, unclear)
    if unclear:
        yield _unknown(workflow, unclear)


def _missing(workflow: Workflow, bare: list[Job]) -> Fail:
    every = len(bare) == len(workflow.jobs)
    names = ", ".join(f"`{job.key}`" for job in bare[:5]) + (", ..." if len(bare) > 5 else "")
    some = f"the jobs {names} declare" if len(bare) > 1 else f"the job {names} declares"
    who = "any job declares" if every else some
    return Fail(
        f"neither the workflow nor {who} permissions: the token gets what the repository's"
        " settings grant, at worst write access to everything",
        workflow.location if every else bare[0].location,
        tuple(Evidence(job.location, "this job has none of its own") for job in bare[:20]),
        anchor=f"{workflow.id}/permissions",
    )


def _blocks(workflow: Workflow, bare: list[Job]) -> Iterator[tuple[Permissions, list[Job]]]:
    """Every `permissions` block, and the jobs that it holds for."""
    if workflow.permissions is not None:
        yield workflow.permissions, bare
    for job in workflow.jobs:
        if job.permissions is not None:
            yield job.permissions, [job]


def _excess(
    ctx: Context,
    workflow: Workflow,
    permissions: Permissions,
    jobs: list[Job],
    unclear: list[tuple[Scope, Evidence]],
) -> Iterator[Answer]:
    if permissions.all == "write-all":
        where = jobs[0].key if len(jobs) == 1 and jobs[0].permissions else "workflow"
        yield Fail(
            "`write-all` lets every step write to everything in the repository",
            permissions.location,
            anchor=f"{workflow.id}/{where}/write-all",
        )
    uses = [token_use_of(ctx, job).known for job in jobs]
    needed = {name for job in jobs for need in needed_scopes_of(ctx, job).known
              for name in need.scopes}  # fmt: skip
    for scope in permissions.scopes:
        if scope.access != "write" or scope.name in needed:
            continue
        if any(scope.name in use.scopes for use in uses):
            continue
        perhaps = next((found for use in uses if (found := use.may_use(scope.name))), None)
        if perhaps:
            unclear.append((scope, perhaps))
        else:
            owner = jobs[0].key if len(jobs) == 1 and jobs[0].permissions else "workflow"
            anchor = f"{workflow.id}/{owner}/{scope.name}"
            yield Fail(_unused(scope, permissions, jobs), scope.location, anchor=anchor)


def _unused(scope: Scope, permissions: Permissions, jobs: list[Job]) -> str:
    what = f"`{scope.name}: write`"
    if not jobs:
        return f"{what} reaches no job: each has permissions of its own"
    if jobs[0].permissions is permissions:
        return f"nothing in the job `{jobs[0].key}` uses {what}"
    return f"no job that it holds for uses {what}"


def _unknown(workflow: Workflow, unclear: list[tuple[Scope, Evidence]]) -> Unknown:
    """One a workflow: the first scope's place, and every place with what may use it."""
    scope, reason = unclear[0]
    names = ", ".join(dict.fromkeys(f"`{each.name}: write`" for each, _ in unclear))
    places = (
        place
        for each, why in unclear[:20]
        for place in (Evidence(each.location, f"whether `{each.name}: write` is used"), why)
    )
    return Unknown(
        f"whether anything needs {names}: {reason.message}",
        scope.location,
        tuple(dict.fromkeys(places)),
        f"{workflow.id}/unclear",
    )
