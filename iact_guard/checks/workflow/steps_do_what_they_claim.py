"""WF113: a step that is named for work and only speaks of it."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.idle import Spoken
from iact_guard.analyze.workflow.gates.claims import Claim, hollow_claim_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Step


def check(ctx: Context, step: Step, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a step, at its name."""
    hollow = hollow_claim_of(ctx, step)
    if hollow.state != "known":
        yield NotApplicable(hollow.reason)
        return
    claim, spoken = hollow.known
    what = _what(claim, spoken)
    who = "step" if step.name else "job"
    yield Fail(
        f"the {who} `{claim.name}` {what}: {claim.nothing}, and it is green all the same",
        claim.location,
        (Evidence(spoken.location, "all that it does is here"),),
    )


def _what(claim: Claim, spoken: Spoken) -> str:
    if claim.judges and (spoken.asks or spoken.reads):
        return "only says what it finds, and cannot fail for it"
    if spoken.sleeps:
        return "only prints and waits"
    return "only prints" if spoken.text else "does nothing"
