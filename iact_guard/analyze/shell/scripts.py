"""Scripts and commands by the step that they belong to."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.options import Path
from iact_guard.load.script import Script, commands
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Action, Workflow
from iact_guard.syntax import shell


@dataclass(frozen=True, slots=True)
class Scripts:
    """Everything that the `run:` steps of a file run."""

    by_step: dict[str, Script]
    commands: dict[str, tuple[Command, ...]]
    """By step; in the order of the text, each command followed by those that it runs."""


@fact("file.scripts")
def scripts_of(ctx: Context, file: Workflow | Action) -> Fact[Scripts]:
    """The scripts of all steps of a workflow or action, and their commands."""
    scripts = ctx.project.scripts(file.path)
    found: dict[str, list[Command]] = {}
    for command in commands(scripts):
        found.setdefault(command.step, []).append(command)
    return known(
        Scripts(
            {script.step: script for script in scripts},
            {step: tuple(own) for step, own in found.items()},
        )
    )


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the commands of a script stand in its tree."""

    commands: dict[int, Path]
    """By the offset of each simple command."""
    sets: tuple[Path, ...]
    """To every `set`, in order."""


@fact("script.paths")
def paths_of(ctx: Context, script: Script) -> Fact[Paths]:
    """The way from the script's body to each simple command."""
    found: dict[int, Path] = {}
    pending: list[Path] = [(script.tree.body,)] if script.tree else []
    while pending:
        path = pending.pop()
        if isinstance(path[-1], shell.Command):
            found[path[-1].start] = path
        pending.extend((*path, inner) for inner in shell.nodes_in(path[-1]))
    sets = [p for _, p in sorted(found.items()) if _sets(p[-1])]
    return known(Paths(found, tuple(sets)))


def _sets(node: shell.Node) -> bool:
    return isinstance(node, shell.Command) and node.argv[:1] == ("set",)


def script_of(ctx: Context, step: str) -> Script | None:
    """The script of a step, by the step's id."""
    return scripts_of(ctx, ctx.project.file_of(step)).known.by_step.get(step)


def commands_of(ctx: Context, step: str) -> tuple[Command, ...]:
    """The commands of a step, by the step's id."""
    return scripts_of(ctx, ctx.project.file_of(step)).known.commands.get(step, ())
