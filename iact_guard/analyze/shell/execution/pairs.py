"""Pairs of runs: a command passes in one and fails in the other, all else being equal.

The statements of a script are followed one by one; pairs that have come to the same state are one.
"""

from collections.abc import Callable, Hashable, Iterator

from iact_guard.analyze.choices import Choices, TooManyRunsError, explore
from iact_guard.analyze.shell.execution.idle import Idle
from iact_guard.analyze.shell.execution.liveness import Liveness
from iact_guard.analyze.shell.execution.run import Cause, Fuel, Mark, Run, Trail, at_exit
from iact_guard.analyze.shell.execution.state import (
    EndlessError,
    Env,
    ExitError,
    LoopError,
    NotUnderstoodError,
    ReturnError,
)
from iact_guard.analyze.shell.execution.statements import execute
from iact_guard.analyze.shell.execution.values import Status, Symbol
from iact_guard.analyze.shell.execution.world import World
from iact_guard.data.tables import rows
from iact_guard.model.records import dataclass
from iact_guard.syntax import shell

MAX_RUNS = 250
"""Of one statement, from one state."""
MAX_PAIRS = 40
"""States that are followed side by side."""
FUEL = 20_000
"""Statements that are run for all commands of a script."""
FUEL_EACH = 3_000
"""For one of them."""


@dataclass(slots=True)
class Side:
    """One run of a pair, between two statements."""

    env: Env
    trail: Trail
    done: Status | None = None
    """What the script has ended with."""
    lost: str = ""
    """Why it cannot be followed any further."""
    endless: bool = False

    @property
    def open(self) -> bool:
        """Whether the script goes on."""
        return self.done is None and not self.lost


@dataclass(slots=True)
class Pair:
    """Two runs that assume the same; one and the same object until the command is reached."""

    passes: Side
    fails: Side
    world: World
    equal: bool = True
    """Nothing tells them apart from here on."""
    state: Hashable = None
    """Of the run that passes: what comes later is the same for the same state."""


class Script:
    """A script that is followed again and again, for one command after the other."""

    def __init__(self, tree: shell.Script, env: Env, shared: Fuel) -> None:
        self.tree = tree
        self.items = tree.body.items
        self.alive = Liveness(tree)
        queries = frozenset(rows("queries", "query"))
        self.idle = Idle(self.alive.functions, queries)
        self.fuel = Fuel(FUEL, shared)
        first = Side(env, Trail())
        self.before: list[list[Pair]] = [[Pair(first, first, World(Choices()))]]
        """The states before each statement, where nothing is looked for."""
        self.bounded = False

    def index(self, offset: int) -> int:
        """Which statement an offset stands in."""
        return next((i for i, item in enumerate(self.items) if offset < item.end), 0)

    def states(self, index: int) -> list[Pair]:
        """The states before a statement."""
        while len(self.before) <= index:
            here = len(self.before) - 1
            follower = Follower(self, None, None, apart=False)
            self.before.append(list(follower.step(self.before[here], here)))
            self.bounded |= follower.bounded
        return self.before[index]


