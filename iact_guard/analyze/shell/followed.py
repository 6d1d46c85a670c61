"""What the commands of a step run in the repository: its scripts, targets of make, tox.

Commands that stand there are commands of the step like its own; how the step comes to them, and
what could not be followed, stands beside them.
"""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.called import called_by, may_call
from iact_guard.analyze.shell.scripts import commands_of, paths_of, script_of
from iact_guard.analyze.shell.texts import Text
from iact_guard.load.script import Script, commands
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Action, Job, Step, Workflow
from iact_guard.syntax import shell

MAX_DEPTH = 5
"""Scripts that run scripts."""
MAX_COMMANDS = 1_000
"""Of one step, in the files that it runs."""
MAX_EFFORT = 20_000
"""Commands in files that are followed for all steps of a workflow, again for each step."""
_CHARACTERS = 100
"""That cost as much as a command."""
_TOO_MUCH = "it runs too much to be followed"
_NOT_HERE = frozenset({"ssh", "sshpass", "kubectl", "oc"})
"""What they run lies on another machine."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a step comes to a command that stands in another file."""

    caller: Command
    script: Script
    """The text that the command stands in."""
    links: tuple[Evidence, ...]
    tolerated: bool
    """What runs the text goes on when it fails."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A command that runs something which cannot be followed."""

    command: Command
    what: str
    """`make test`, `scripts/test.sh`."""
    reason: str
    unread: bool = False
    """It is known what it runs, and not all of that is read."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Everything that a step runs."""

    commands: list[Command] = field(default_factory=list)
    """Its own, each followed by those of the files that it runs."""
    folders: dict[str, str | None] = field(default_factory=dict)
    """Where each command works, by its id; None where only a run can tell."""
    ways: dict[str, Way] = field(default_factory=dict)
    """By the id of a command that stands in another file."""
    opaque: list[Opaque] = field(default_factory=list)
    callers: set[str] = field(default_factory=set)
    """The ids of the commands that run what was followed."""


@fact("step.followed")
def followed_of(ctx: Context, step: Step) -> Fact[Followed]:
    """The commands of a step and of the files of the repository that they run."""
    found = _every_step(ctx, ctx.project.file_of(step.id))
    return known(found.known.get(step.id) or Followed())


@fact("file.followed")
def _every_step(ctx: Context, file: Workflow | Action) -> Fact[dict[str, Followed]]:
    """By step of a workflow or action. All at once, since they share a bound on what is read."""
    every: dict[str, Followed] = {}
    effort = 0
    for step in file.steps:
        own = commands_of(ctx, step.id)
        if own and step.id not in every:
            every[step.id] = Followed()
            follower = _Follower(ctx, every[step.id], effort)
            script = script_of(ctx, step.id)
            follower.follow(own, _folder_of(ctx, step), (), follows=not (script and script.remote))
            effort = follower.effort
    return known(every)


def all_commands_of(ctx: Context, step: str) -> tuple[Command, ...]:
    """The commands of a step and of the files that it runs, by the step's id."""
    return tuple(_of(ctx, step).commands)


def way_to(ctx: Context, command: Command) -> Way | None:
    """How its step comes to a command; None for a command of the step's own script."""
    return _of(ctx, command.step).ways.get(command.id)


def script_with(ctx: Context, command: Command) -> Script | None:
    """The script that a command stands in."""
    way = way_to(ctx, command)
    return way.script if way else script_of(ctx, command.step)


def origin_of(ctx: Context, command: Command) -> Command:
    """The command of the step's own script that leads to a command: often itself."""
    while way := way_to(ctx, command):
        command = way.caller
    return command


def links_to(ctx: Context, command: Command) -> tuple[Evidence, ...]:
    """The places between a step and a command that stands in another file."""
    way = way_to(ctx, command)
    if way is None or way.links[-1].location == command.location:
        return way.links if way else ()
    return (*way.links, Evidence(command.location, "this command"))


def is_followed(ctx: Context, command: Command) -> bool:
    """Whether all that a command does is known, from the files of the repository that it runs."""
    found = _of(ctx, command.step)
    hidden = any(each.command.id == command.id for each in found.opaque)
    return not hidden and command.id in found.callers


def words_of(ctx: Context, command: Command) -> tuple[shell.Word, ...]:
    """The words of a command as its script has them; none where another shell reads it."""
    script = script_with(ctx, command)
    path = paths_of(ctx, script).known.commands.get(command.start) if script else None
    node = path[-1] if path else None
    if command.embedded or not isinstance(node, shell.Command):
        return ()
    return node.words[len(node.words) - len(command.argv) :]


def _of(ctx: Context, step: str) -> Followed:
    return followed_of(ctx, ctx.project.by_id[step]).known


