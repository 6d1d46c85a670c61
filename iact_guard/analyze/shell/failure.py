"""What the failure of a command does to its step, and to the commands behind it."""

from collections.abc import Iterator
from dataclasses import replace

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.execution.names import own_names
from iact_guard.analyze.shell.execution.pairs import Script as Followed
from iact_guard.analyze.shell.execution.run import Cause, Fuel, Mark, Note
from iact_guard.analyze.shell.execution.state import Env, Text
from iact_guard.analyze.shell.execution.values import value
from iact_guard.analyze.shell.execution.verdict import Judged, Verdict, judge, reaches
from iact_guard.analyze.shell.followed import script_with, way_to
from iact_guard.analyze.shell.options import options_at
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.load.script import Script, Shell
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Step
from iact_guard.syntax import shell

__all__ = ["Cause", "Failure", "Verdict", "failure_of", "output_decides", "prevents"]
FUEL = 36_000
"""Statements that are run for all commands of a file."""
FUEL_FOLLOWED = 14_000
"""For those of the scripts and recipes that it runs."""
_SOURCES = frozenset({".", "source"})
_POSIX = frozenset({"sh", "dash"})


@dataclass(frozen=True, slots=True)
class Failure:
    """What a command's failure does to its step."""

    verdict: Verdict
    cause: Cause = "script"
    """What loses its status; `unreached` where no run comes to the command."""
    written: frozenset[str] = frozenset()
    """Files that tell a failure from a success, `$GITHUB_OUTPUT`: others may read them."""
    said: frozenset[tuple[str, str | None]] = frozenset()
    """What is written only where it failed, as `Judged` has it."""


@fact("command.failure")
def failure_of(ctx: Context, command: Command) -> Fact[Failure]:
    """Whether the step fails where the command does; unknown where it cannot be worked out."""
    own = _in_its_text(ctx, command)
    way = way_to(ctx, command)
    if way is None or own.state != "known" or own.known.verdict == "swallowed":
        return own
    if way.tolerated:
        message = "what runs it goes on when it fails"
        return known(Failure("swallowed"), message, (Evidence(way.links[-1].location, message),))
    outer = failure_of(ctx, way.caller)
    if outer.state != "known" or own.known.verdict == "fails" or outer.known.verdict == "swallowed":
        return outer
    return own


@fact("command.output")
def output_decides(ctx: Context, command: Command) -> Fact[bool]:
    """Whether what its script looks at behind a swallowed command may still fail the script."""
    own = _in_its_text(ctx, command)
    script, way = script_with(ctx, command), way_to(ctx, command)
    if own.state != "known" or script is None:
        return unknown(own.reason)
    if own.known.verdict == "swallowed":
        judged = judge(_followed(ctx, script), _mark(command), apart=True)
        return known(judged.verdict != "swallowed")
    return output_decides(ctx, way.caller) if way and not way.tolerated else known(False)


def _in_its_text(ctx: Context, command: Command) -> Fact[Failure]:
    """Whether the script that a command stands in fails where the command does."""
    script = script_with(ctx, command)
    if script is None or script.tree is None:
        return unknown(script.reason if script else "the step has no script")
    if not command.at:
        return unknown("where it stands in its script is not known")
    way = way_to(ctx, command)
    sourced = way is not None and way.caller.tool in _SOURCES
    reader = _reader_around(ctx, way.caller) if way and sourced else script.reader
    if reader is None:
        return unknown("another script reads its file, and it cannot be told whether `-e` is set")
    judged = judge(_followed(ctx, replace(script, reader=reader)), _mark(command))
    if judged.verdict is None:
        return unknown(judged.reason)
    if not judged.reached and sourced:
        return unknown("it stands in a function of a file that another script reads")
    told = _told(ctx, script, command, judged)
    piped = told.known.verdict == "swallowed" and told.known.cause == "pipeline"
    return (_beyond_the_pipe(ctx, script, command, reader) if piped else None) or told


def _beyond_the_pipe(
    ctx: Context, script: Script, command: Command, reader: Shell
) -> Fact[Failure] | None:
    """What loses a failure that a pipeline loses, where pipefail alone would not mend it."""
    strict = replace(reader, pipefail=True)
    other = replace(script, id=f"{script.id}|pipefail", reader=strict)
    judged = judge(_followed(ctx, other), _mark(command))
    if judged.verdict != "swallowed":
        return None
    told = _told(ctx, script, command, judged)
    return told if told.known.cause == "script" else None


def _reader_around(ctx: Context, caller: Command) -> Shell | None:
    """The shell that a command stands in, with the options that hold there; None if unclear."""
    script = script_with(ctx, caller)
    paths = paths_of(ctx, script).known if script else None
    path = paths.commands.get(caller.start) if paths else None
    if script is None or paths is None or path is None or caller.embedded:
        return None
    options = options_at(script.reader, path, paths.sets)
    if options.errexit is None or options.pipefail is None:
        return None
    return Shell(script.reader.name, options.errexit, options.pipefail)


