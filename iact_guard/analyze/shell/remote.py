"""Scripts that another shell reads, without `-e`: commands whose failure the next one hides."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import all_commands_of, origin_of, script_with, way_to
from iact_guard.analyze.shell.matching import runs
from iact_guard.data.tables import table
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Step

_QUIET = regex(r"(?<!\S)2> ?/dev/null(?!\S)")
"""What is meant to fail at times: its complaints alone are thrown away."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Commands of one text whose failure is hidden by what stands behind them."""

    commands: tuple[Command, ...]
    far: bool
    """Another machine runs the text."""
    evidence: tuple[Evidence, ...]
    """Of the first one."""


@dataclass(frozen=True, slots=True)
class Remote:
    """The texts of a step that other shells read."""

    texts: int
    hidden: tuple[Hidden, ...]


@fact("step.remote")
def remote_of(ctx: Context, step: Step) -> Fact[Remote]:
    """The texts that a step gives to other shells, and what goes by unseen in them."""
    texts: dict[tuple[str, tuple[int, ...]], list[Command]] = {}
    for command in all_commands_of(ctx, step.id):
        script = script_with(ctx, command)
        if script and (len(command.at) > 1 or script.remote):
            texts.setdefault((script.id, command.at[:-1]), []).append(command)
    hidden = (_hidden(ctx, commands) for commands in texts.values())
    return known(Remote(len(texts), tuple(each for each in hidden if each)))


def _hidden(ctx: Context, commands: list[Command]) -> Hidden | None:
    if len({command.at for command in commands}) < 2:
        return None
    found = [command for command in commands if _goes_by(ctx, command)]
    if not found:
        return None
    return Hidden(tuple(found), _is_far(ctx, found[0]), failure_of(ctx, found[0]).evidence)


def runs_far(ctx: Context, command: Command) -> bool:
    """Whether another machine runs a command, or the script that it stands in."""
    if _is_far(ctx, command):
        return True
    way = way_to(ctx, command)
    return runs_far(ctx, way.caller) if way else False


def _is_far(ctx: Context, command: Command) -> bool:
    script = script_with(ctx, command)
    runners = table("remote")["runners"]
    return bool(script and script.remote) or any(
        each.tool in runners for each in _around(ctx, command)
    )


def _goes_by(ctx: Context, command: Command) -> bool:
    if _is_harmless(command):
        return False
    failure = failure_of(ctx, command)
    lost = failure.state == "known" and failure.known.verdict == "swallowed"
    return lost and failure.known.cause == "remote"


def _is_harmless(command: Command) -> bool:
    remote = table("remote")
    calls = (words for words in remote["harmless_calls"] if words.startswith(command.tool))
    return (
        not command.tool
        or command.tool in remote["harmless"]
        or _QUIET.search(command.text) is not None
        or any(runs(command, words) for words in calls)
    )


def _around(ctx: Context, command: Command) -> Iterator[Command]:
    """The commands that run a command, outwards."""
    by_id = {each.id: each for each in all_commands_of(ctx, command.step)}
    while outer := by_id.get(command.outer):
        yield outer
        command = outer


def place_of(ctx: Context, command: Command) -> Command:
    """What stands in the step's own file for a command."""
    return command if command.location.path == command.path else origin_of(ctx, command)
