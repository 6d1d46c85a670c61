"""Migrations that come with what is deployed: it runs them when it starts, or is released."""

import json
import posixpath
import shlex
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.analyze.workflow.around import index_of, moments_before
from iact_guard.analyze.workflow.deploy.compose import services_started
from iact_guard.analyze.workflow.deploy.deployments import Deployment
from iact_guard.analyze.workflow.deploy.dockerfiles import Built, built_by, started_by, tokens_of
from iact_guard.data.tables import rows, table
from iact_guard.load.dockerfile import Startup
from iact_guard.load.script import Script, Shell, commands
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Evidence, Location
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job
from iact_guard.syntax import shell

MAX_DEPTH = 3
"""Scripts that run scripts."""
_RELEASE = regex(r"release:\s*(.+)")
_OF_SHELL = regex(r"-[a-z]*c")
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
_TESTS = frozenset({"[", "[[", "test"})


def migrated_on_start(ctx: Context, job: Job, deployment: Deployment) -> tuple[Evidence, ...]:
    """The places between a deployment and the migration that it brings; none without one."""
    for start in _starts(ctx, job, deployment):
        found = _in_text(ctx, start.text, start.location, MAX_DEPTH)
        if found:
            return (Evidence(start.location, "what is deployed runs this when it starts"), *found)
    return ()


def _starts(ctx: Context, job: Job, deployment: Deployment) -> Iterator[Startup]:
    command = deployment.command
    kinds = table("databases")["starts"]
    yield from _released(ctx, deployment)
    if command and deployment.what in kinds["compose"]:
        yield from services_started(ctx, command)
    if deployment.what in kinds["images"]:
        if command and any(option in command.words for option in kinds["overrides"]):
            return
        for path, target in _dockerfiles(ctx, job, deployment):
            yield from started_by(ctx, path, target)


def _dockerfiles(ctx: Context, job: Job, deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """The Dockerfile, and its target, of the image that is deployed, where its chain builds it."""
    index = index_of(ctx, job, deployment.performed, deployment.command)
    moments = moments_before(ctx, job, index)
    built = [found for each in moments if (found := built_by(ctx, each))]
    names = _image_names(deployment)
    same = {(each.path, each.target) for each in built if not names.isdisjoint(each.names)}
    if not same and not names and all(each.path for each in built):
        same = {(each.path, each.target) for each in built}
    return tuple(same) if len(same) == 1 and all(path for path, _ in same) else ()


def _image_names(deployment: Deployment) -> frozenset[str]:
    """The last names of all that may be the image; none where a variable holds it."""
    step, command = deployment.performed.step, deployment.command
    words = table("databases")["starts"]["options"]
    texts: list[str] = []
    if command:
        tokens = tokens_of(command)
        texts = [after for option, after in pairwise(tokens) if option in words]
        if command.words[:1] == ("run",):
            texts = [token for token in tokens if "/" in token or ":" in token]
    else:
        texts = [given.text for name in ("images", "image") if (given := step.input(name))]
    found = (Built.name_of(text) for text in texts)
    return frozenset(name for name in found if name)


def _released(ctx: Context, deployment: Deployment) -> Iterator[Startup]:
    """What the platform runs before the new version, by the platform's file in the root."""
    for row in table("databases")["release"]:
        path = row["file"]
        if deployment.what not in row["of"] or path not in ctx.project.discovery.files:
            continue
        try:
            text = ctx.project.text(path).text
        except UnreadableError:
            continue
        wanted = _RELEASE.match if path == "Procfile" else None
        said = "" if wanted else _value(text, path, row["key"])
        for number, line in enumerate(text.splitlines(), start=1):
            place = Location(path, number, 1, number, 2)
            if wanted and (match := wanted(line)):
                yield Startup(match[1], place)
            elif said and row["key"][-1] in line:
                yield Startup(said, place)


def _value(text: str, path: str, keys: list[str]) -> str:
    try:
        found: Any = json.loads(text) if path.endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError):
        return ""
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if isinstance(found, list):
        found = " && ".join(str(each) for each in found)
    return found if isinstance(found, str) else ""


def _in_text(ctx: Context, text: str, place: Location, depth: int) -> tuple[Evidence, ...]:
    """How a text of a shell comes to a migration, in every run of it."""
    text = _behind_shell(text)
    source = Authored(text, place, lambda start, end: place)
    return _in_script(ctx, f"script:{place.path}:{place.line}:{text}", source, depth)


def _behind_shell(text: str) -> str:
    """`TEXT` of `sh -c TEXT`; anything else as it is."""
    try:
        words = shlex.split(text)
    except ValueError:
        return text
    if len(words) > 2 and posixpath.basename(words[0]) in _SHELLS and _OF_SHELL.fullmatch(words[1]):
        return words[2]
    return text


def _in_file(ctx: Context, path: str, depth: int) -> tuple[Evidence, ...]:
    try:
        text = ctx.project.text(path)
    except UnreadableError:
        return ()
    source = Authored(text.text, Location(path), text.location)
    return _in_script(ctx, f"script:{path}", source, depth)


def _in_script(ctx: Context, id: str, source: Authored, depth: int) -> tuple[Evidence, ...]:
    if len(source.text) > shell.MAX_LENGTH:
        return ()
    path = source.location.path
    tree, reader = shell.parse(source.text), Shell("sh", errexit=False)
    script = Script(id, path, source.location, "", source, reader, tree)
    paths = paths_of(ctx, script).known.commands
    for command in commands([script]):
        if command.embedded or not _always(paths.get(command.start, ()), command):
            continue
        if row := matching(command, rows("databases", "migrate")):
            return (Evidence(command.location, f"`{row['words']}` migrates the database"),)
        file = _file(ctx, command) if depth else ""
        if file and file != path and (found := _in_file(ctx, file, depth - 1)):
            return (Evidence(command.location, f"it runs {file}"), *found)
    return ()


def _always(path: tuple[shell.Node, ...], command: Command) -> bool:
    """Whether nothing around a command decides whether it runs: no branch, no switch."""
    for node in path:
        if isinstance(node, shell.If):
            condition = node.branches[0][0]
            if not condition.start <= command.start < condition.end:
                return False
        elif isinstance(node, shell.AndOr):
            if not _passes(node, command.start):
                return False
        elif isinstance(node, shell.Case | shell.Function | shell.For):
            return False
    return True


def _passes(node: shell.AndOr, start: int) -> bool:
    """Whether a list comes to the command at an offset where all before it works."""
    index = next(i for i, each in enumerate(node.items) if start < each.end)
    if "||" in node.operators[:index]:
        return False
    for each in node.items[:index]:
        argv = each.argv if isinstance(each, shell.Command) else ()
        if isinstance(each, shell.Conditional) or (argv[:1] or ("",))[0] in _TESTS:
            return False
    return True


def _file(ctx: Context, command: Command) -> str:
    """The only script of the repository with the name that is run; empty without one."""
    program = command.argv[0] or ""
    name = posixpath.basename(program)
    if not name.endswith((".sh", ".bash")) and "entrypoint" not in name:
        return ""
    files = ctx.project.discovery.files
    found = [each for each in files if each == name or each.endswith(f"/{name}")]
    inner = program.removeprefix("./").lstrip("/")
    exact = [each for each in found if each == inner]
    return (exact or found)[0] if len(exact or found) == 1 else ""