def _told(ctx: Context, script: Script, command: Command, judged: Judged) -> Fact[Failure]:
    """The verdict with the places that decide."""
    verdict = judged.verdict or "conditional"
    notes = list(judged.lost)
    cause: Cause = notes[-1].cause if notes else "script"
    if verdict != "fails" and judged.unreached:
        notes.append(_condition(ctx, script, command, reached=judged.reached))
        cause = "script" if verdict == "conditional" else "unreached"
    if verdict != "swallowed":
        notes.append(judged.ended or Note(command.at[0], 0, "its failure is the script's"))
    evidence = tuple(_evidence(script, command, note) for note in notes)
    reason = evidence[-1 if verdict == "fails" else 0].message if evidence else "nothing reads it"
    here = Evidence(command.location, "this command")
    failure = Failure(verdict, cause)
    if verdict != "fails":
        failure = replace(failure, written=judged.written, said=judged.said)
    return known(failure, reason, evidence or (here,))


def _condition(ctx: Context, script: Script, command: Command, *, reached: bool) -> Note:
    """What stands around a command and decides whether it runs."""
    message = "there are runs that pass by it" if reached else "nothing runs it"
    path = paths_of(ctx, script).known.commands.get(command.at[0], ())
    deciding = (shell.If, shell.Case, shell.For, shell.While, shell.AndOr, shell.Function)
    node = next((node for node in reversed(path) if isinstance(node, deciding)), None)
    if node is None:
        return Note(command.at[0], 0, message)
    return Note(node.start, node.end, message)


def _evidence(script: Script, command: Command, note: Note) -> Evidence:
    """A note with its place; within another text the command's own is the best there is."""
    if not note.end and note.start == command.at[0]:
        return Evidence(command.location, note.message)
    place = script.source.first_line(note.start, max(note.end, note.start + 1))
    return Evidence(place, note.message)


def _mark(command: Command) -> Mark:
    return Mark(command.at, len(command.argv))


def _followed(ctx: Context, script: Script) -> Followed:
    return followed_script(ctx, script).known


@fact("script.followed")
def followed_script(ctx: Context, script: Script) -> Fact[Followed]:
    """A script, ready to be followed for any of its commands."""
    if script.tree is None:
        return unknown(script.reason)
    reader = script.reader
    env = Env(
        Text(script.source.text),
        bash=reader.name not in _POSIX,
        errexit=reader.errexit,
        pipefail=reader.pipefail,
        remote=script.remote,
    )
    step = ctx.project.by_id.get(script.step)
    if script.source.location.path == script.path:
        env.arguments = ()  # GitHub gives a script none
        env.unset = own_names(script.tree)
    for pair in step.env if isinstance(step, Step) else ():
        env.unset -= {pair.key.text}
        if "${{" not in pair.value.text:
            env.values[pair.key.text] = value(pair.value.text)
            env.exported.add(pair.key.text)
    own = script.source.location.path == script.path
    fuels = _fuels(ctx, Repository()).known
    shared = fuels.setdefault((script.path, own), Fuel(FUEL if own else FUEL_FOLLOWED))
    return known(Followed(script.tree, env, shared))


@fact("repository.fuel")
def _fuels(ctx: Context, repository: Repository) -> Fact[dict[tuple[str, bool], Fuel]]:
    """By file, apart for what it runs elsewhere: all scripts share what may be spent on them."""
    return known({})


def prevents(ctx: Context, first: Command, second: Command) -> bool | None:
    """Whether the failure of one command keeps a later one of the same step from running."""
    around = {_text_of(ctx, each): each for each in _outwards(ctx, second)}
    for each in _outwards(ctx, first):
        after = around.get(_text_of(ctx, each))
        if after and after.id == each.id:
            return True  # both stand in what it runs, and it stops at the first failure
        script = script_with(ctx, each)
        if script is None or script.tree is None:
            return None
        if after:
            reached = reaches(_followed(ctx, script), _mark(each), _mark(after))
            return None if reached is None else not reached
        verdict = _in_its_text(ctx, each)
        if verdict.state != "known" or verdict.known.verdict == "conditional":
            return None
        way = way_to(ctx, each)
        if verdict.known.verdict == "swallowed" or (way and way.tolerated):
            return False
    return None


def _outwards(ctx: Context, command: Command) -> Iterator[Command]:
    """A command, and those of the texts around that lead to it."""
    yield command
    while way := way_to(ctx, command):
        command = way.caller
        yield command


def _text_of(ctx: Context, command: Command) -> str:
    script = script_with(ctx, command)
    return script.id if script else ""
