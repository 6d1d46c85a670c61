"""Which commands run tests, and whether they measure coverage."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.coverage.arguments import Argv, runs
from iact_guard.analyze.shell.followed import (
    Opaque,
    followed_of,
    links_to,
    origin_of,
    way_to,
    words_of,
)
from iact_guard.analyze.shell.unread import unread_of
from iact_guard.data.tables import rows, table
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Step
from iact_guard.syntax import shell

_MEASURING = frozenset({"coverage", "coverage3", "nyc", "c8"})
_OF_THE_WHOLE = frozenset({"tests", "test", ".", "src", "./tests", "./test", "run", "--"})
_ARGUMENTS = frozenset({"@", "*"})
_WORD = regex(r"[a-z]+")
_PYTHON = regex(r"\b(py|pypy|python)\d*")
_OPEN = "an argument that is only known when it runs may select tests, or set a threshold"
_SHARD = "it runs a part of the suite, and where the parts come together is not known"


@dataclass(frozen=True, slots=True)
class Call:
    """A command of a step, or one that stands in a file which it runs."""

    command: Command
    argv: Argv
    """The program's name first, without folder."""
    here: Location
    """In the step that leads to it."""
    evidence: tuple[Evidence, ...] = ()
    """The way from the step to the command."""
    measured: bool = False
    """A command around it measures coverage."""
    folder: str | None = None
    """Where it runs; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What looks like a run of tests, and could not be followed."""

    family: str
    """Empty where it may be any."""
    what: str
    """What runs them; empty for a part of a script that may run anything."""
    reason: str
    location: Location
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Calls:
    """Everything that workflows call, as far as tests and coverage go."""

    found: tuple[Call, ...]
    hidden: tuple[Hidden, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A call that runs tests."""

    family: str
    call: Call
    measures: bool
    whole: bool
    """It runs the whole suite, or may do so."""
    unclear: str = ""
    """Why it cannot be told what it runs."""


@fact("repository.test_calls")
def calls_of_repository(ctx: Context, repository: Repository) -> Fact[Calls]:
    """The commands of all workflows that matter, what they run in the repository followed."""
    calls: list[Call] = []
    hidden: list[Hidden] = []
    wanted = {*rows("coverage", "runner"), *rows("coverage", "threshold")}
    for step in _steps(ctx):
        followed = followed_of(ctx, step).known
        around = {command.id: command for command in followed.commands}
        for command in followed.commands:
            folder = followed.folders[command.id]
            # What lies in a folder that is not here belongs to another repository.
            if command.tool in wanted and (folder is None or ctx.project.exists(folder)):
                measured = _measured(command, around)
                here, links = origin_of(ctx, command).location, links_to(ctx, command)
                argv = _argv(ctx, command)
                calls.append(Call(command, argv, here, links, measured, folder))
        named = (each for each in followed.opaque if not each.unread)
        hidden += (_hidden(ctx, each) for each in named if _looks_like_tests(each.what))
        for unread in unread_of(ctx, step).known:
            hidden.append(Hidden("", "", unread.reason, unread.location, unread.evidence))
    return known(Calls(tuple(calls), tuple(hidden)))


def _steps(ctx: Context) -> Iterator[Step]:
    for job in ctx.project.entities("job"):
        yield from job.steps
    for action in ctx.project.actions:
        yield from action.steps


def _measured(command: Command, commands: Mapping[str, Command]) -> bool:
    """Whether one of the commands around it measures coverage."""
    around = commands.get(command.outer)
    while around:
        if around.tool in _MEASURING:
            return True
        around = commands.get(around.outer)
    return False


def _hidden(ctx: Context, opaque: Opaque) -> Hidden:
    family = table("coverage")["names"]["families"].get(opaque.what.split()[0], "")
    links = links_to(ctx, opaque.command)
    here = origin_of(ctx, opaque.command).location
    return Hidden(family, opaque.what, opaque.reason, here, links)


def _looks_like_tests(what: str) -> bool:
    """Whether the name of a target, a script or an environment speaks of tests."""
    program, *rest = what.split()
    names = table("coverage")["names"]
    if not rest and program in names["bare"]:
        return True
    file = program.rpartition("/")[2].partition(".")[0] if {"/", "."} & set(program) else ""
    words = _WORD.findall(" ".join((file, *rest)).lower())
    if program == "tox" and _PYTHON.search(what):
        return True
    exact = program == "make" and any(target in names["targets"] for target in rest)
    return exact or any(word in names["tests"] for word in words)


@fact("repository.test_runs")
def runs_of_repository(ctx: Context, repository: Repository) -> Fact[tuple[Run, ...]]:
    """Every call that runs tests, in order."""
    found = []
    runners = rows("coverage", "runner")
    measuring = _measuring_folders(ctx)
    for call in calls_of_repository(ctx, repository).known.found:
        possible = runners.get(call.argv[0] or "", ())
        row = next((r for r in possible if runs(call.argv, r["words"])), None)
        if row is None or "--help" in call.argv:
            continue
        options = [word for word in call.argv if word]
        measures = call.measured or any(
            word.split("=")[0].startswith(option) for word in options for option in row["measures"]
        )
        measures |= row["words"] == "pytest" and _is_within(call.folder, measuring)
        whole, unclear = _whole(call, row)
        found.append(Run(row["family"], call, measures, whole, unclear))
    return known(tuple(found))


def _measuring_folders(ctx: Context) -> tuple[str, ...]:
    """Where the configuration of pytest measures on every run."""
    return tuple(
        config.folder
        for config in ctx.project.entities("coverage-config")
        if config.options and any(word.startswith("--cov") for word in config.options.text.split())
    )


def _is_within(folder: str | None, others: Iterable[str]) -> bool:
    """Whether a folder is one of others, or lies in one."""
    return folder is not None and any(
        not other or f"{folder}/".startswith(f"{other}/") for other in others
    )


def _whole(call: Call, row: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether it runs all tests: no selection, no path within the suite; or what is not known."""
    words = call.argv[len(row["words"].split()) :]
    given = {word.split("=")[0] for word in words if word}
    if given & set(row["selects"]):
        return False, ""
    unclear = _SHARD if given & set(row.get("shards", ())) else ""
    last, whole = "", {*_OF_THE_WHOLE, *row.get("whole", ()), *row["words"].split()}
    for word in words:
        if last not in row["values"]:
            if word is None:
                unclear = unclear or _OPEN
            elif not word.startswith(("-", "/p:")) and not _is_whole(word, whole):
                return False, ""
        last = word or ""
    return True, unclear


def _is_whole(word: str, whole: set[str]) -> bool:
    return word.rstrip("/") in whole or word.endswith((".sln", ".slnx"))


def _argv(ctx: Context, command: Command) -> Argv:
    """The words of a command; `$@` in a script is what its caller gives."""
    words: list[str | None] = [command.tool or None]
    way = way_to(ctx, command)
    exact = words_of(ctx, command) if way and None in command.argv else ()
    for index, begun in enumerate(command.beginnings[1:], 1):
        parts = exact[index].parts if exact else ()
        variable = parts[0] if len(parts) == 1 else None
        if way and isinstance(variable, shell.Variable) and variable.name in _ARGUMENTS:
            words += [word or None for word in way.caller.beginnings[1:]]
        elif begun or command.argv[index] is None:
            words.append(begun or None)
    return tuple(words)
