"""Files that a command needs by its plain words: scripts, inputs, fixtures, Dockerfiles."""

import posixpath
from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.data.tables import table
from iact_guard.model.command import Command

_FIXTURES = (".json", ".jsonl", ".yaml", ".yml", ".xml")
_PACKED = (".gz", ".zip", ".bz2", ".lzma", ".xz")
_DOCKERFILES = ("-f", "--file")
_GLOBS = frozenset("*?[{")


def needed_files(command: Command) -> Iterator[str]:
    """Paths of files, from where the command works; only what is written out."""
    if None in command.argv:
        return
    if command.tool == "docker":
        yield from _dockerfile(command)
        return
    endings = table("file_options")["plain"].get(command.tool)
    if endings is None:
        return
    for word in _plain(command):
        if word.endswith(tuple(endings)) and not _GLOBS & set(word):
            yield word
            if command.tool in table("file_options")["first"]:
                return  # what follows are arguments of the script


def is_script(path: str) -> bool:
    """Whether a path is that of a script, whose absence from a folder is judged elsewhere."""
    return path.endswith((".py", ".sh", ".js", ".mjs", ".cjs"))


def missing_fixtures(ctx: Context, command: Command) -> Iterator[str]:
    """Names given to Django's `loaddata` that no file of the repository has."""
    if command.tool != "manage.py" or command.words[:1] != ("loaddata",):
        return
    for word in _plain(command):
        name = posixpath.basename(word)
        if word != "loaddata" and word != "-" and name and not _is_fixture(ctx, name):
            yield word


def _is_fixture(ctx: Context, name: str) -> bool:
    stem = name.removesuffix(next((end for end in _PACKED if name.endswith(end)), ""))
    stem = stem.removesuffix(next((end for end in _FIXTURES if stem.endswith(end)), ""))
    found = (path.rpartition("/")[2] for path in ctx.project.discovery.files)
    return any(each.partition(".")[0] == stem or each.startswith(f"{stem}.") for each in found)


def _plain(command: Command) -> Iterator[str]:
    """Words that are no options; what stands behind an option may be its value."""
    behind = False
    for word in command.words:
        if not word.startswith("-") and not behind:
            yield word
        behind = word.startswith("-") and "=" not in word and word not in _FLAGS


_FLAGS = frozenset({"--upgrade", "--quiet", "-q", "-U", "--generate-hashes", "--no-input", "-u"})
"""Options without a value, before the file's name."""


def _dockerfile(command: Command) -> Iterator[str]:
    """The Dockerfile of a folder that is built, where no other is named."""
    words = command.words
    building = words[:1] == ("build",) or words[:2] in (("buildx", "build"), ("image", "build"))
    named = any(word in _DOCKERFILES or word.startswith(("-f=", "--file=")) for word in words)
    if not building or named or len(words) < 2 or words[-1].startswith("-"):
        return
    folder = words[-1]
    if folder == "." or (folder[0] not in "/~-$" and "://" not in folder and "@" not in folder):
        yield posixpath.join(folder, "Dockerfile")
