"""WF202: a switch turns the gates before production off."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.switched import switches_of
from iact_guard.analyze.links.way import Way
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a switch, at the place that asks for it."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    for kind in params["kinds"]:
        switches = switches_of(ctx, Way(job, kind))
        if switches.state == "not-applicable":
            yield NotApplicable(switches.reason)
            return
        for switch in switches.known:
            message = f"{switch.name} skips the {kind}s before {job.key} deploys to production"
            anchor = f"{job.id}#{switch.name}"
            yield Fail(message, switch.place.location, switch.trace.evidence, anchor=anchor)
