"""Which text of the repository a command runs: a script, a recipe of make, a line of tox."""

import posixpath
from collections.abc import Callable

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.just_recipes import run_by_just
from iact_guard.analyze.shell.make_targets import made_by
from iact_guard.analyze.shell.package_scripts import run_by_manager, run_by_runner
from iact_guard.analyze.shell.python_tasks import run_by_invoke, run_by_nox, run_by_task
from iact_guard.analyze.shell.texts import Called, Text
from iact_guard.analyze.shell.tox_environments import run_by_tox
from iact_guard.load.script import Shell
from iact_guard.load.wrappers import tool_of
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence, Location
from iact_guard.model.regex import regex
from iact_guard.model.source import Kind
from iact_guard.model.text_file import TextFile
from iact_guard.syntax import shell

_SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh"})
_SOURCES = frozenset({".", "source"})
_SHEBANG = regex(r"#!\s*(?:\S*/env\s+(?:-S\s+)?)?(\S+)(.*)")
_EXTENSIONS = (".sh", ".bash")
_LAUNCHERS = frozenset({"mvnw", "gradlew"})
"""Scripts that only download and start a program of that name."""
_RUNNERS = frozenset({"rake", "earthly", "doit", "pants", "bazel", "dagger", "act", "turbo",
                      "lerna", "nx", "hatch", "poe", "task", "taskipy", "just"})  # fmt: skip
"""Programs that run what their own file says, in a language that is not read here."""


def called_by(
    ctx: Context, command: Command, folder: str | None, outer: Command | None
) -> Called | None:
    """What a command runs in the repository; None where it runs nothing there."""
    reader = _READERS.get(command.tool)
    found = reader(ctx, command, folder) if reader else None
    if found or (reader and command.tool not in _RUNNERS):
        return found
    if command.tool in _RUNNERS:
        words = " ".join((command.tool, *command.beginnings[1:3])).strip()
        return Called(words, reason=f"what {command.tool} runs is not read")
    return _file(ctx, command, folder, outer)


def may_call(command: Command, outer: Command | None) -> bool:
    """Whether a command may run something in the repository, by its name alone."""
    named = command.tool in _READERS or command.tool in _RUNNERS or command.tool in _SOURCES
    runs = outer is not None and outer.tool in (*_SHELLS, "python")
    return named or runs or "/" in (command.argv[0] or "") or command.tool.endswith(_EXTENSIONS)


def _file(
    ctx: Context, command: Command, folder: str | None, outer: Command | None
) -> Called | None:
    sourced = command.tool in _SOURCES
    runner = outer if outer and outer.tool in _SHELLS and not command.embedded else None
    word = (command.argv[1:2] if sourced else command.argv[:1] or (None,)) or (None,)
    path = word[0]
    script = command.tool.endswith(_EXTENSIONS)
    python = bool(outer and outer.tool == "python" and path and path.endswith(".py"))
    if path is None:
        reason = "where it lies is only known when it runs"
        return Called(command.tool, reason=reason) if script else None
    if not (sourced or runner or python or "/" in path) or path.startswith("/"):
        return None
    if command.tool in _LAUNCHERS:
        return None
    if folder is None:
        reason = "the folder that it is run in is only known when it runs"
        return Called(path, reason=reason) if script else None
    found = posixpath.normpath(posixpath.join(folder, path))
    if found not in ctx.project.discovery.files:
        missing = script and ctx.project.exists(folder)
        return Called(path, reason="it is not in the repository") if missing else None
    if found.endswith(".py"):
        program = found.rpartition("/")[2] not in ("manage.py", "setup.py")
        return Called(found, reason="a program in Python is not followed") if program else None
    file = script_in(ctx, TextFile(f"file:{found}", found, Kind.OTHER))
    if file.state != "known":
        return Called(found, reason=file.reason)
    reader, source, tree = file.known
    if reader is None and not (sourced or runner):
        return Called(found, reason="it is no script of a shell")
    chosen = reader or Shell(runner.tool if runner else "bash", errexit=False)
    if runner:
        flags = [word for word in runner.words if word.startswith("-") and "c" not in word]
        chosen = Shell(runner.tool, any("e" in w for w in flags), "pipefail" in runner.words)
    link = Evidence(Location(found, 1, 1, 1, 2), f"{found} is run")
    return Called(found, (Text(found, source, tree, chosen, link, folder),))


@fact("file.script")
def script_in(ctx: Context, file: TextFile) -> Fact[tuple[Shell | None, Authored, shell.Script]]:
    """A file as a script: the shell that its first line names (None without), text and tree."""
    try:
        text = ctx.project.text(file.path)
    except UnreadableError:
        return unknown("it cannot be read")
    match = _SHEBANG.match(text.line(1))
    named = tool_of(match[1]) if match else ""
    if match and named not in _SHELLS:
        return unknown(f"it is no script of a shell, but of {named}")
    options = match[2].split() if match else []
    chosen = Shell(named, any("e" in word for word in options), "pipefail" in options)
    own = bool(match) or file.path.endswith(_EXTENSIONS)
    source = Authored(text.text, Location(file.path), text.location)
    return known((chosen if match else Shell("sh", errexit=False) if own else None,
                  source, shell.parse(text.text)))  # fmt: skip


_READERS: dict[str, Callable[[Context, Command, str | None], Called | None]] = {
    "make": made_by,
    "gmake": made_by,
    "tox": run_by_tox,
    "nox": run_by_nox,
    "just": run_by_just,
    "invoke": run_by_invoke,
    "inv": run_by_invoke,
    "npm": run_by_manager,
    "yarn": run_by_manager,
    "pnpm": run_by_manager,
    "bun": run_by_manager,
    "run-s": run_by_runner,
    "run-p": run_by_runner,
    "npm-run-all": run_by_runner,
    "npm-run-all2": run_by_runner,
    "poe": run_by_task,
    "pdm": run_by_task,
    "hatch": run_by_task,
    "task": run_by_task,
    "taskipy": run_by_task,
    "rye": run_by_task,
    "pipenv": run_by_task,
}
