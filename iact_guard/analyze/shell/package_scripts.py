"""What package managers of JavaScript run: scripts of `package.json`."""

import fnmatch
import posixpath
from collections.abc import Iterator
from functools import cache

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.texts import MAX_LINES, Called, Text, with_arguments
from iact_guard.data.tables import rows, table
from iact_guard.load.script import Shell
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.coverage import CoverageConfig
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.syntax import shell

_RUN = frozenset({"run", "run-script", "rum", "urn"})
_FOLDERS = frozenset({"--prefix", "-C", "--cwd", "--dir"})
_VALUES = frozenset({"-w", "--workspace", "--filter", "-F", "--loglevel", "--reporter", "--stream"})
_MANY = frozenset(
    {"-w", "--workspace", "--workspaces", "-ws", "--filter", "-F", "-r", "--recursive"}
)
_LIFECYCLE = {"t": "test", "tst": "test"}
_NPM_DIRECT = frozenset({"test", "start", "stop", "restart"})
# What the managers themselves do: no script of that name is run by it.
_OWN = frozenset({
    "install", "i", "ci", "add", "remove", "rm", "uninstall", "update", "up", "upgrade", "audit",
    "pack", "publish", "version", "config", "cache", "exec", "dlx", "x", "create", "init", "link",
    "login", "logout", "whoami", "view", "info", "list", "ls", "outdated", "prune", "rebuild",
    "dedupe", "why", "store", "set", "get", "global", "self-update", "import", "fetch", "deploy",
    "node", "bin", "policies", "plugin", "workspaces", "constraints", "patch", "help", "pkg",
    "env", "licenses", "root", "approve-builds", "team", "tag", "dist-tag", "unlink", "search",
    "--version", "build-info", "npm",
})  # fmt: skip
_SHELL = Shell("sh", errexit=False)


@fact("repository.package_scripts")
def _packages(ctx: Context, repository: Repository) -> Fact[dict[str, CoverageConfig]]:
    """The `package.json` of each folder that has one."""
    configs: tuple[CoverageConfig, ...] = ctx.project.entities("coverage-config")
    return known({each.folder: each for each in configs if each.path.endswith("package.json")})


@dataclass(frozen=True, slots=True)
class _Call:
    """The script that a manager is to run."""

    name: str
    arguments: tuple[str | None, ...]
    folder: str
    many: bool
    """In packages of a workspace, or in one that is named."""
    optional: bool
    """It does nothing where there is no such script."""


def run_by_manager(ctx: Context, command: Command, folder: str | None) -> Called | None:
    """The script that `npm run NAME` and its like run, those before and behind it included."""
    call = _call_of(command)
    if call is None:
        return None
    what = f"{command.tool} {call.name}"
    if "$" in call.name or not call.name:
        return Called(command.tool, reason="which script it runs is only known when it runs")
    here = posixpath.normpath(posixpath.join(folder, call.folder)) if folder is not None else None
    here = "" if here == "." else here
    if here is not None and not ctx.project.exists(here):
        return None  # of another repository
    config = _package(ctx, here, call)
    if config is None and command.tool != "npm" and call.name in _programs():
        return Called(what, (_program(command, call, here or ""),))
    if config is None:
        if call.optional and not call.many and here in _packages(ctx, Repository()).known:
            return Called(what)
        return Called(what, reason="no package.json with this script was found for it")
    hooks = command.tool in ("npm", "bun")
    names = (f"pre{call.name}", call.name, f"post{call.name}") if hooks else (call.name,)
    found = [
        _text(config, name, text, call.arguments if name == call.name else ())
        for name in names
        for text in _scripts(config, name)
    ]
    return Called(what, tuple(found[:MAX_LINES]))


def missing_script(ctx: Context, command: Command, folder: str) -> tuple[str, str] | None:
    """The script that `npm run NAME` asks for and the `package.json` that lacks it.

    None where it is there, may be a program (`yarn run jest`), or which package is meant is open.
    """
    call = _call_of(command) if command.tool in ("npm", "pnpm") else None
    if call is None or call.many or call.optional or not call.name or "$" in call.name:
        return None
    first = next((word for word in command.argv[1:] if word and word[0] != "-"), "")
    if not (first in _RUN or (command.tool == "npm" and call.name == "test")):
        return None
    here = posixpath.normpath(posixpath.join(folder, call.folder))
    own = _packages(ctx, Repository()).known.get("" if here == "." else here)
    if own is None or any(_scripts(own, call.name)):
        return None
    return call.name, own.path


