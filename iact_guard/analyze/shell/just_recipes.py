"""What `just` runs for its recipes."""

import posixpath

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.make_targets import Recipe
from iact_guard.analyze.shell.texts import MAX_READ, Called
from iact_guard.load import justfile
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.makefile import Makefile
from iact_guard.model.source import Kind
from iact_guard.model.text_file import TextFile

_FILES = ("justfile", "Justfile", ".justfile")
_VALUES = frozenset({"-f", "--justfile", "-d", "--working-directory", "--shell", "--dotenv-path"})
_NOTHING = frozenset({"--list", "-l", "--summary", "--version", "--fmt", "--dump", "--evaluate"})


def run_by_just(ctx: Context, command: Command, folder: str | None) -> Called | None:
    """The lines of the recipes that a call chooses, what they need first."""
    words = command.beginnings[1:]
    if _NOTHING & set(words):
        return None
    names = [
        word
        for last, word in zip(("", *words), words, strict=False)
        if word[:1] != "-" and last not in _VALUES and "=" not in word
    ]
    what = " ".join(("just", *names[:1]))
    if folder is None or _VALUES & set(words) or "" in names:
        return Called(what, reason="which recipes it runs is only known when it runs")
    path = _found(ctx, folder)
    if path is None:
        return Called(what, reason=f"there is no justfile in {folder or 'the root'}")
    read = justfile_in(ctx, TextFile(f"file:{path}", path, Kind.OTHER))
    if read.state != "known":
        return Called(what, reason=read.reason)
    recipe = Recipe(read.known, posixpath.dirname(path))
    # What follows a recipe may be its arguments, or another recipe.
    first, *rest = names or [read.known.default]
    recipe.make(first)
    for name in rest:
        if read.known.rule(name):
            recipe.make(name)
    return Called(what, tuple(recipe.texts), recipe.reason, 1 + len(recipe.seen))


def _found(ctx: Context, folder: str) -> str | None:
    """The justfile of a folder, or of the nearest one above it."""
    files = ctx.project.discovery.files
    while True:
        paths = (posixpath.join(folder, name) for name in _FILES)
        path = next((path for path in paths if path in files), None)
        if path or not folder:
            return path
        folder = posixpath.dirname(folder)


@fact("file.justfile")
def justfile_in(ctx: Context, file: TextFile) -> Fact[Makefile]:
    """A file as a justfile: rules, as make has them."""
    try:
        text = ctx.project.text(file.path)
    except UnreadableError:
        return unknown(f"{file.path} cannot be read")
    if len(text.text) > MAX_READ:
        return unknown(f"{file.path} has more than {MAX_READ} characters")
    return known(justfile.load(text).entities[0])
