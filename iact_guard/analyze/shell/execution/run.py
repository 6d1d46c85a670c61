"""One run of a script: what it looks for, what it assumes, and what it met so far."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from typing import Literal, Protocol

from iact_guard.analyze.shell.execution.idle import Idle
from iact_guard.analyze.shell.execution.state import Env, ExitError, NotUnderstoodError, Trap
from iact_guard.analyze.shell.execution.values import Status, Symbol, Value
from iact_guard.analyze.shell.execution.world import World
from iact_guard.model.records import dataclass
from iact_guard.syntax import shell

Cause = Literal["script", "pipeline", "remote", "background", "output", "unreached"]
MAX_VISITS = 2
"""Answers that one and the same question may get in a run, one after the other."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A command of a script: as `Command.at`, and how many words it has."""

    at: tuple[int, ...]
    words: int


@dataclass(frozen=True, slots=True)
class Note:
    """A place that decides, in the outermost text; `end` is not known within other texts."""

    start: int
    end: int
    message: str
    cause: Cause = "script"


@dataclass(slots=True)
class Trail:
    """What a run met so far."""

    reached: bool = False
    """The command that is looked for was run."""
    failed: bool = False
    second: bool = False
    """The other command was run, behind the first."""
    notes: tuple[Note, ...] = ()
    """Where a failing status was lost."""
    ended: Note | None = None
    visits: Counter[tuple[int, ...]] = field(default_factory=Counter)
    files: dict[str, bool] = field(default_factory=dict)
    """Files that the script itself made or removed."""
    content: dict[str, Value] = field(default_factory=dict)
    """What the script itself wrote into a file, where that is known."""
    written: frozenset[tuple[Value, Value]] = frozenset()
    """Files that were written, and what."""

    def copy(self) -> "Trail":
        """A trail that goes on by itself."""
        return Trail(
            self.reached, self.failed, self.second, self.notes, self.ended,
            Counter(self.visits), dict(self.files), dict(self.content), self.written,
        )  # fmt: skip


