"""What a script hands on to later steps: `NAME=value` written to the runner's files."""

from collections.abc import Callable, Iterator
from dataclasses import field
from itertools import takewhile
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Step
from iact_guard.syntax import shell

Target = Literal["output", "env"]
_FILES: dict[str, Target] = {"GITHUB_OUTPUT": "output", "GITHUB_ENV": "env"}
_SPEAKS = frozenset({"echo", "printf"})
_HARMLESS = regex(r"\^(\[[\w.+/-]+\]|[\w/-]|\\[.d-]|[+*?(){},])*\$")
"""A pattern for a whole text in which no sign means anything to a shell."""
_PLAIN = frozenset({"", ":-", "-", ":=", "="})
"""Operators behind which a variable's text is still its own."""


@dataclass(frozen=True, slots=True)
class Export:
    """An output, or a variable for later steps, and what its text is made of."""

    target: Target
    name: str
    parts: tuple[shell.Part, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Exports:
    """Of one script."""

    exports: tuple[Export, ...] = ()
    variables: dict[str, tuple[shell.Part, ...]] = field(default_factory=dict)
    """What the script's own variables are made of, all their assignments together."""
    bounded: frozenset[str] = frozenset()
    """The variables that the script compares with a pattern that takes in no code."""


@fact("step.exports")
def exports_of(ctx: Context, step: Step) -> Fact[Exports]:
    """What the `run` of a step writes to `GITHUB_OUTPUT` and `GITHUB_ENV`, as far as it is read."""
    script = script_of(ctx, step.id)
    if script is None or script.tree is None:
        return known(Exports())
    reader = _Reader(script.source.first_line)
    reader.visit(script.tree.body, None)
    bounded = frozenset(_bounded(script.tree.body))
    return known(Exports(tuple(reader.exports), reader.variables, bounded))


def _bounded(body: shell.Block) -> Iterator[str]:
    """The names in `[[ $name =~ ^[0-9a-f]{40}$ ]]`: the pattern is whole, and of harmless signs."""
    for node in shell.walk(body):
        if isinstance(node, shell.Conditional):
            for left, operator, right in zip(
                node.words, node.words[1:], node.words[2:], strict=False
            ):
                whole = _HARMLESS.fullmatch(right.literal) is not None
                if operator.static == "=~" and whole and len(left.parts) == 1:
                    part = left.parts[0]
                    if isinstance(part, shell.Variable) and not part.operator:
                        yield part.name


def is_plain(variable: shell.Variable) -> bool:
    """Whether a variable stands there with its text unchanged."""
    return variable.operator in _PLAIN


@dataclass(slots=True)
class _Reader:
    locate: Callable[[int, int], Location]
    exports: list[Export] = field(default_factory=list)
    variables: dict[str, tuple[shell.Part, ...]] = field(default_factory=dict)
    open: tuple[str, str] | None = None
    """The name and the closing line of a value over several lines."""

    def visit(self, node: shell.Node, target: Target | None) -> None:
        """Go through a tree; `target` is the file that the output of the node goes to."""
        pending: list[tuple[shell.Node, Target | None]] = [(node, target)]
        while pending:
            current, target = pending.pop()
            inner: list[tuple[shell.Node, Target | None]]
            match current:
                case shell.Command():
                    self.command(current, _redirected(current.redirects) or target)
                    inner = [(each, None) for each in shell.nodes_in(current)]
                case shell.Redirected():
                    inner = [(current.body, _redirected(current.redirects) or target)]
                case shell.Pipeline():
                    through = _tee(current.commands[-1])
                    inner = [(each, through or target) for each in current.commands]
                case shell.Substitution() | shell.Word():
                    inner = [(each, None) for each in shell.nodes_in(current)]
                case _:
                    inner = [(each, target) for each in shell.nodes_in(current)]
            pending.extend(reversed(inner))

    def command(self, command: shell.Command, target: Target | None) -> None:
        for assignment in command.assignments:
            if not assignment.array:
                own = tuple(part for word in assignment.value for part in word.parts)
                self.variables[assignment.name] = (*self.variables.get(assignment.name, ()), *own)
        if command.argv[:1] and command.argv[0] in _SPEAKS:
            words = [word for word in command.words[1:] if not word.literal.startswith("-")]
            if words and words[0].literal.startswith("%"):  # a format, its arguments behind it
                del words[0]
            self.line(command, _spoken(words), target)

    def line(
        self, command: shell.Command, parts: tuple[shell.Part, ...], target: Target | None
    ) -> None:
        literal = takewhile(lambda part: isinstance(part, shell.Literal), parts)
        first = "".join(part.text for part in literal if isinstance(part, shell.Literal))
        if first.startswith("::set-output name="):
            name, _, _ = first.removeprefix("::set-output name=").partition("::")
            self.add("output", name, parts, command)
        elif target is None:
            return
        elif self.open:
            name, closing = self.open
            if first.strip() == closing:
                self.open = None
            else:
                self.add(target, name, parts, command)
        elif "<<" in first.partition("=")[0]:
            name, _, closing = first.partition("<<")
            self.open = (name, closing.strip())
        elif "=" in first:
            self.add(target, first.partition("=")[0], parts, command)

    def add(
        self, target: Target, name: str, parts: tuple[shell.Part, ...], command: shell.Command
    ) -> None:
        place = self.locate(command.start, command.end)
        self.exports.append(Export(target, name.strip(), parts, place))


def _spoken(words: list[shell.Word]) -> tuple[shell.Part, ...]:
    """What `echo` makes of its words."""
    space = shell.Literal(0, 0, " ", quoted=True)
    return tuple(part for word in words for part in (*word.parts, space))[:-1]


def _redirected(redirects: tuple[shell.Redirect, ...]) -> Target | None:
    found = (_file(redirect.target) for redirect in redirects if redirect.target)
    return next((target for target in found if target), None)


def _tee(node: shell.Statement) -> Target | None:
    if not isinstance(node, shell.Command) or node.argv[:1] != ("tee",):
        return None
    return next((target for word in node.words if (target := _file(word))), None)


def _file(word: shell.Word) -> Target | None:
    names = (part.name for part in word.parts if isinstance(part, shell.Variable))
    return next((_FILES[name] for name in names if name in _FILES), None)
