"""WF207: the new version does not work, and stays."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.deploy.probes import probes_after
from iact_guard.analyze.workflow.deploy.release import goes_live, releases_of
from iact_guard.analyze.workflow.deploy.rollback import goes_back_after, goes_back_by_itself
from iact_guard.analyze.workflow.deploy.targets import missed_targets
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job, at its first deployment, with a test whose failure changes nothing."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    releases = releases_of(ctx, job).known
    if not releases:
        yield NotApplicable("the job brings no application to production")
        return
    first = releases[0]
    live_job, live = goes_live(ctx, job, first)
    tests = (each for each in probes_after(ctx, live_job, live) if each.counts)
    missed = {each.probe.location for each in missed_targets(ctx, job)}
    tests = (each for each in tests if each.shows_broken and each.location not in missed)
    own = (t for t in tests if t.job.id == live_job.id or not deployments_of(ctx, t.job).known)
    if any(goes_back_by_itself(ctx, each) for each in releases) or goes_back_after(ctx, job):
        return
    test = next(own, None)
    said = (Evidence(test.location, "this tests it, after traffic goes there"),) if test else ()
    when = (
        f"{test.what} in {test.job.key} fails" if test else f"it does not work, or {job.key} fails"
    )
    yield Fail(
        f"when {when}, what {first.what} deployed stays live: no step or job goes back then",
        first.location,
        (*first.evidence, *said),
    )
