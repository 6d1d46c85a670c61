"""WF212: a deployment or a migration is started, and nobody sees how it ends."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.waits import Start, Waiting, started_in, waiting_for
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job

_KINDS = {
    "migrates": "the migration of",
    "deploys": "the deployment of",
    "runs": "a task in",
}


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job, at the first start that nothing waits for; the others as its places."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    started = started_in(ctx, job).known
    if not started:
        yield NotApplicable("the job starts nothing in production that it would have to wait for")
        return
    judged = [(start, waiting_for(ctx, job, start)) for start in started]
    lost = [(start, waiting) for start, waiting in judged if waiting.holds is False]
    unclear = [(start, waiting) for start, waiting in judged if waiting.holds is None]
    if lost:
        yield _fail(job, lost)
    elif unclear:
        start, waiting = unclear[0]
        message = f"whether something waits for {start.what}: {waiting.reason}"
        yield Unknown(message, start.location, (*start.evidence, *waiting.evidence))


def _fail(job: Job, lost: list[tuple[Start, Waiting]]) -> Fail:
    start, waiting = lost[0]
    nobody = waiting.reason or "nothing waits for it"
    would = start.row["waits"][0]
    return Fail(
        f"{start.what} in {job.key} only starts {_KINDS[start.does]} production: {nobody}, so that"
        " its failure is seen by nobody",
        start.location,
        (*start.evidence, *waiting.evidence),
        tuple(Evidence(each.location, f"`{each.what}`") for each, _ in lost[1:]),
        remedy=_remedy(start, would),
    )


def _remedy(start: Start, would: str) -> str:
    if "remedy" in start.row:
        return str(start.row["remedy"])
    if "wait" in start.row:
        return f"Set `{start.row['wait']}: true` for {start.what}."
    if start.row.get("background"):
        return "Run it in the foreground, or collect its status with `wait PID`."
    options = [word for word in start.row.get("unless", ()) if word.startswith("--")]
    if options:
        return (
            f"Give it `{options[0]}`, or wait behind it with `{would}`, and let that fail the job."
        )
    if start.row.get("with"):
        return f"Leave out `{start.row['with'][0]}`, or wait behind it with `{would}`."
    return f"Wait behind it with `{would} ...`, and let that fail the job."