def _folder_of(ctx: Context, step: Step) -> str | None:
    owner = ctx.project.by_id[step.parent]
    chosen = step.working_directory
    if chosen is None and isinstance(owner, Job):
        chosen = owner.working_directory or ctx.project.workflow_of(owner).working_directory
    return normal(chosen.text if chosen else "")


def normal(folder: str | None) -> str | None:
    """A folder without detours, empty for the root; None where only a run can tell."""
    if folder is None or "$" in folder or len(folder) > 1_000:
        return None
    found = posixpath.normpath(folder)
    return "" if found == "." else found


@dataclass(slots=True)
class _Follower:
    ctx: Context
    found: Followed
    effort: int
    """What it took for all steps of the workflow so far, in commands."""

    def follow(
        self,
        commands: Iterable[Command],
        folder: str | None,
        names: tuple[str, ...],
        links: tuple[Evidence, ...] = (),
        *,
        follows: bool = True,
    ) -> None:
        """Add commands, and what they run; `names` are the texts that they stand in."""
        around = {command.id: command for command in commands}
        for command in around.values():
            self.found.commands.append(command)
            self.found.folders[command.id] = normal(folder)
            if follows and not _elsewhere(command, around):
                self.of_command(command, normal(folder), around, names, links)
            elif self.is_own(command):
                self.of_command(command, "", around, names, links)
            if command.tool in ("cd", "pushd"):
                target = command.words[0] if command.words else ""
                folder = posixpath.join(folder, target) if folder is not None and target else None

    def is_own(self, command: Command) -> bool:
        """Whether another machine runs a script by a path that the repository has, too."""
        program = command.argv[0] or ""
        path = normal(program) if "/" in program and program[0] not in "/~" else None
        return path in self.ctx.project.discovery.files

    def of_command(
        self,
        command: Command,
        folder: str | None,
        around: dict[str, Command],
        names: tuple[str, ...],
        links: tuple[Evidence, ...],
    ) -> None:
        if not command.tool and names:
            reason = "it runs a program that is only known when it runs"
            self.found.opaque.append(Opaque(command, names[-1], reason))
            return
        if self.effort > MAX_EFFORT and may_call(command, around.get(command.outer)):
            self.found.opaque.append(Opaque(command, command.tool, _TOO_MUCH, unread=True))
            return
        called = called_by(self.ctx, command, folder, around.get(command.outer))
        if called is None:
            return
        self.effort += 1 + called.cost // _CHARACTERS
        for text in called.texts:
            if text.name in names:
                called = replace(called, reason=f"{text.name} runs itself")
                break
            if self.too_much(text, names):
                self.found.opaque.append(Opaque(command, called.what, _TOO_MUCH, unread=True))
                return
            self.of_text(command, text, names, links)
        if called.reason:
            self.found.opaque.append(Opaque(command, called.what, called.reason))

    def too_much(self, text: Text, names: tuple[str, ...]) -> bool:
        length = len(text.source.text)
        self.effort += length // _CHARACTERS if length <= shell.MAX_LENGTH else 0
        many = len(self.found.commands) > MAX_COMMANDS or self.effort > MAX_EFFORT
        return many or len(names) >= MAX_DEPTH

    def of_text(
        self, command: Command, text: Text, names: tuple[str, ...], links: tuple[Evidence, ...]
    ) -> None:
        links = (*links, text.link)
        script = Script(
            id=f"{command.id.replace('command:', 'script:', 1)}>{len(self.found.commands)}",
            path=command.path,
            location=text.source.location,
            step=command.step,
            source=text.source,
            reader=text.reader,
            tree=text.tree,
        )
        if script.tree is not None and script.tree.unparsed:
            why = script.tree.unparsed.reason
            reason = f"a part of {text.link.location.path} is not read: {why}"
            self.found.opaque.append(Opaque(command, text.name, reason, unread=True))
        inner = [
            each if each.outer else replace(each, outer=command.id) for each in commands([script])
        ]
        self.effort += len(inner)
        way = Way(command, script, links, text.tolerated)
        self.found.callers.add(command.id)
        self.found.ways.update((each.id, way) for each in inner)
        self.follow(inner, text.folder, (*names, text.name), links)


def _elsewhere(command: Command, around: dict[str, Command]) -> bool:
    """Whether another machine runs it, by the commands around it."""
    return any(each.tool in _NOT_HERE for each in _outwards(command, around))


def _outwards(command: Command, around: dict[str, Command]) -> Iterator[Command]:
    outer = around.get(command.outer)
    while outer:
        yield outer
        outer = around.get(outer.outer)


def outer_of(command: Command, everything: Sequence[Command]) -> list[Command]:
    """The commands among all of a step that run a command, over any number of others."""
    by_id = {each.id: each for each in everything} if command.outer else {}
    found: dict[str, Command] = {}
    each = by_id.get(command.outer)
    while each and each.id not in found:
        found[each.id] = each
        each = by_id.get(each.outer)
    return list(found.values())
