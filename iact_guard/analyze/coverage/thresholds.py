"""Minimums for coverage: where they stand, how high they are, whether they enforce."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.coverage.arguments import Argv, minimums_in
from iact_guard.analyze.coverage.runs import Call, calls_of_repository
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.data.tables import table
from iact_guard.load.script import argvs
from iact_guard.load.wrappers import tool_of
from iact_guard.model.coverage import CoverageConfig
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository


@dataclass(frozen=True, slots=True)
class Minimum:
    """A threshold, in a file or on a command."""

    family: str
    tool: str
    value: float | None
    """Per cent; None where it is only known when it runs."""
    metric: str
    location: Location
    folder: str | None
    """Of the file that it stands in; None for a command's."""
    enforces: bool | None
    """Whether falling below it fails the step; None where that cannot be told."""
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


@fact("repository.coverage_minimums")
def minimums_of(ctx: Context, repository: Repository) -> Fact[tuple[Minimum, ...]]:
    """Every threshold of the repository: of its files, then of its commands."""
    found: list[Minimum] = []
    files: list[Minimum] = []
    for call in calls_of_repository(ctx, repository).known.found:
        found += _of_call(ctx, call)
    called = {each.location for each in found}  # commands of tox stand in a file, too
    for config in ctx.project.entities("coverage-config"):
        files += (each for each in _of_config(config) if each.location not in called)
    return known((*files, *found))


def _of_config(config: CoverageConfig) -> Iterator[Minimum]:
    service = config.family == "codecov"
    for each in config.thresholds:
        yield Minimum(
            config.family,
            each.tool,
            each.minimum,
            each.metric,
            each.location,
            config.folder,
            None if service else True,
            "nothing proves that its status is required" if service else "",
        )
    if config.options:
        argv: Argv = ("pytest", *config.options.text.split())
        for value, tool, metric in minimums_in(argv):
            place = config.options.location
            yield Minimum("python", tool, value, metric, place, config.folder, True)
    for script in config.scripts if config.family == "python" else ():
        for argv in argvs(script.command.text):
            for value, tool, metric in minimums_in((tool_of(argv[0]) or None, *argv[1:])):
                place = script.command.location
                yield Minimum("python", tool, value, metric, place, config.folder, True)


def _of_call(ctx: Context, call: Call) -> Iterator[Minimum]:
    for value, tool, metric in minimums_in(call.argv):
        enforces, reason, evidence = _enforces(ctx, call)
        yield Minimum(
            _family(tool),
            tool,
            value,
            metric,
            call.command.location,
            None,
            enforces,
            reason,
            (*call.evidence, *evidence),
        )


def _family(tool: str) -> str:
    listed = (row["family"] for row in table("coverage")["threshold"] if row["tool"] == tool)
    return next(listed, "javascript")  # Jest's stands in no row


def _enforces(ctx: Context, call: Call) -> tuple[bool | None, str, tuple[Evidence, ...]]:
    step = ctx.project.by_id[call.command.step]
    tolerant = step.continue_on_error
    if tolerant and tolerant.text.strip().lower() != "false":
        place = Evidence(tolerant.location, "its step may fail")
        return False, "its step may fail", (place,)
    failure = failure_of(ctx, call.command)
    if failure.state != "known":
        return None, failure.reason, ()
    return failure.known.verdict != "swallowed", failure.reason, failure.evidence


def configured_minimums(ctx: Context, tool: str) -> bool:
    """Whether a file sets a minimum that a tool compares with by itself."""
    configs: tuple[CoverageConfig, ...] = ctx.project.entities("coverage-config")
    return any(each.tool == tool and each.minimum != 0 for c in configs for each in c.thresholds)


def configured_in_code(ctx: Context, family: str) -> list[Evidence]:
    """Configurations of a family that are programs: what they set is not known."""
    return [
        Evidence(config.location, f"{config.path} is a program, what it sets is not known")
        for config in ctx.project.entities("coverage-config")
        if config.code and config.family == family
    ]
