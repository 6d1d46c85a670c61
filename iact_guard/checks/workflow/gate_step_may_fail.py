"""WF104: a step with a gate that may fail, and no later step that fails in its place."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.tolerant_steps import judges_by_hand, tolerated_gates_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Step


def check(ctx: Context, step: Step, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a step, at its `continue-on-error`."""
    here = step.continue_on_error
    if here is None:
        yield NotApplicable("the step has no continue-on-error")
        return
    fact = tolerated_gates_of(ctx, step)
    if fact.state != "known":
        yield Unknown(f"whether a later step enforces this one: {fact.reason}", here.location,
                      fact.evidence)  # fmt: skip
        return
    if place := judges_by_hand(ctx, step):
        message = "the step fails where its check does, and may fail: nothing comes of it"
        yield Fail(message, here.location, (place,), precision="medium")
    found = [each for each in fact.known if each.gate.kind in params["kinds"]]
    if found:
        names = ", ".join(dict.fromkeys(f"{each.gate.tool} ({each.gate.kind})" for each in found))
        yield Fail(
            f"a failure of {names} turns the step green: it may fail, and no later step fails for"
            " it",
            here.location,
            tuple(
                evidence
                for each in found
                for evidence in (
                    *each.via,
                    Evidence(each.gate.location, f"the gate: {each.gate.kind}"),
                )
            ),
        )
