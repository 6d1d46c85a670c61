"""Bounds on waiting that are in force before a migration says anything itself.

Settings hand them to the driver (`"OPTIONS": {"options": "-c lock_timeout=2000"}`), jobs to the
client library (`PGOPTIONS`).
"""

import ast
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.matching import matching
from iact_guard.data.tables import rows
from iact_guard.model.authored import Pair
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.source import Kind
from iact_guard.model.workflow import Job
from iact_guard.syntax import python

_OPTION = regex(r"(?:-c\s*|--)(lock[_-]timeout|statement[_-]timeout)\s*=\s*'?(\d+)\s*([a-z]*)")
_UNITS = {"us": 0.001, "ms": 1, "": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_VARIABLE = "PGOPTIONS"


@dataclass(frozen=True, slots=True)
class Bound:
    """`lock_timeout` or `statement_timeout` in milliseconds; 0 is none at all."""

    name: str
    milliseconds: int
    evidence: Evidence


@fact("repository.timeouts")
def timeouts(ctx: Context, repository: Repository) -> Fact[tuple[Bound, ...]]:
    """Those of settings, and those that every job which migrates sets."""
    return known((*_of_settings(ctx), *_of_jobs(ctx)))


def bounds_in(text: str) -> Iterator[tuple[str, int]]:
    """The bounds in options of a connection: `-c lock_timeout=2s`."""
    for match in _OPTION.finditer(text):
        if match[3] in _UNITS:
            yield match[1].replace("-", "_"), int(int(match[2]) * _UNITS[match[3]])


def _of_settings(ctx: Context) -> Iterator[Bound]:
    for path in ctx.project.discovery.paths(Kind.PYTHON):
        try:
            if not ctx.project.mentions(path, "_timeout"):
                continue
            module = python.parse(ctx.project.text(path))
        except UnreadableError:
            continue  # whoever checks such files says so
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name, bound in bounds_in(node.value):
                    evidence = Evidence(module.head(node), f"every connection has {name}={bound}")
                    yield Bound(name, bound, evidence)


def _of_jobs(ctx: Context) -> Iterator[Bound]:
    """What all commands that migrate are given; one without it is one that waits."""
    commands: tuple[Command, ...] = ctx.project.entities("command")
    known = rows("databases", "migrate")
    given = [tuple(_given(ctx, each)) for each in commands if matching(each, known)]
    for bound in given[0] if given else ():
        if all(any(other.name == bound.name for other in others) for others in given):
            yield bound


def _given(ctx: Context, command: Command) -> Iterator[Bound]:
    """What `PGOPTIONS` says for a command: its own, else that of its step, job or workflow."""
    step = ctx.project.by_id[command.step]
    parent = ctx.project.by_id[step.parent]
    around: list[tuple[Pair, ...]] = [step.env]
    if isinstance(parent, Job):
        around += [parent.env, ctx.project.workflow_of(parent).env]
    own = next((value for name, value in command.assigns if name == _VARIABLE), None)
    if own is not None:
        for name, bound in bounds_in(own):
            evidence = Evidence(command.location, f"it migrates with {name}={bound}")
            yield Bound(name, bound, evidence)
        return
    for pairs in around:
        for pair in pairs:
            if pair.key.text == _VARIABLE:
                for name, bound in bounds_in(pair.value.text):
                    text = f"who migrates here has {name}={bound}"
                    yield Bound(name, bound, Evidence(pair.key.location, text))
                return
