"""Which commands are gates: their failure is meant to stop a change."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.matching import matching
from iact_guard.data.tables import rows
from iact_guard.load.wrappers import tool_of
from iact_guard.model.command import Command


def gate_of(ctx: Context, command: Command) -> str | None:
    """The kind of gate that a command is, by the configuration, then by the table."""
    for gate in ctx.project.config.gates:
        if gate.tool == command.argv[0] or tool_of(gate.tool) == command.tool:
            return gate.kind
    row = matching(command, rows("gates", "gate"))
    return str(row["kind"]) if row else None
