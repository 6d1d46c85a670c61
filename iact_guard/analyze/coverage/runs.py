"""Which commands run tests, and whether they measure coverage."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.coverage.arguments import Argv, runs
from iact_guard.analyze.shell.scripts import commands_of
from iact_guard.data.tables import table
from iact_guard.load.script import argvs
from iact_guard.load.wrappers import tool_of
from iact_guard.model.command import Command
from iact_guard.model.coverage import CoverageConfig
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Step

_PACKAGE_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
_OF_THE_WHOLE = frozenset({"tests", "test", ".", "src", "./tests", "./test", "run", "--"})


@dataclass(frozen=True, slots=True)
class Call:
    """A command of a step, or one of a package's script that it runs."""

    command: Command
    argv: Argv
    """The program's name first, without folder."""
    evidence: tuple[Evidence, ...] = ()
    """The script that it stands in."""


@dataclass(frozen=True, slots=True)
class Run:
    """A call that runs tests."""

    family: str
    call: Call
    measures: bool
    whole: bool
    """It runs the whole suite."""


@fact("repository.test_calls")
def calls_of_repository(ctx: Context, repository: Repository) -> Fact[tuple[Call, ...]]:
    """The commands of all workflows, scripts of `package.json` followed."""
    found: list[Call] = []
    for job in ctx.project.entities("job"):
        for step in job.steps:
            for command, folder in _placed(ctx, job, step):
                # What lies in a folder that is not here belongs to another repository.
                if folder is None or ctx.project.exists(folder):
                    found += _calls(ctx, command, folder)
    for action in ctx.project.actions:
        for step in action.steps:
            for command in commands_of(ctx, step.id):
                found += _calls(ctx, command, None)
    return known(tuple(found))


@fact("repository.test_runs")
def runs_of_repository(ctx: Context, repository: Repository) -> Fact[tuple[Run, ...]]:
    """Every call that runs tests, in order."""
    found = []
    calls = calls_of_repository(ctx, repository).known
    wrapped = {call.command.outer for call in calls if call.command.outer}
    measuring = {
        call.command.id
        for call in calls
        if call.command.id in wrapped and call.argv[0] in ("coverage", "coverage3", "nyc", "c8")
    }
    commands = {call.command.id: call.command for call in calls}
    every_run = _measured_by_options(ctx)
    for call in calls:
        row = next((r for r in table("coverage")["runner"] if runs(call.argv, r["words"])), None)
        if row is None or "--help" in call.argv:
            continue
        options = [word for word in call.argv if word]
        measures = _within(call.command, measuring, commands) or any(
            word.split("=")[0].startswith(option) for word in options for option in row["measures"]
        )
        measures |= row["words"] == "pytest" and every_run
        found.append(Run(row["family"], call, measures, _whole(call, row)))
    return known(tuple(found))


def _measured_by_options(ctx: Context) -> bool:
    """Whether the configuration of pytest measures on every run."""
    options = (c.options for c in ctx.project.entities("coverage-config") if c.options)
    return any(word.startswith("--cov") for text in options for word in text.text.split())


def _within(command: Command, wanted: set[str], commands: Mapping[str, Command]) -> bool:
    """Whether one of the commands around it is wanted."""
    around: Command | None = command
    while around:
        if around.id in wanted:
            return True
        around = commands.get(around.outer)
    return False


def _whole(call: Call, row: Mapping[str, Any]) -> bool:
    """Whether it runs all tests: no selection, no path within the suite."""
    begun = zip(call.command.argv, call.command.beginnings, strict=True)
    if any(word is None and not start.startswith("-") for word, start in begun):
        return False
    words = call.argv[len(row["words"].split()) :]
    if any(word and word.split("=")[0] in row["selects"] for word in words):
        return False
    last = ""
    for word in words:
        text = word or ""
        positional = not text.startswith("-") and last not in row["values"]
        if positional and text.rstrip("/") not in _OF_THE_WHOLE:
            return False
        last = text
    return True


def _calls(ctx: Context, command: Command, folder: str | None) -> Iterator[Call]:
    yield Call(command, (command.tool or None, *(w or None for w in command.beginnings[1:])))
    if command.tool not in _PACKAGE_MANAGERS:
        return
    name, extra = _package_script(command.argv)
    config, text = _script(ctx, folder, name) if name else (None, None)
    if config is None or text is None:
        return
    link = Evidence(text.location, f"the script `{name}` of {config.path}")
    listed = list(argvs(text.text))
    for index, argv in enumerate(listed):
        arguments = (*argv, *extra) if index + 1 == len(listed) or _wraps(argv, listed) else argv
        yield Call(command, (tool_of(argv[0]) or None, *arguments[1:]), (link,))


def _wraps(argv: Argv, listed: list[Argv]) -> bool:
    return len(argv) > len(listed[-1]) and argv[-len(listed[-1]) :] == listed[-1]


def _package_script(argv: Argv) -> tuple[str, Argv]:
    """The script that a package manager runs, and the arguments that it gets."""
    words = list(argv[1:])
    while words and words[0] is not None and words[0].startswith("-"):
        words.pop(0)
    if not words:
        return "", ()
    name = words.pop(0)
    if name in ("run", "run-script") and words:
        name = words.pop(0)
    if name == "t":
        name = "test"
    return name or "", tuple(word for word in words if word != "--")


def _script(ctx: Context, folder: str | None, name: str) -> tuple[CoverageConfig | None, Any]:
    """The script of that name: of the folder's package, or of the only one that has it."""
    configs: list[CoverageConfig] = [
        config
        for config in ctx.project.entities("coverage-config")
        if config.path.endswith("package.json")
        and any(script.name == name for script in config.scripts)
    ]
    here = [config for config in configs if config.folder == folder]
    if not here and len(configs) == 1:
        here = configs
    if not here:
        return None, None
    return here[0], next(s.command for s in here[0].scripts if s.name == name)


def _placed(ctx: Context, job: Job, step: Step) -> Iterator[tuple[Command, str | None]]:
    """The commands of a step, and the folder of each; None where only a run can tell."""
    default = job.working_directory or ctx.project.workflow_of(job).working_directory
    chosen = step.working_directory or default
    folder: str | None = chosen.text if chosen else ""
    for command in commands_of(ctx, step.id):
        yield command, _normal(folder)
        if command.tool in ("cd", "pushd"):
            target = command.words[0] if command.words else ""
            folder = posixpath.join(folder, target) if folder is not None and target else None


def _normal(folder: str | None) -> str | None:
    if folder is None or "$" in folder or len(folder) > 1_000:
        return None
    normal = posixpath.normpath(folder)
    return "" if normal == "." else normal
