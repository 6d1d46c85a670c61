"""The tree of a shell script. `start` and `end` are offsets into its text, the end exclusive."""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal as Choice

from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

_BRACES = regex(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")


# These two are most of all nodes: never changed, but not declared frozen, which takes longer.
@dataclass(slots=True, unsafe_hash=True)
class Literal:
    """Text that stands for itself, quotes and escapes removed."""

    start: int
    end: int
    text: str
    quoted: bool
    """Unquoted text may hold patterns (`*.py`) and a leading `~`."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, `${name}`, `${name:-word}`, `${#name}`, `$1`, `$?`, ..."""

    start: int
    end: int
    name: str
    """Empty where it is too odd to be told."""
    operator: str
    """What stands behind the name: `:-`, `%%`, `[@]`, ...; `#` or `!` where it stands before it."""
    argument: tuple["Part", ...]
    quoted: bool


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(...)`, backticks, `<(...)`, `>(...)`: a script of its own."""

    start: int
    end: int
    body: "Block"
    kind: Choice["$", "`", "<", ">"]
    quoted: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`$((...))` within a word."""

    start: int
    end: int
    parts: tuple["Part", ...]
    quoted: bool


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`${{ ... }}`: GitHub pastes text there before the shell sees the script."""

    start: int
    end: int
    expression: str
    quoted: bool


Part = Literal | Variable | Substitution | Arithmetic | Placeholder


@dataclass(unsafe_hash=True)
class Word:
    """One word of a command, before expansion."""

    start: int
    end: int
    parts: tuple[Part, ...]

    @cached_property
    def static(self) -> str | None:
        """Its text, quotes removed, where nothing is expanded but file patterns; else None."""
        if len(self.parts) == 1 and isinstance(only := self.parts[0], Literal):
            return None if not only.quoted and _BRACES.search(only.text) else only.text
        texts, unquoted = [], []
        for part in self.parts:
            if not isinstance(part, Literal):
                return None
            texts.append(part.text)
            unquoted.append("_" if part.quoted else part.text)
        if any("{" in text for text in unquoted) and _BRACES.search("".join(unquoted)):
            return None
        return "".join(texts)

    @cached_property
    def literal(self) -> str:
        """The parts of its text that are written out; nothing stands for the others."""
        return "".join(part.text for part in self.parts if isinstance(part, Literal))

    @property
    def quoted(self) -> bool:
        """Whether any part of it stands in quotes."""
        return any(part.quoted for part in self.parts)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name=value`, `name+=value`, `name=(...)` before a command or alone."""

    start: int
    end: int
    name: str
    value: tuple[Word, ...]
    """One word, or the elements of an array."""
    append: bool
    array: bool


@dataclass(frozen=True, slots=True)
class Heredoc:
    """The body of `<<END`."""

    start: int
    end: int
    """Of the body, without the closing line."""
    delimiter: str
    quoted: bool
    """Nothing is expanded within it."""
    parts: tuple[Part, ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Redirect:
    """`2>file`, `<<<text`, `<<END`, `>&2`, ..."""

    start: int
    end: int
    operator: str
    descriptor: str
    """What stands before the operator: digits, `{name}`, or nothing."""
    target: Word | None
    heredoc: Heredoc | None = None


@dataclass(frozen=True)
class Command:
    """A simple command; without words it only assigns or redirects."""

    start: int
    end: int
    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()

    @cached_property
    def argv(self) -> tuple[str | None, ...]:
        """Its words; None for one whose text is not known."""
        return tuple(word.static for word in self.words)

    @property
    def parts(self) -> list[Assignment | Word | Redirect]:
        """Assignments, words and redirects, in the order of the text."""
        found: list[Assignment | Word | Redirect] = []
        found += [*self.assignments, *self.words, *self.redirects]
        return sorted(found, key=lambda part: part.start)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`a | b`, `! a`, `time a`."""

    start: int
    end: int
    commands: tuple["Statement", ...]
    negated: bool = False
    timed: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """`a && b || c`: operators of equal weight, from left to right."""

    start: int
    end: int
    items: tuple["Statement", ...]
    operators: tuple[str, ...]
    """One fewer than items."""


@dataclass(frozen=True, slots=True)
class Item:
    """A statement of a block; `background` where `&` ends it."""

    statement: "Statement"
    background: bool = False

    @property
    def start(self) -> int:
        """That of the statement."""
        return self.statement.start

    @property
    def end(self) -> int:
        """That of the statement."""
        return self.statement.end


@dataclass(frozen=True, slots=True)
class Block:
    """Statements that run one after the other."""

    start: int
    end: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`if`, any number of `elif`, `else`."""

    start: int
    end: int
    branches: tuple[tuple[Block, Block], ...]
    """Condition and body."""
    otherwise: Block | None


@dataclass(frozen=True, slots=True)
class While:
    """`while`, `until`."""

    start: int
    end: int
    condition: Block
    body: Block
    until: bool


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`, `select`; without `in` the words are None: the arguments."""

    start: int
    end: int
    variable: str
    words: tuple[Word, ...] | None
    body: Block
    select: bool = False


@dataclass(frozen=True, slots=True)
class ForArithmetic:
    """`for ((...; ...; ...))`."""

    start: int
    end: int
    parts: tuple[Part, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm of `case`."""

    start: int
    end: int
    patterns: tuple[Word, ...]
    body: Block
    terminator: str
    """`;;`, `;&`, `;;&`, or nothing for the last one."""


@dataclass(frozen=True, slots=True)
class Case:
    """`case word in ... esac`."""

    start: int
    end: int
    word: Word
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function's definition; it runs where it is called."""

    start: int
    end: int
    name: str
    body: "Statement"


@dataclass(frozen=True, slots=True)
class Subshell:
    """`( ... )`."""

    start: int
    end: int
    body: Block


@dataclass(frozen=True, slots=True)
class Group:
    """`{ ...; }`."""

    start: int
    end: int
    body: Block


@dataclass(frozen=True, slots=True)
class Conditional:
    """`[[ ... ]]`: operands and operators, brackets included, in their order."""

    start: int
    end: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class ArithmeticCommand:
    """`((...))`."""

    start: int
    end: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Coproc:
    """`coproc ...`: it runs beside the script."""

    start: int
    end: int
    body: "Statement"


@dataclass(frozen=True, slots=True)
class Redirected:
    """A compound command with redirects of its own."""

    start: int
    end: int
    body: "Statement"
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Text that could not be understood, to its end; what it runs is unknown."""

    start: int
    end: int
    reason: str


Statement = (
    Command
    | Pipeline
    | AndOr
    | If
    | While
    | For
    | ForArithmetic
    | Case
    | Function
    | Subshell
    | Group
    | Conditional
    | ArithmeticCommand
    | Coproc
    | Redirected
    | Unparsed
)


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script."""

    text: str
    body: Block

    @property
    def unparsed(self) -> Unparsed | None:
        """What could not be understood: always the rest of the script from there on."""
        last = self.body.items[-1].statement if self.body.items else None
        return last if isinstance(last, Unparsed) else None


Node = Statement | Block | Item | Arm | Word | Part | Assignment | Redirect | Heredoc


def nodes_in(node: Node) -> Iterator[Node]:
    """What a node is made of, in the order of the text."""
    match node:
        case Literal() | Placeholder() | Unparsed():
            return
        case Variable():
            yield from node.argument
        case Arithmetic() | Word() | Heredoc() | ArithmeticCommand():
            yield from node.parts
        case Substitution() | Subshell() | Group() | Function() | Coproc():
            yield node.body
        case Assignment():
            yield from node.value
        case Redirect():
            yield from (part for part in (node.target, node.heredoc) if part)
        case Command():
            yield from node.parts
        case Pipeline():
            yield from node.commands
        case AndOr() | Block():
            yield from node.items
        case Item():
            yield node.statement
        case If():
            for condition, body in node.branches:
                yield condition
                yield body
            if node.otherwise:
                yield node.otherwise
        case While():
            yield node.condition
            yield node.body
        case For():
            yield from node.words or ()
            yield node.body
        case ForArithmetic():
            yield from node.parts
            yield node.body
        case Arm():
            yield from node.patterns
            yield node.body
        case Case():
            yield node.word
            yield from node.arms
        case Conditional():
            yield from node.words
        case Redirected():
            yield node.body
            yield from node.redirects


def walk(node: Node) -> Iterator[Node]:
    """A node and everything within it, in the order of the text."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Word):  # these two are most of all nodes
            pending += current.parts[::-1]
        elif not isinstance(current, Literal):
            pending += tuple(nodes_in(current))[::-1]
