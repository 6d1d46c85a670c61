"""Which text of the repository a command runs: a script, a recipe of make, a line of tox."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iact_guard.analyze.context import Context, fact
from iact_guard.load import makefile as makefiles
from iact_guard.load import tox
from iact_guard.load.script import Shell
from iact_guard.load.wrappers import tool_of
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.coverage import CoverageConfig
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence, Location
from iact_guard.model.makefile import Makefile, Rule
from iact_guard.model.source import Kind
from iact_guard.model.text_file import TextFile
from iact_guard.syntax import shell

MAX_READ = 100_000
"""Characters of a Makefile, and of what one call of tox runs."""
MAX_NEEDS = 100
"""Targets that one call of make makes."""
MAX_LINES = 300
"""Lines that one call of make or tox runs."""
_SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh"})
_SOURCES = frozenset({".", "source"})
_SHEBANG = re.compile(r"#!\s*(?:\S*/env\s+(?:-S\s+)?)?(\S+)(.*)")
_EXTENSIONS = (".sh", ".bash")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_MAKE_VALUES = frozenset({"-C", "--directory", "-f", "--file", "--makefile", "-I", "-o", "-W"})
_ASSIGNMENT = re.compile(r"(\w+)[:?+]?=(.*)", re.DOTALL)
_RUNNERS = ("nox", "just", "invoke", "inv", "task", "rake", "earthly", "hatch", "doit", "pants",
            "bazel", "dagger", "poe", "taskipy", "act")  # fmt: skip
"""Programs that run what their own file says, in a language that is not read here."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a shell reads."""

    name: str
    """`scripts/test.sh`, `make test`: the same text has the same name."""
    source: Authored
    tree: shell.Script
    reader: Shell
    link: Evidence
    folder: str
    """Where it is run."""
    tolerated: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """What a command runs: texts in their order, or the reason why they are not known."""

    what: str
    texts: tuple[Text, ...] = ()
    reason: str = ""
    cost: int = 1
    """Characters that were looked through to know it."""


def called_by(
    ctx: Context, command: Command, folder: str | None, outer: Command | None
) -> Called | None:
    """What a command runs in the repository; None where it runs nothing there."""
    reader = _READERS.get(command.tool)
    if reader:
        return reader(ctx, command, folder)
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


def _make(ctx: Context, command: Command, folder: str | None) -> Called | None:
    call = _MakeCall.of(command)
    what = " ".join(("make", *call.targets))
    if call.reason or folder is None:
        return Called(what, reason=call.reason or "its folder is only known when it runs")
    inside = posixpath.normpath(posixpath.join(folder, call.folder))
    inside = "" if inside == "." else inside
    if not ctx.project.exists(inside):
        return None
    names = (call.file,) if call.file else _MAKEFILES
    paths = (posixpath.normpath(posixpath.join(inside, name)) for name in names)
    path = next((path for path in paths if path in ctx.project.discovery.files), None)
    if path is None:
        return Called(what, reason=f"there is no Makefile in {inside or 'the root'}")
    source = TextFile(f"file:{path}", path, Kind.OTHER)
    read = _read(ctx, path, call.given) if call.given else makefile_in(ctx, source)
    if read.state != "known":
        return Called(what, reason=read.reason)
    file = read.known
    # Given variables change what the file says: it is read for this call alone.
    cost = len(ctx.project.text(path).text) if call.given else 1
    recipe = _Recipe(file, inside, call.tolerant)
    for target in call.targets or (file.default,):
        recipe.make(target)
    return Called(what, tuple(recipe.texts), recipe.reason, cost + len(recipe.seen))


@fact("file.makefile")
def makefile_in(ctx: Context, file: TextFile) -> Fact[Makefile]:
    """A file as a Makefile, no variables given."""
    return _read(ctx, file.path, {})


def _read(ctx: Context, path: str, given: dict[str, str | None]) -> Fact[Makefile]:
    try:
        text = ctx.project.text(path)
    except UnreadableError:
        return unknown(f"{path} cannot be read")
    if len(text.text) > MAX_READ:
        return unknown(f"{path} has more than {MAX_READ} characters")
    return known(makefiles.load(text, given).entities[0])


@dataclass(frozen=True, slots=True)
class _MakeCall:
    targets: tuple[str, ...]
    folder: str
    file: str
    given: dict[str, str | None]
    tolerant: bool
    reason: str

    @classmethod
    def of(cls, command: Command) -> "_MakeCall":
        targets: list[str] = []
        folder = file = reason = ""
        given: dict[str, str | None] = {}
        tolerant = False
        pairs = iter(list(zip(command.argv[1:], command.beginnings[1:], strict=False)))
        for word, begun in pairs:
            option, _, value = begun.partition("=")
            assigned = _ASSIGNMENT.fullmatch(begun)
            if option in _MAKE_VALUES and "=" not in begun:
                value = next(pairs, ("", ""))[0] or "$"
            if option in ("-C", "--directory"):
                folder = posixpath.join(folder, value)
            elif option in ("-f", "--file", "--makefile"):
                file = value
            elif option in ("-n", "--dry-run", "--version", "-v", "--help"):
                reason = "it runs nothing"
            elif begun.startswith("-"):
                tolerant |= option in ("-k", "-i", "--keep-going", "--ignore-errors")
            elif assigned:
                given[assigned[1]] = assigned[2] if word is not None else None
            elif word is None:
                reason = "its targets are only known when it runs"
            elif not word.isdigit():  # `-j 4`
                targets.append(word)
        if "$" in folder or "$" in file:
            reason = "its folder is only known when it runs"
        return cls(tuple(targets), folder, file, given, tolerant, reason)


