"""WF112: a text for another shell that goes on behind a failure."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.remote import place_of, remote_of
from iact_guard.analyze.workflow.gates.gate import gates_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Step


def check(ctx: Context, step: Step, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a text, at the first command whose failure goes by."""
    remote = remote_of(ctx, step).known
    if not remote.texts:
        yield NotApplicable("no other shell reads a text of this step")
    for hidden in remote.hidden:
        gates = {gate.command.id for gate in gates_of(ctx, step).known if gate.command}
        # A shell on this machine is left alone unless it hides a gate.
        telling = [each for each in hidden.commands if hidden.far or each.id in gates]
        if not telling:
            continue
        first, *others = telling
        where = "on the other machine" if hidden.far else "in the inner shell"
        yield Fail(
            f"`{first.tool}` may fail {where} and the rest runs all the same: that shell has no"
            " `set -e`, and only its last command's status comes back",
            place_of(ctx, first).location,
            hidden.evidence,
            tuple(Evidence(place_of(ctx, each).location, "and here") for each in others),
            anchor=first.id,
        )
