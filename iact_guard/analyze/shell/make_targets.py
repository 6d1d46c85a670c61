"""What `make` runs for its targets."""

import posixpath
import re
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.texts import MAX_LINES, MAX_READ, Called, Text
from iact_guard.load import makefile as makefiles
from iact_guard.load.script import Shell
from iact_guard.load.wrappers import tool_of
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.makefile import Makefile, Rule
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.source import Kind
from iact_guard.model.text_file import TextFile
from iact_guard.syntax import shell

MAX_NEEDS = 100
"""Targets that one call makes."""
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_MAKE_VALUES = frozenset({"-C", "--directory", "-f", "--file", "--makefile", "-I", "-o", "-W"})
_ASSIGNMENT = regex(r"(\w+)[:?+]?=(.*)", re.DOTALL)


def made_by(ctx: Context, command: Command, folder: str | None) -> Called | None:
    """The recipes that a call of make runs, what they need first."""
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
    recipe = Recipe(file, inside, tolerant=call.tolerant)
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
                # `-k` goes on with other targets and still fails in the end.
                tolerant |= option in ("-i", "--ignore-errors")
            elif assigned:
                given[assigned[1]] = assigned[2] if word is not None else None
            elif word is None:
                reason = "its targets are only known when it runs"
            elif not word.isdigit():  # `-j 4`
                targets.append(word)
        if "$" in folder or "$" in file:
            reason = "its folder is only known when it runs"
        return cls(tuple(targets), folder, file, given, tolerant, reason)


class Recipe:
    """The lines that are run for targets, what they need first."""

    def __init__(self, file: Makefile, folder: str, *, tolerant: bool = False) -> None:
        """Of a file with rules, run in a folder; `tolerant` goes on after a failure."""
        self.file, self.folder, self.tolerant = file, folder, tolerant
        self.rules = {rule.target: rule for rule in file.rules}
        self.texts: list[Text] = []
        self.reason = ""
        self.seen: set[str] = set()
        name, *flags = file.shell
        self.reader = Shell(tool_of(name), any("e" in f for f in flags), "pipefail" in flags)

    def make(self, target: str) -> None:
        """Add the lines for a target, or the reason why they are not known."""
        rule = self.rules.get(target)
        if rule is None or rule.unclear or not self.reader.understood:
            why = rule.unclear if rule else f"{self.file.path} has no rule that can be read for it"
            self.reason = self.reason or why or "another shell runs the recipe"
            return
        self.add(rule)

    def add(self, rule: Rule) -> None:
        """Add the lines of a rule behind those of what it needs."""
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
        """The lines of a rule as texts of a shell."""
        for index, line in enumerate(rule.lines[: MAX_LINES + 1]):
            link = Evidence(line.location, f"the recipe of `{rule.target}` runs this")
            name = f"{self.file.path}#{rule.target}/{index}"
            source = Authored(line.text, line.location)
            tolerated = line.tolerated or self.tolerant
            tree = shell.parse(line.text)
            yield Text(name, source, tree, self.reader, link, self.folder, tolerated)
