"""Which commands and actions of a step are gates: their failure is meant to stop a change."""

from collections.abc import Iterator
from dataclasses import dataclass

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of, origin_of
from iact_guard.analyze.shell.gates import gate_of
from iact_guard.analyze.uses import parse_use
from iact_guard.data.tables import table
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.workflow import Step


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate of a step, in its own script, in a file that it runs, or the action that it uses."""

    id: str
    """`gate:<path>#<job>/<step>/<tool>~n`."""
    path: str
    location: Location
    """In the step, on one line."""
    step: Step
    kind: str
    """`test`, `coverage`, `lint`, ...: as in `data/gates.toml`."""
    tool: str
    """`pytest`, `aquasecurity/trivy-action`."""
    command: Command | None
    """None where the step uses an action."""


@fact("step.gates")
def gates_of(ctx: Context, step: Step) -> Fact[tuple[Gate, ...]]:
    """The gates of a step, in order."""
    return known((*_of_commands(ctx, step), *_of_action(step)))


def _of_commands(ctx: Context, step: Step) -> Iterator[Gate]:
    for command in all_commands_of(ctx, step.id):
        if kind := gate_of(ctx, command):
            place = origin_of(ctx, command).location
            name = command.id.replace("command:", "gate:", 1)
            yield Gate(name, step.path, place, step, kind, command.tool, command)


def _of_action(step: Step) -> Iterator[Gate]:
    if step.uses is None:
        return
    name = parse_use(step.uses).name.lower()
    if row := table("gates").get("action", {}).get(name):
        gate_id = f"{step.id.replace('step:', 'gate:', 1)}/{name}"
        yield Gate(gate_id, step.path, step.uses.location, step, row["kind"], name, None)