class _Recipe:
    """The lines that make runs for targets, what they need first."""

    def __init__(self, file: Makefile, folder: str, tolerant: bool) -> None:
        self.file, self.folder, self.tolerant = file, folder, tolerant
        self.rules = {rule.target: rule for rule in file.rules}
        self.texts: list[Text] = []
        self.reason = ""
        self.seen: set[str] = set()
        name, *flags = file.shell
        self.reader = Shell(tool_of(name), any("e" in f for f in flags), "pipefail" in flags)

    def make(self, target: str) -> None:
        rule = self.rules.get(target)
        if rule is None or rule.unclear or not self.reader.understood:
            why = rule.unclear if rule else f"{self.file.path} has no rule that can be read for it"
            self.reason = self.reason or why or "another shell runs the recipe"
            return
        self.add(rule)

    def add(self, rule: Rule) -> None:
        pending = [(rule, False)]
        while pending:
            if len(self.seen) > MAX_NEEDS or len(self.texts) > MAX_LINES:
                self.reason = f"make makes more than {MAX_NEEDS} targets, or runs too many lines"
                return
            each, ready = pending.pop()
            if ready:
                self.texts += self.lines(each)
            elif each.target not in self.seen:
                self.seen.add(each.target)
                pending.append((each, True))
                pending += [(need, False) for need in self.needs(each)]

    def needs(self, rule: Rule) -> Iterator[Rule]:
        """In the order in which a stack gives them back."""
        for need in reversed(rule.needs):
            found = self.rules.get(need)
            if found and found.unclear:
                self.reason = self.reason or f"{need}: {found.unclear}"
            elif found:
                yield found

    def lines(self, rule: Rule) -> Iterator[Text]:
        for index, line in enumerate(rule.lines[: MAX_LINES + 1]):
            link = Evidence(line.location, f"the recipe of `{rule.target}` runs this")
            name = f"{self.file.path}#{rule.target}/{index}"
            source = Authored(line.text, line.location)
            tolerated = line.tolerated or self.tolerant
            tree = shell.parse(line.text)
            yield Text(name, source, tree, self.reader, link, self.folder, tolerated)


def _tox(ctx: Context, command: Command, folder: str | None) -> Called | None:
    words = [word for word in command.argv[1:] if word not in ("run", "r", "run-parallel", "p")]
    split = words.index("--") if "--" in words else len(words)
    chosen = _chosen(words[:split])
    what = " ".join(("tox", *(("-e", chosen) if chosen else ())))
    if folder is None or chosen is None:
        return Called("tox", reason="which environments it runs is only known when it runs")
    configs: tuple[CoverageConfig, ...] = ctx.project.entities("coverage-config")
    here = {each.path: each for each in configs if each.folder == folder and each.scripts}
    paths = (posixpath.join(folder, name) for name in ("tox.ini", "pyproject.toml"))
    path = next((path for path in paths if path in here), "")
    config = here.get(path)
    names = tox.environments(chosen or (config.environments if config else ""))
    if config is None or not names:
        return Called(what, reason="neither tox.ini nor pyproject.toml says what it runs")
    behind = words[split + 1 :]
    if None in behind:
        return Called(what, reason="what stands behind `--` is only known when it runs")
    arguments = " ".join(word or "" for word in behind) if behind else None
    texts: dict[tuple[str, Location], Text] = {}
    cost = len(names) * len(config.scripts)
    for name in names if cost < MAX_READ else ():
        for source, tolerated in tox.lines(config, name, arguments):
            key = (source.text, source.location)
            link = Evidence(source.location, f"the environment {name} of {path} runs this")
            cost += len(source.text)
            if len(texts) > MAX_LINES or cost > MAX_READ:
                return Called(what, reason="it runs too much to be followed", cost=cost)
            if key not in texts:
                tree = shell.parse(source.text)
                reader = Shell("sh")
                texts[key] = Text(
                    f"{path}#{len(texts)}/{name}", source, tree, reader, link, folder, tolerated
                )
    reason = "" if texts else f"{path} has no commands for it that can be followed"
    return Called(what, tuple(texts.values()), reason, cost)


def _chosen(words: list[str | None]) -> str | None:
    """The environments that are chosen; empty for those of the list, None where not known."""
    for index, word in enumerate(words):
        if word is None:
            return None
        if word in ("-e", "--env", "-m", "-f"):
            following = words[index + 1] if index + 1 < len(words) else None
            return following if word in ("-e", "--env") else None
        if word.startswith("-e") and len(word) > 2:
            return word.removeprefix("-e")
    return ""


_READERS: dict[str, Callable[[Context, Command, str | None], Called | None]] = {
    "make": _make,
    "gmake": _make,
    "tox": _tox,
}