class Fuel:
    """How many statements may still be run, and the texts that were read within the script."""

    def __init__(self, amount: int, shared: "Fuel | None" = None) -> None:
        self.left = amount
        self.until = 0
        self.shared = shared
        """What other scripts take from too."""
        self.read: dict[str, shell.Script] = {}

    def spend(self, amount: int = 1) -> None:
        """One statement, or what costs as much as several."""
        self.left -= amount
        if self.shared:
            self.shared.left -= amount
        if self.left < self.until or (self.shared and self.shared.left < 0):
            raise NotUnderstoodError("the script takes too many steps to follow")

    def check(self) -> None:
        """Go no further where nothing is left."""
        self.spend(0)

    def portion(self, amount: int) -> None:
        """So many for what comes next."""
        self.until = max(self.left - amount, 0)

    def parse(self, text: str) -> shell.Script:
        """A text within the script, as a script."""
        if text not in self.read:
            self.spend(len(text) // 50)
            self.read[text] = shell.parse(text)
        return self.read[text]


class Execute(Protocol):
    """Runs a statement or a block."""

    def __call__(self, run: "Run", env: Env, node: shell.Statement | shell.Block) -> Status:
        """The status of the statement."""


@dataclass(slots=True)
class Run:
    """A run in progress."""

    world: World
    trail: Trail
    fuel: Fuel
    execute: Execute
    idle_nodes: Idle
    target: Mark | None = None
    second: Mark | None = None
    fails: bool = False
    """The command that is looked for fails."""
    apart: bool = False
    """What is looked at behind the command may differ with its outcome."""
    questions: int = 0
    """How often something was asked that may change from one time to the next."""
    alike: bool = False
    """What is asked now cannot hang on the command, wherever else it may."""

    def idle(self, env: Env, node: shell.Statement) -> bool:
        """Whether nothing hangs on a statement, which ends with 0."""
        return not self.holds_mark(env, node) and self.idle_nodes.holds(node, env.source.text)

    def guards(self, env: Env, node: shell.Statement) -> bool:
        """Whether a statement ends the script in both runs alike, or does nothing.

        A run that it ends does not count: the step fails there even where the command passes.
        """
        before = not self.trail.reached and not self.holds_mark(env, node)
        return before and self.idle_nodes.guards(node)

    def holds_mark(self, env: Env, node: shell.Statement | shell.Block) -> bool:
        """Whether what is looked for stands within a statement."""
        depth = len(env.source.at)
        for mark in (self.target, self.second):
            inside = mark and len(mark.at) > depth and mark.at[:depth] == env.source.at
            if mark and inside and node.start <= mark.at[depth] < node.end:
                return True
        return False

    def key(self, env: Env, node: shell.Node) -> tuple[int, ...]:
        """The place of a node, through all texts around it."""
        return (*env.source.at, node.start)

    def query(self, env: Env, node: shell.Node, *about: object) -> bool:
        """Whether a question is answered with yes, which may change from one time to the next."""
        key = self.key(env, node)
        self.trail.visits[key] += 1
        visit = min(self.trail.visits[key], MAX_VISITS)
        self.questions += 1
        self.at(env, node)
        return self.world.ask(("query", key, visit, *about, self.side()))

    def output(self, env: Env, node: shell.Node) -> None:
        """A program may print something that a substitution collects."""
        if env.output is not None:
            key = (-2, *self.key(env, node))
            self.trail.visits[key] += 1
            visit = min(self.trail.visits[key], MAX_VISITS)
            env.output.append((Symbol(("output", key, visit, self.side())),))

    def side(self) -> bool | None:
        """Tells the two runs of a pair apart, where what they look at may differ."""
        return self.fails if self.apart and self.trail.reached and not self.alike else None

    @contextmanager
    def asking_alike(self) -> Iterator[None]:
        """Both runs of a pair get the same answers."""
        before, self.alike = self.alike, True
        try:
            yield
        finally:
            self.alike = before

    def at(self, env: Env, node: shell.Node) -> None:
        """The questions from here on are asked by this node."""
        outer = env.source.at[:1]
        self.world.place = (outer[0], outer[0] + 1) if outer else (node.start, node.end)

    def outcome(self, env: Env, node: shell.Node) -> Status:
        """The status of the command that is looked for."""
        self.trail.reached = True
        if not self.fails:
            return 0
        self.trail.failed = True
        return Symbol(("status",), failing=True)

    def note(
        self, env: Env, node: shell.Node, status: Status, message: str, cause: Cause = "script"
    ) -> None:
        """A failing status is lost here."""
        if self.trail.failed and status != 0:
            outer = env.source.at[:1]
            start, end = (outer[0], 0) if outer else (node.start, node.end)
            found = Note(start, end, message, cause)
            if found not in self.trail.notes:
                self.trail.notes = (*self.trail.notes[-9:], found)

    def end(self, env: Env, node: shell.Node, status: Status, message: str) -> ExitError:
        """What ends the shell."""
        if status != 0:
            outer = env.source.at[:1]
            start, end = (outer[0], 0) if outer else (node.start, node.end)
            self.trail.ended = Note(start, end, message)
        return ExitError(status)

    def status_of(self, found: Value, last: Status) -> Status:
        """A value as the status that `exit` and `return` give; the last one for an empty value."""
        if self.world.empty(found):
            return last
        text = self.world.text(found)
        if text is not None:
            number = text.strip().lstrip("+")
            if number.lstrip("-").isdigit() and len(number) < 19:
                return int(number) & 255
            return 2
        known = self.world.known(found)
        if len(known) == 1 and isinstance(known[0], Symbol) and known[0].failing:
            return known[0]
        return 0 if self.world.zero(known) else Symbol(("not zero", *known), failing=True)


def settle(run: Run, env: Env, node: shell.Statement, status: Status) -> Status:
    """A command is done: `-e` and the trap for errors look at its status."""
    env.status = status
    if status == 0 or env.exempt:
        return status
    trap = env.traps.get("ERR")
    if trap is not None and not env.trapped:
        env.trapped = True
        _trapped(run, env, trap)
        env.trapped, env.status = False, status
    if env.errexit:
        raise run.end(env, node, status, "`-e` ends the script here")
    return status


def in_shell(run: Run, env: Env, node: shell.Statement | shell.Block) -> Status:
    """The status of a shell that runs a node and ends."""
    try:
        status = run.execute(run, env, node)
    except ExitError as error:
        status = error.status
    return at_exit(run, env, status)


def at_exit(run: Run, env: Env, status: Status) -> Status:
    """The status behind the trap for the end, where one is set."""
    trap = env.traps.pop("EXIT", None)
    if trap is None:
        return status
    env.status, env.exempt, env.calls, env.loops, env.ending = status, False, 0, 0, status
    try:
        _trapped(run, env, trap)
    except ExitError as error:
        if error.status == 0:
            run.note(env, trap.place, status, "the trap ends the script with 0")
        return error.status
    return status


def _trapped(run: Run, env: Env, trap: Trap) -> None:
    before, env.source = env.source, trap.source
    try:
        run.execute(run, env, trap.body)
    finally:
        env.source = before
