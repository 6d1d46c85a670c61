"""Scripts and commands by the step that they belong to."""

from dataclasses import dataclass

from iact_guard.analyze.context import Context, fact
from iact_guard.load.script import Script
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.repository import Repository


@dataclass(frozen=True, slots=True)
class Scripts:
    """Everything that `run:` steps run."""

    by_step: dict[str, Script]
    commands: dict[str, tuple[Command, ...]]
    """By step; in the order of the text, each command followed by those that it runs."""


@fact("repository.scripts")
def scripts_of_repository(ctx: Context, repository: Repository) -> Fact[Scripts]:
    """The scripts of all steps, and their commands."""
    commands: dict[str, list[Command]] = {}
    for command in ctx.project.entities("command"):
        commands.setdefault(command.step, []).append(command)
    return known(
        Scripts(
            {script.step: script for script in ctx.project.entities("script")},
            {step: tuple(found) for step, found in commands.items()},
        )
    )


def script_of(ctx: Context, step: str) -> Script | None:
    """The script of a step, by the step's id."""
    return scripts_of_repository(ctx, Repository()).known.by_step.get(step)


def commands_of(ctx: Context, step: str) -> tuple[Command, ...]:
    """The commands of a step, by the step's id."""
    return scripts_of_repository(ctx, Repository()).known.commands.get(step, ())