@cache
def _programs() -> frozenset[str]:
    """Programs that a manager starts where no script has their name, as far as they matter."""
    tables = (("gates", "gate"), ("coverage", "runner"), ("coverage", "threshold"))
    return frozenset({*table("gates")["runner"], *(name for t in tables for name in rows(*t))})


def _program(command: Command, call: _Call, folder: str) -> Text:
    """`yarn jest`: the program of a package that is installed."""
    source = with_arguments(Authored(call.name, command.location), call.arguments)
    link = Evidence(command.location, f"it starts {call.name}")
    tree = shell.parse(source.text)
    return Text(f"{command.tool}: {source.text}", source, tree, _SHELL, link, folder)


def run_by_runner(ctx: Context, command: Command, folder: str | None) -> Called | None:
    """The scripts that `npm-run-all`, `run-s` and `run-p` run."""
    names = [word for word in command.words if word and word[0] != "-"]
    what = " ".join((command.tool, *names))
    config = _packages(ctx, Repository()).known.get(folder) if folder is not None else None
    if config is None:
        return Called(what, reason="no package.json was found for it")
    found: list[Text] = []
    for name in names:
        pattern = name.split()[0].replace("**", "*")
        every = [each.name for each in config.scripts if fnmatch.fnmatchcase(each.name, pattern)]
        if not every:
            return Called(what, reason=f"{config.path} has no script `{pattern}`")
        found += (
            _text(config, each, text, ()) for each in every for text in _scripts(config, each)
        )
    return Called(what, tuple(found[:MAX_LINES]))


def _call_of(command: Command) -> _Call | None:
    words = list(zip(command.argv[1:], command.beginnings[1:], strict=False))
    options, names, behind = _split(words, wholly=command.tool == "npm")
    runs = bool(names) and names[0] in _RUN
    if runs:
        names.pop(0)
    elif names[:1] == ["workspace"] and command.tool == "yarn":
        options.append(("--workspace", ""))
        names = [name for name in names[2:] if name not in _RUN]
    if not names or (not runs and names[0] in _OWN):
        return None
    name = names[0] if command.tool == "bun" else _LIFECYCLE.get(names[0], names[0])
    direct = {"npm": name in _NPM_DIRECT, "bun": name not in ("test", "build")}
    if not runs and not direct.get(command.tool, True):
        return None
    folder = next((value for option, value in options if option in _FOLDERS), "")
    many = any(option in _MANY for option, _ in options)
    optional = any(option == "--if-present" for option, _ in options)
    more = (*(name for name in names[1:]), *behind)
    return _Call(name, more, folder, many, optional)


def _split(
    words: list[tuple[str | None, str]], *, wholly: bool
) -> tuple[list[tuple[str, str]], list[str], list[str | None]]:
    """Options of the manager with their values, names, and what is passed on to the script.

    npm takes options also behind the name of the script; the others pass them on.
    """
    options: list[tuple[str, str]] = []
    names: list[str] = []
    index = 0
    while index < len(words):
        word, begun = words[index]
        index += 1
        if begun == "--":
            break
        option, equals, value = begun.partition("=")
        if begun[:1] == "-":
            if not equals and option in (_FOLDERS | _VALUES) and index < len(words):
                value = words[index][0] or "$"
                index += 1
            options.append((option, value))
            continue
        names.append(begun if word is not None else "$")
        named = names[:1] not in ([each] for each in (*_RUN, "workspace"))
        if not wholly and (named or len(names) > 1 + 2 * (names[0] == "workspace")):
            break
    behind = [word for word, _ in words[index:] if word != "--"]
    return options, names, behind


def _package(ctx: Context, folder: str | None, call: _Call) -> CoverageConfig | None:
    """The package that has the script: of the folder, or the only one that has it."""
    packages = _packages(ctx, Repository()).known
    own = packages.get(folder) if folder is not None and not call.many else None
    if own:
        return own if any(_scripts(own, call.name)) else None
    found = [each for each in packages.values() if any(_scripts(each, call.name))]
    return found[0] if len(found) == 1 else None


def _scripts(config: CoverageConfig, name: str) -> Iterator[Authored]:
    return (each.command for each in config.scripts if each.name == name)


def _text(
    config: CoverageConfig, name: str, text: Authored, arguments: tuple[str | None, ...]
) -> Text:
    source = with_arguments(text, arguments)
    link = Evidence(text.location, f"the script `{name}` of {config.path}")
    tree = shell.parse(source.text)
    return Text(f"{config.path}#{name}", source, tree, _SHELL, link, config.folder)
