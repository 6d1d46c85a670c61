"""Minimums for coverage that neither an option nor a known configuration sets.

Actions that compare, scripts that compare by themselves, and files that builds read.
"""

import re
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.coverage.thresholds import Minimum
from iact_guard.analyze.shell.followed import all_commands_of, followed_of
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Step

ANY = "any"
"""The family of a minimum that may be meant for the tests of any."""
MAX_FILES = 200
"""Of one family that are looked at for a sign."""
MAX_LINE = 1_000
"""Characters of a line of a script; longer ones compare nothing that people wrote."""
MAX_NAME = 200
"""Characters of a word that is looked at."""
_COMPARES = regex(r"(?i)(?<![a-z])cov\w*.*(\s-(lt|le|gt|ge)\s|[<>]|\bbc\b|awk)")
_TYPES = regex(r"(?i)\b(mypy|type[- ]coverage)\b")
_FAILS = regex(r"\bexit\s+(\$|[1-9])|sys\.exit\(|process\.exit\(|\bfalse\b")
_NAMED = regex(r"(?i)(check|verify|enforce|gate|threshold|min|ratchet)\w*[-_]?cov|cov\w*[-_]?"
                    r"(check|verify|enforce|gate|threshold|min|ratchet)")  # fmt: skip


@fact("repository.other_coverage_minimums")
def other_minimums_of(ctx: Context, repository: Repository) -> Fact[tuple[Minimum, ...]]:
    """Those of steps, then those of files; their height is not read."""
    found: list[Minimum] = []
    for step in ctx.project.entities("step"):
        found += _of_action(step) if step.uses else _of_script(ctx, step)
    return known((*found, *_of_files(ctx)))


def _minimum(
    family: str, tool: str, place: Location, enforces: bool | None, reason: str
) -> Minimum:
    return Minimum(family, tool, None, "total", place, None, enforces, reason)


def _of_action(step: Step) -> Iterator[Minimum]:
    if step.uses is None:
        return
    name = parse_use(step.uses).name.lower()
    other = table("coverage")["other"]
    if name in other["services"]:
        yield _minimum(ANY, name, step.uses.location, None, "what its service asks for is not here")
    wanted = other["actions"].get(name)
    given = [step.input(key) for key in wanted or ()]
    if wanted is not None and (not wanted or any(g and g.text.lower() != "false" for g in given)):
        yield _minimum(ANY, name, step.uses.location, True, "")


def _of_script(ctx: Context, step: Step) -> Iterator[Minimum]:
    programs = table("coverage")["other"]["programs"]
    for command in all_commands_of(ctx, step.id):
        names = (word[:MAX_NAME] for word in command.argv[:3] if word)
        if command.tool in programs or any(_NAMED.search(name) for name in names):
            reason = f"{command.tool or 'it'} may compare the coverage"
            yield _minimum(ANY, command.tool, command.location, None, reason)
        elif "sonar.qualitygate.wait=true" in command.text:
            reason = "what its service asks for is not here"
            yield _minimum(ANY, command.tool, command.location, None, reason)
    script = script_of(ctx, step.id)
    ways = followed_of(ctx, step).known.ways.values()
    for source in (*((script.source,) if script else ()), *(way.script.source for way in ways)):
        if place := _comparison(source):
            for family in _families(source.text):
                yield _minimum(family, "a script", place, True, "")


def _families(text: str) -> list[str]:
    rows = table("coverage")["other"]["families"]
    return [family for family, sign in rows.items() if re.search(sign, text)] or [ANY]


def _comparison(source: Authored) -> Location | None:
    """Where a script compares the coverage by itself, and may fail for it."""
    if "cov" not in source.text.lower() or _TYPES.search(source.text):
        return None
    start = 0
    for line in source.text.splitlines(keepends=True):
        short = len(line) <= MAX_LINE and not line.lstrip().startswith("#")
        if short and _COMPARES.search(line):
            rest = source.text[start:]
            return source.first_line(start, start + len(line)) if _FAILS.search(rest) else None
        start += len(line)
    return None


def _of_files(ctx: Context) -> Iterator[Minimum]:
    for family, (name, sign) in table("coverage")["other"]["signs"].items():
        named, signed = re.compile(name), re.compile(sign)
        paths = [path for path in ctx.project.discovery.files if named.search(path)]
        for path in paths[:MAX_FILES]:
            try:
                text = ctx.project.text(path)
            except UnreadableError:
                continue
            if match := signed.search(text.text):
                place = Location(path, text.text.count("\n", 0, match.start()) + 1)
                reason = f"{path} sets one, and whether the build compares it is not known"
                yield _minimum(family, path, place, None, reason)
