"""WF202: a switch turns the gates before production off."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.switched import skips_told_of, switches_of
from iact_guard.analyze.links.production.verdict import Switched
from iact_guard.analyze.links.production.way import Way
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
            yield _fail(message, switch, anchor)
    for skip in skips_told_of(ctx, job, tuple(params["kinds"])):
        name = skip.switch.name
        what = f"{' and '.join(skip.kinds)} ({', '.join(skip.tools)})"
        message = f"{name} skips {what} before {job.key} deploys to production"
        yield _fail(message, skip.switch, f"{job.id}#{name}")


def _fail(message: str, switch: Switched, anchor: str) -> Fail:
    places = (switch.declared,) if switch.declared else ()
    return Fail(message, switch.place.location, switch.trace.evidence, places=places, anchor=anchor)


def proof(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[str]:
    """What was looked at where a job passes: for `explain`."""
    for kind in params["kinds"]:
        if switches_of(ctx, Way(job, kind)).value == ():
            yield f"no input, label, text or variable decides whether a {kind} runs before it"
