"""WF005: a stranger's code, run with the repository's token or secrets."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.rights.foreign import Fetch, fetches_of
from iact_guard.analyze.workflow.rights.foreign_runs import Run, checks_permission, runs_of
from iact_guard.analyze.workflow.rights.privileges import privileges_of
from iact_guard.model.finding import Severity
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job

_ORDER: dict[Severity | None, int] = {None: 0, "medium": 1, "low": 2}


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job: the worst of the ways in which the code gets there."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    fetches = [f for f in fetches_of(ctx, job).known if f.by == "anyone" or _on_comment(f)]
    if not fetches:
        yield NotApplicable("the job gets no code of a stranger's pull request with rights")
        return
    if not (privileges := privileges_of(ctx, job).known):
        return
    judged = ((fetch, _judge(ctx, job, fetch, privileges)) for fetch in fetches)
    # An artifact is data until something in it is run.
    answers = [a for fetch, a in judged if not fetch.artifact or isinstance(a, Fail)]
    failed = [answer for answer in answers if isinstance(answer, Fail)]
    if failed:
        yield min(failed, key=lambda fail: _ORDER[fail.severity])
    else:
        yield from answers[:1]


def _on_comment(fetch: Fetch) -> bool:
    return fetch.event == "issue_comment"


def _judge(
    ctx: Context, job: Job, fetch: Fetch, privileges: tuple[Evidence, ...]
) -> Fail | Unknown:
    runs = next(runs_of(ctx, job, fetch), None)
    evidence = (*fetch.performed.via, Evidence(fetch.location, f"on `{fetch.event}` this is the"
                " code of anyone's pull request"), *privileges)  # fmt: skip
    evidence = (*evidence, runs.evidence) if runs else evidence
    if runs is None or not runs.certain:
        why = f": {runs.evidence.message}" if runs else "; nothing is seen to run it"
        message = f"whether {job.key} runs the code of a stranger's pull request{why}"
        return Unknown(message, fetch.location, evidence)
    if job.environment:
        name = job.environment.name.text
        message = (
            f"whether somebody approves before {job.key} runs the code of a stranger's pull"
            f" request: required reviewers of the environment {name} would"
        )
        return Unknown(message, fetch.location, evidence)
    asks = checks_permission(ctx, job, fetch)
    if asks and fetch.by == "anyone":
        message = (
            f"whether the check of permissions before {job.key} runs the code of a stranger's"
            " pull request keeps strangers out"
        )
        return Unknown(message, fetch.location, (*evidence, asks))
    return _fail(job, fetch, runs, evidence)


def _fail(job: Job, fetch: Fetch, runs: Run, evidence: tuple[Evidence, ...]) -> Fail:
    severity, but = _bounds(fetch)
    return Fail(
        f"on `{fetch.event}` the job {job.key} gets the code of anyone's pull request"
        f" ({fetch.what}) and runs it ({runs.what}) with a token or secrets of this repository"
        f"{but}",
        fetch.location,
        evidence,
        severity=severity,
    )


def _bounds(fetch: Fetch) -> tuple[Severity | None, str]:
    """What stands in the way of it, and how much that lowers the severity."""
    if fetch.refused == "always":
        return "low", "; only this version of actions/checkout refuses it"
    if fetch.refused == "now":
        return "medium", "; only the version that its tag points to now refuses it for forks"
    if fetch.named:
        return "medium", (
            "; it looks for the branch in this repository, so that it is its own branches' code"
            " until `repository` is set"
        )
    if fetch.labelled:
        return "medium", "; a label lets it in, and commits that are pushed after it come along"
    if fetch.by == "writer":
        return "medium", (
            "; a comment of somebody with access starts it, and takes what was pushed until then"
        )
    return None, ""
