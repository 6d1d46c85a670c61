"""What a step checks: its gates, requests to what runs, scripts that are named for a check."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import way_to
from iact_guard.analyze.shell.scripts import commands_of
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.gates.requests import is_seen, requests_of
from iact_guard.data.tables import table
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Step

BY_NAME = frozenset({"smoke", "check"})
"""The kinds of what is only taken for a check by a name: left alone in doubt."""
_WORD = regex(r"[a-z]+[0-9]*")


@fact("step.guards")
def guards_of(ctx: Context, step: Step) -> Fact[tuple[Gate, ...]]:
    """The gates of a step, and what else it checks something with."""
    gates = gates_of(ctx, step).known
    return known((*gates, *requests_of(ctx, step), *_named_scripts(ctx, step, gates)))


def _named_scripts(ctx: Context, step: Step, gates: tuple[Gate, ...]) -> Iterator[Gate]:
    """Scripts that are named for a check; one in which gates are known stands for them."""
    if step.run is None or (step.condition and only_after_failure((step.condition,))):
        return
    known_ones = {each.command.id for each in gates if each.command}
    known_ones |= {way.caller.id for each in gates if each.command
                   if (way := way_to(ctx, each.command))}  # fmt: skip
    for command in commands_of(ctx, step.id):
        script = _script(command)
        if command.id in known_ones or not _is_named(script):
            continue
        if is_seen(ctx, step, command):
            name = command.id.replace("command:", "gate:", 1)
            yield Gate(name, step.path, command.location, step, "check", script, command, script)


def _script(command: Command) -> str:
    """The file that a command runs, without its folder."""
    if command.tool in table("gates")["scripts"]["programs"]:
        return next((w for w in command.words if w[:1] != "-"), "").rpartition("/")[2]
    return command.tool


def _is_named(script: str) -> bool:
    scripts = table("gates")["scripts"]
    stem, dot, ending = script.rpartition(".")
    if f"{dot}{ending}" not in scripts["endings"]:
        return False
    words = _WORD.findall(stem.lower())
    ends = {words[0], words[-1]} if words else set()
    return not ends.isdisjoint(scripts["named"]) and set(words).isdisjoint(scripts["other"])
