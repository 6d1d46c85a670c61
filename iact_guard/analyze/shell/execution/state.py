"""The state of a shell, and the ways in which control leaves a statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, fields
from operator import attrgetter

from iact_guard.analyze.shell.execution.values import Status, Symbol, Value, of_status
from iact_guard.model.records import dataclass
from iact_guard.syntax import shell


class ExitError(Exception):
    """The shell ends."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status


class ReturnError(Exception):
    """A function, or a file that is read in, ends."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status


class LoopError(Exception):
    """`break` or `continue`, for so many loops."""

    def __init__(self, levels: int, *, ends: bool) -> None:
        super().__init__()
        self.levels = levels
        self.ends = ends


class EndlessError(Exception):
    """A loop that nothing ends."""


class NotUnderstoodError(Exception):
    """Something that we cannot follow, or a bound that was reached."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a shell reads, and the simple commands that it stands in."""

    text: str
    at: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Defined:
    """A function's body, in the text that defines it."""

    body: shell.Statement
    source: Text


@dataclass(frozen=True, slots=True)
class Trap:
    """What `trap` has set."""

    body: shell.Block
    source: Text
    place: shell.Command


@dataclass(frozen=True, slots=True)
class Given:
    """The call of a function, which may run the words that it is given."""

    node: shell.Command
    source: Text
    count: int
    """Of the arguments, before any `shift`."""
    arguments: tuple[Value, ...] | None
    """Those of the caller."""
    outer: "Given | None"


@dataclass(slots=True)
class Env:
    """One shell."""

    source: Text
    bash: bool
    errexit: bool
    pipefail: bool
    posix: bool = False
    """A substitution keeps `-e`."""
    values: dict[str, Value] = field(default_factory=dict)
    arrays: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    fixed: dict[str, Value] = field(default_factory=dict)
    """Parameters that the shell around has put in before this one read its text."""
    sealed: bool = False
    """Variables of the shell around are not known here."""
    functions: dict[str, Defined] = field(default_factory=dict)
    arguments: tuple[Value, ...] | None = None
    """None where only a run can tell."""
    given: Given | None = None
    """The call that the arguments are from, where the command looked for is among them."""
    unset: frozenset[str] = frozenset()
    """Variables that nothing has set where they have no value."""
    errtrace: bool = False
    inherit: bool = False
    """`shopt -s inherit_errexit`."""
    lastpipe: bool = False
    exempt: bool = False
    """`-e` and the trap for errors look away."""
    asked: bool = False
    """The command is a question: its status decides what runs."""
    status: Status = 0
    statuses: tuple[Status, ...] = (0,)
    substituted: Status | None = None
    """Of the last substitution within the command."""
    traps: dict[str, Trap] = field(default_factory=dict)
    trapped: bool = False
    """The trap for errors runs."""
    ending: Status | None = None
    """The status that the shell ends with, while the trap for the end runs."""
    jobs: dict[str, Status] = field(default_factory=dict)
    """Of background commands that nobody waited for, by process."""
    started: int = 0
    depth: int = 0
    """Of calls and texts within each other."""
    calls: int = 0
    """Functions and read files that `return` ends."""
    loops: int = 0
    locals: list[dict[str, Value | None]] = field(default_factory=list)
    main: bool = True
    """Not a shell within the shell: `exit` ends the script."""
    remote: bool = False
    """Another machine runs it."""
    output: list[Value] | None = None
    """What a substitution collects; None where nobody does."""
    channels: dict[str, list[Value]] = field(default_factory=dict)
    """Further descriptors that lead to what one collects: `4>&1`."""

    def fork(self) -> "Env":
        """A shell of its own that begins as this one."""
        found = Env(*_fields_of(self))
        found.values, found.arrays = dict(self.values), dict(self.arrays)
        found.exported, found.functions = set(self.exported), dict(self.functions)
        found.traps, found.jobs, found.loops = dict(self.traps), {}, 0
        found.locals = [dict(each) for each in self.locals]
        return found

    def subshell(self) -> "Env":
        """`( ... )`: traps stay behind."""
        found = self.fork()
        found.main = False
        kept = ("ERR",) if self.errtrace else ()
        found.traps = {name: trap for name, trap in self.traps.items() if name in kept}
        return found

    def get(self, name: str) -> Value:
        """The value of a variable or parameter; of an array its first element."""
        if name in self.fixed:
            return self.fixed[name]
        if name == "?":
            return of_status(self.status)
        if name in self.arrays:
            elements = self.arrays[name]
            return elements[0] if elements else ()
        if name == "PIPESTATUS" and self.bash:
            return of_status(self.statuses[0])
        if name.isdigit() and name != "0":
            return self._argument(int(name))
        if name in self.unset:
            return self.values.get(name, ())
        return self.values.get(name, (self.symbol(name),))

    def symbol(self, name: str) -> Symbol:
        """A variable that only a run can tell."""
        return Symbol(("remote" if self.sealed else "variable", name))

    def _argument(self, number: int) -> Value:
        if self.arguments is None:
            return (Symbol(("argument", number, self.calls)),)
        return self.arguments[number - 1] if number <= len(self.arguments) else ()

    def put(self, name: str, found: Value) -> None:
        """Give a variable a value."""
        self.arrays.pop(name, None)
        self.values[name] = found

    @contextmanager
    def looking_away(self, *, asked: bool = False) -> Iterator[None]:
        """A condition: `-e` is off within."""
        before = self.exempt, self.asked
        self.exempt, self.asked = True, asked
        try:
            yield
        finally:
            self.exempt, self.asked = before


_fields_of = attrgetter(*(each.name for each in fields(Env)))  # much faster than `replace`
