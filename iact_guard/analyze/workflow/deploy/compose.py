"""What the services of a compose file run when they start."""

import posixpath
import shlex
from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.dockerfiles import started_by
from iact_guard.load.dockerfile import Startup
from iact_guard.load.yaml_nodes import authored, get, mapping
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.syntax import yaml

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


def services_started(ctx: Context, command: Command) -> Iterator[Startup]:
    """What `docker compose up` starts, by the files of the repository that it reads."""
    named = _services(command)
    for path in _files(ctx, command):
        try:
            documents = yaml.parse(ctx.project.text(path))
        except UnreadableError:
            continue
        for entry in mapping(get(documents[0].root, "services")) if documents else ():
            if entry.key.text in named if named else get(entry.value, "profiles") is None:
                yield from _of_service(ctx, path, entry.value)


def _files(ctx: Context, command: Command) -> list[str]:
    """The files given, each the only one of its name, or the one in the root."""
    files, words = ctx.project.discovery.files, command.words
    given = [b for a, b in pairwise(words) if a in ("-f", "--file")]
    if not given:
        return [name for name in _NAMES if name in files][:1]
    found: list[str] = []
    for each in given:
        name = posixpath.normpath(each).lstrip("/")
        same = [p for p in files if p == name or p.endswith(f"/{posixpath.basename(name)}")]
        exact = [p for p in same if p == name]
        if len(exact or same) != 1:
            return []
        found += exact or same
    return found


def _services(command: Command) -> frozenset[str]:
    words = command.words
    behind = words[words.index("up") + 1 :] if "up" in words else ()
    return frozenset(word for word in behind if word and not word.startswith("-"))


def _of_service(ctx: Context, path: str, service: yaml.Node) -> Iterator[Startup]:
    entry, command = _text(service, "entrypoint"), _text(service, "command")
    made = () if entry else _of_image(ctx, path, service)
    yield from (entry,) if entry else made[:1] if command and len(made) > 1 else made
    yield from (command,) if command else ()


def _text(service: yaml.Node, key: str) -> Startup | None:
    node = get(service, key)
    if node is None:
        return None
    place = Location(node.location.path, node.location.line, 1, node.location.line, 2)
    if isinstance(node, yaml.Sequence):
        words = [text.text for item in node.items if (text := authored(item))]
        return Startup(shlex.join(words).replace("$$", "$"), place)
    text = authored(node)
    return Startup(text.text.replace("$$", "$"), place) if text and text.text else None


def _of_image(ctx: Context, path: str, service: yaml.Node) -> tuple[Startup, ...]:
    build = get(service, "build")
    context = authored(get(build, "context")) or authored(build)
    if context is None:
        return ()
    folder = posixpath.join(posixpath.dirname(path), context.text)
    file, target = authored(get(build, "dockerfile")), authored(get(build, "target"))
    found = posixpath.normpath(posixpath.join(folder, file.text if file else "Dockerfile"))
    return started_by(ctx, found, target.text if target else "")
