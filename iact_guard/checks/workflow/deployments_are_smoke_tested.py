"""WF205: nothing that can fail tests what was deployed."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.around import index_of, moments_of
from iact_guard.analyze.workflow.deploy.probes import probes_after
from iact_guard.analyze.workflow.deploy.release import goes_live, releases_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job, at its first deployment."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    releases = releases_of(ctx, job).known
    if not releases:
        yield NotApplicable("the job brings no application to production")
        return
    first = releases[0]
    live_job, live = goes_live(ctx, job, first)
    probes = list(probes_after(ctx, live_job, live))
    if any(probe.counts for probe in probes):
        return
    unclear = next((probe for probe in probes if probe.counts is None), None)
    said = tuple(Evidence(p.location, f"{p.what}: {p.reason}") for p in probes)
    if unclear:
        message = f"whether something tests what {first.what} deployed: {unclear.reason}"
        yield Unknown(message, first.location, (*first.evidence, *said))
        return
    start = index_of(ctx, job, first.performed, first.command)
    early = next((each for each in probes_after(ctx, job, start) if each.counts), None)
    why = ""
    if probes:
        why = f": {probes[0].what} cannot fail it, {probes[0].reason}"
    elif early:
        why = f": {early.what} does so before traffic goes to the new version"
        switch = moments_of(ctx, live_job).known[live]
        place = switch.command.location if switch.command else switch.performed.step.location
        said = (Evidence(early.location, "this tests it"), Evidence(place, "traffic comes here"))
    yield Fail(
        f"nothing that can fail tests the application after {first.what} in {job.key}{why}",
        first.location,
        (*first.evidence, *said),
        tuple(Evidence(each.location, f"`{each.what}`") for each in releases[1:]),
    )