class Follower:
    """Follows a script for one command."""

    def __init__(
        self, script: Script, target: Mark | None, second: Mark | None, *, apart: bool
    ) -> None:
        self.script = script
        self.target, self.second, self.apart = target, second, apart
        self.bounded = False
        self.fuel = script.fuel

    def leaves(self) -> Iterator[list[Pair]]:
        """The states behind each statement from that of the command on; those of the end last."""
        script = self.script
        self.fuel.portion(FUEL_EACH)
        index = script.index(self.target.at[0]) if self.target else 0
        pairs = script.states(index)
        self.bounded |= script.bounded
        for here in range(index, len(script.items)):
            pairs = list(self.step(pairs, here))
            yield pairs
        yield list(self.step(pairs, len(script.items)))

    def step(self, pairs: list[Pair], index: int) -> Iterator[Pair]:
        """The states behind a statement; behind the last one the script ends."""
        found: dict[Hashable, Pair] = {}
        for pair in pairs:
            self.fuel.check()
            if not (pair.passes.open or pair.fails.open):
                found.setdefault(id(pair), pair)
                continue
            try:
                for after in explore(self._one(pair, index), MAX_RUNS):
                    known = len(after.world.answers) + len(after.passes.env.values)
                    self.fuel.spend(known // 4)
                    self.fuel.check()
                    found.setdefault(self._merged(after, index), after)
            except TooManyRunsError:
                self.bounded = True
            if len(found) > MAX_PAIRS:
                self.bounded = True
                break
        yield from found.values()

    def _one(self, pair: Pair, index: int) -> Callable[[Choices], Pair]:
        def run(choices: Choices) -> Pair:
            world = World(choices, pair.world)
            passes = self._side(pair.passes, world, index, fails=False)
            if pair.passes is pair.fails and not passes.trail.reached:
                return Pair(passes, passes, world)
            return Pair(passes, self._side(pair.fails, world, index, fails=True), world)

        return run

    def _side(self, side: Side, world: World, index: int, *, fails: bool) -> Side:
        if not side.open:
            return side
        env = side.env.fork()
        env.jobs = dict(side.env.jobs)
        trail = side.trail.copy()
        run = Run(world, trail, self.fuel, execute, self.script.idle, self.target, self.second,
                  fails, self.apart)  # fmt: skip
        found = Side(env, trail)
        items = self.script.items
        try:
            if index == len(items):
                found.done = at_exit(run, env, env.status)
                return found
            item = items[index]
            status = execute(run, env, shell.Block(item.start, item.end, (item,)))
            if status != 0 and index + 1 < len(items):
                following = items[index + 1].statement
                cause: Cause = "remote" if env.remote else "script"
                run.note(env, following, status, "the script goes on here, `-e` is off", cause)
        except ExitError as error:
            found.done = self._ended(run, env, error, found)
        except (LoopError, ReturnError):
            pass
        except EndlessError:
            found.lost, found.endless = "a loop that nothing ends", True
        except NotUnderstoodError as error:
            found.lost = error.reason
        return found

    def _ended(self, run: Run, env: Env, error: ExitError, side: Side) -> Status | None:
        try:
            return at_exit(run, env, error.status)
        except (EndlessError, NotUnderstoodError):
            side.lost = "the trap at the end cannot be followed"
        return None

    def _merged(self, pair: Pair, index: int) -> Hashable:
        """What tells a state from others."""
        items, alive = self.script.items, self.script.alive
        if not pair.passes.open and not pair.fails.open:
            return id(pair)
        offset = items[index + 1].start if index + 1 < len(items) else len(alive.text)
        following = items[index + 1] if index + 1 < len(items) else None
        text = alive.text[following.start : following.end] if following else "exit"
        reads = any(word in text for word in ("?", "exit", "return", "PIPESTATUS", "trap"))
        symbols: set[Symbol] = set()
        keys = []
        sides = (pair.passes,) if pair.passes is pair.fails else (pair.passes, pair.fails)
        for side in sides:
            if following and not reads and not side.env.traps:
                side.env.status, side.env.statuses = 0, (0,)
            keys.append(self._key(side, offset, symbols))
        alive.prune(pair.world, symbols, offset)
        pair.equal = len(keys) == 1 or keys[0] == keys[1]
        told = () if pair.equal else (
            pair.fails.trail.written ^ pair.passes.trail.written, pair.fails.trail.notes,
        )  # fmt: skip
        world = frozenset(pair.world.answers.items()), frozenset(pair.world.bound.items())
        met = [(s.trail.reached, s.trail.failed, s.trail.second, s.trail.notes) for s in sides]
        pair.state = (keys[0], world)
        return (*keys, world, tuple(met), told)

    def _key(self, side: Side, offset: int, symbols: set[Symbol]) -> Hashable:
        env, alive = side.env, self.script.alive
        values, arrays = alive.values(env, offset), alive.arrays(env, offset)
        for found in values.values():
            symbols.update(piece for piece in found if isinstance(piece, Symbol))
        for elements in arrays.values():
            symbols.update(p for each in elements for p in each if isinstance(p, Symbol))
        return (
            side.done, side.lost, env.errexit, env.pipefail, env.errtrace, env.status, env.statuses,
            env.posix, env.inherit, env.lastpipe, env.arguments, env.unset,
            frozenset(values.items()), frozenset(arrays.items()), frozenset(env.jobs.items()),
            frozenset((name, id(each.body)) for name, each in env.functions.items()),
            frozenset((name, id(each.body)) for name, each in env.traps.items()),
            frozenset(side.trail.files.items()), frozenset(side.trail.content.items()),
        )  # fmt: skip
