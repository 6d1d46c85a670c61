"""Which commands and actions of a step are gates: their failure is meant to stop a change."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.coverage.thresholds import configured_minimums
from iact_guard.analyze.shell.dispatch import passes_by
from iact_guard.analyze.shell.followed import all_commands_of, origin_of, way_to
from iact_guard.analyze.shell.gates import as_program, row_of
from iact_guard.analyze.shell.matching import given, runs
from iact_guard.analyze.shell.scripts import commands_of
from iact_guard.analyze.uses import parse_use
from iact_guard.data.tables import Row, table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
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
    family: str = ""
    """The name that all calls of the tool share, as a program or an action: `trivy`."""
    upload: bool = False
    """What it fails on is its upload: no gate of what it uploads."""


@fact("step.gates")
def gates_of(ctx: Context, step: Step) -> Fact[tuple[Gate, ...]]:
    """The gates of a step, in order; of a target that is followed, those that it runs."""
    return known((*_of_commands(ctx, step), *_of_action(step)))


def kind_of(ctx: Context, command: Command) -> str | None:
    """The kind of gate that a command is, what it runs left aside; None for no gate."""
    row = row_of(ctx, command)
    return str(row["kind"]) if row and _has_minimum(ctx, command, row) else None


def action_row(uses: Authored) -> tuple[str, dict[str, Any]] | None:
    """What is known of an action as a gate, by its name or the beginning of it."""
    use = parse_use(uses)
    actions = table("gates")["action"]
    name = use.name.lower() if use.kind == "action" else ""
    while name:
        if name in actions:
            row: dict[str, Any] = actions[name]
            return (use.name.lower(), row) if row["kind"] else None
        name = name.rpartition("/")[0]
    return None


def _of_commands(ctx: Context, step: Step) -> Iterator[Gate]:
    commands = all_commands_of(ctx, step.id)
    rows = {each.id: row for each in commands if (row := row_of(ctx, each))}
    around = {id for each in commands if each.id in rows for id in _callers(ctx, each)}
    around |= {each.outer for each in commands if each.id in rows}
    for command in commands:
        row = rows.get(command.id)
        if row is None or command.id in around or not _has_minimum(ctx, command, row):
            continue  # one that runs others stands for them, and they are here
        # With an option of its own to check, as `terraform fmt -check`, it changes nothing.
        changes = row["kind"] in ("lint", "format") and "with" not in row
        repairs = changes or ">" in command.text
        if repairs and _is_committed(ctx, step, command, whole=changes):
            continue
        if passes_by(ctx, command):
            continue
        name = command.id.replace("command:", "gate:", 1)
        place = origin_of(ctx, command).location
        tool = as_program(command).tool
        family = row.get("tool", tool)
        yield Gate(name, step.path, place, step, row["kind"], tool, command, family)


def _callers(ctx: Context, command: Command) -> Iterator[str]:
    """The commands that lead to one in another file, by id."""
    while way := way_to(ctx, command):
        command = way.caller
        yield command.id


def _has_minimum(ctx: Context, command: Command, row: Row) -> bool:
    """Whether a tool that reports a number has one to compare it with."""
    if "minimum" not in row:
        return True
    if any(given(command, option) is not None for option in row["minimum"]):
        return True
    return configured_minimums(ctx, "coverage.py")


def _is_committed(ctx: Context, step: Step, command: Command, *, whole: bool) -> bool:
    """Whether what it changes or writes is committed behind it: it repairs, and judges nothing.

    `whole` looks at the later steps, too.
    """
    commits = table("gates")["commits"]
    start = origin_of(ctx, command).start
    for each in commands_of(ctx, step.id):
        if each.start > start and any(runs(each, words) for words in commits["commands"]):
            return True
    if not whole:
        return False
    owner = ctx.project.by_id[step.parent]
    later: tuple[Step, ...] = owner.steps[step.index + 1 :]
    return any(
        (each.uses and parse_use(each.uses).name.lower() in commits["actions"])
        or any(runs(c, words) for c in commands_of(ctx, each.id) for words in commits["commands"])
        for each in later
    )


def _of_action(step: Step) -> Iterator[Gate]:
    found = action_row(step.uses) if step.uses else None
    if found is None or step.uses is None:
        return
    name, row = found
    kind = row["kind"]
    for key, kinds in row.get("kinds", {}).items():
        chosen = step.input(key)
        kind = kinds.get(chosen.text.strip(), kind) if chosen else kind
    if _is_none(step, row):
        return
    gate_id = f"{step.id.replace('step:', 'gate:', 1)}/{name}"
    place = step.uses.location
    family = row.get("tool", name)
    upload = row.get("upload", False)
    yield Gate(gate_id, step.path, place, step, kind, name, None, family, upload)


def _is_none(step: Step, row: dict[str, Any]) -> bool:
    """Whether its inputs make something else of it."""
    for key, values in row.get("unless", {}).items():
        if (given := step.input(key)) and given.text.strip().lower() in values:
            return True
    for key, values in row.get("needs", {}).items():
        given = step.input(key)
        if given is None or not set(given.text.split(",")) & set(values):
            return True
    options = words_in(step, row)
    wanted = row.get("needs_options")
    if wanted and not any(option in options for option in wanted):
        return True
    return any(option in options for option in row.get("unless_options", ()))


def words_in(step: Step, row: dict[str, Any]) -> list[str]:
    """The arguments that an input of an action holds, or what stands for them."""
    given = step.input(row["arguments"]) if "arguments" in row else None
    return (given.text if given else row.get("default", "")).split()
