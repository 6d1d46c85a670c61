"""Builds of images, and the Dockerfiles of the repository that they read."""

import posixpath
import re
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import followed_of
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.around import Moment
from iact_guard.data.tables import rows, table
from iact_guard.load.dockerfile import Startup, startups_of
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

_TAG = regex(r"[@:][^/]*$")
_EXPRESSION = regex(r"\$\{\{.*?\}\}")
_PLAIN = regex(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Built:
    """An image that something builds."""

    path: str
    """Of its Dockerfile; empty where the repository does not have it."""
    target: str
    names: frozenset[str]
    """The last parts of its names, without tags, as far as they are written out."""

    @staticmethod
    def name_of(text: str) -> str:
        """`web` of `registry/${{ github.repository }}/web:1.2`; empty where it is not written."""
        name = _TAG.sub("", _EXPRESSION.sub("$", text).strip().strip("'\"").rpartition("/")[2])
        return name if _PLAIN.fullmatch(name) else ""


def started_by(ctx: Context, path: str, target: str) -> tuple[Startup, ...]:
    """What an image runs that a Dockerfile of the repository makes; none where it is not there."""
    if path not in ctx.project.discovery.files:
        return ()
    try:
        return startups_of(ctx.project.text(path), target)
    except UnreadableError:
        return ()


def tokens_of(command: Command) -> list[str]:
    """The words of a command as written, options and values apart, `$` for each expression."""
    return _EXPRESSION.sub("$", command.text).replace("=", " ").split()


def built_by(ctx: Context, moment: Moment) -> Built | None:
    """What a command or an action builds from a Dockerfile."""
    if moment.command:
        return _by_command(ctx, moment.command)
    step = moment.performed.step
    name = parse_use(step.uses).name.lower() if step.uses else ""
    if name not in table("databases")["starts"]["builders"]:
        return None
    inputs = (step.input(key) for key in ("context", "file", "target", "tags"))
    context, file, target, tags = (given.text if given else "" for given in inputs)
    path = file or f"{context or '.'}/Dockerfile"
    return _built(ctx, path, target, re.split(r"[\n,]", tags))


def _by_command(ctx: Context, command: Command) -> Built | None:
    if matching(command, rows("databases", "build")) is None:
        return None
    tokens = tokens_of(command)
    options: dict[str, list[str]] = {}
    for option, after in pairwise(tokens):
        if option.startswith("-"):
            options.setdefault(option, []).append(after)
    folder = followed_of(ctx, ctx.project.by_id[command.step]).known.folders.get(command.id) or ""
    context = command.words[-1] if command.words else "."
    file = next(iter(options.get("-f", options.get("--file", []))), f"{context}/Dockerfile")
    names = [name for key in ("-t", "--tag", "--image") for name in options.get(key, ())]
    target = next(iter(options.get("--target", [])), "")
    return _built(ctx, posixpath.join(folder, file.strip("'\"")), target, names)


def _built(ctx: Context, path: str, target: str, names: list[str]) -> Built:
    path = posixpath.normpath(path)
    found = path if path in ctx.project.discovery.files else ""
    last = (Built.name_of(each) for each in names)
    return Built(found, target, frozenset(name for name in last if name))
