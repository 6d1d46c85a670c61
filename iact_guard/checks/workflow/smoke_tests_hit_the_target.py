"""WF206: the test behind a deployment asks somebody else."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.deploy.targets import missed_routes, missed_targets
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a test that looks elsewhere."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    if not deployments_of(ctx, job).known:
        yield NotApplicable("the job deploys nothing")
        return
    for missed in missed_targets(ctx, job):
        first, probe = missed.deployment, missed.probe
        place = "production" if first.stages == {"production"} else "another environment"
        place = "one of them" if len(first.stages) > 1 else place
        yield Fail(
            f"{probe.what} in {probe.job.key} asks {missed.host}, {missed.reason}, and"
            f" {first.what} deployed to {place if first.stages else 'another machine'}",
            probe.location,
            (*missed.evidence, Evidence(probe.location, f"it asks {missed.host}")),
            anchor=f"{probe.location.path} {probe.what} {missed.host}",
        )
    for missed in missed_routes(ctx, job):
        probe = missed.probe
        alike = f"; it has {missed.reason}" if missed.reason else ""
        yield Fail(
            f"{probe.what} in {probe.job.key} asks for {missed.host}, and the application has no"
            f" such route: the answer says nothing about it{alike}",
            probe.location,
            (*missed.evidence, Evidence(probe.location, f"it asks for {missed.host}")),
            anchor=f"{probe.location.path} {probe.what} {missed.host}",
        )
