"""What a command's failure does, by the pairs of runs that a script can come to."""

from dataclasses import field
from typing import Literal

from iact_guard.analyze.shell.execution.pairs import Follower, Pair, Script
from iact_guard.analyze.shell.execution.run import Mark, Note
from iact_guard.analyze.shell.execution.state import NotUnderstoodError
from iact_guard.analyze.shell.execution.values import Symbol, Value, text_of
from iact_guard.model.records import dataclass

Verdict = Literal["fails", "swallowed", "conditional"]
_TOO_MANY = "the script can go too many ways to follow all of them"


@dataclass(slots=True)
class Judged:
    """The verdict for one command in its script; None with the reason where there is none."""

    verdict: Verdict | None = None
    reason: str = ""
    lost: tuple[Note, ...] = ()
    """Where its status is lost, in a run that swallows it."""
    ended: Note | None = None
    """What ends a run that fails."""
    unreached: bool = False
    """A run that swallows it never comes to it."""
    reached: bool = False
    """Some run comes to it."""
    written: frozenset[str] = frozenset()
    """Files that tell a failure from a success: `$GITHUB_OUTPUT`."""
    said: frozenset[tuple[str, str | None]] = frozenset()
    """What is written only where it failed: the file, and the command that writes; None where only
    a run can tell."""


def judge(script: Script, target: Mark, *, apart: bool = False) -> Judged:
    """Whether the script fails where the command does."""
    return _Judge(script, Follower(script, target, None, apart=apart), target).all()


def reaches(script: Script, first: Mark, second: Mark) -> bool | None:
    """Whether the second command runs although the first one failed; None where it may or not.

    It compares the runs in which the second one follows the first one where that passes.
    """
    follower = Follower(script, first, second, apart=False)
    found: set[bool] = set()
    pairs: list[Pair] = []
    try:
        for each in follower.leaves():
            pairs = each
    except NotUnderstoodError:
        return None
    for pair in pairs:
        if pair.passes.lost or pair.fails.lost:
            return None
        if pair.passes.trail.second:
            found.add(pair.fails.trail.second)
    return None if follower.bounded or len(found) != 1 else found.pop()


@dataclass(slots=True)
class _Judge:
    script: Script
    follower: Follower
    target: Mark
    fails: Pair | None = None
    swallows: Pair | None = None
    lost: list[str] = field(default_factory=list)
    reached: bool = False
    written: set[str] = field(default_factory=set)
    said: set[tuple[str, str | None]] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    kept: list[Pair] = field(default_factory=list)

    def all(self) -> Judged:
        pairs: list[Pair] = []
        try:
            for pairs in self.follower.leaves():
                self.closed(pairs)
                if self.fails and self.swallows:
                    return self.judged("conditional")
                decided = self.decided([p for p in pairs if p.passes.open or p.fails.open])
                if decided:
                    return self.judged(decided)
        except NotUnderstoodError as error:
            return Judged(reason=error.reason)
        if self.lost or self.follower.bounded:
            return Judged(reason=self.lost[0] if self.lost else _TOO_MANY)
        if not self.fails and not self.swallows:
            return Judged(reason="the script fails whether the command passes or not")
        return self.judged("swallowed" if self.swallows else "fails")

    def judged(self, verdict: Verdict) -> Judged:
        lost = self.swallows.fails.trail if self.swallows else None
        return Judged(
            verdict,
            lost=lost.notes if lost else (),
            ended=self.fails.fails.trail.ended if self.fails else None,
            unreached=bool(lost) and not (lost and lost.reached),
            reached=self.reached,
            written=frozenset(self.written),
            said=frozenset(self.said),
        )

    def closed(self, pairs: list[Pair]) -> None:
        """The runs that are over."""
        for pair in pairs:
            self.reached |= pair.passes.trail.reached
            over = not pair.passes.open and not pair.fails.open
            if over and id(pair) not in self.seen:
                self.seen.add(id(pair))
                self.kept.append(pair)  # its id must not be given to another one
                self.leaf(pair)

    def leaf(self, pair: Pair) -> None:
        passes, fails = pair.passes, pair.fails
        if passes.endless or (passes.done is not None and passes.done != 0):
            return
        if fails.done is not None and fails.done != 0:
            self.fails = self.fails or pair
        elif passes.lost or fails.lost:
            self.lost.append(passes.lost or fails.lost)
        else:
            self.swallow(pair)

    def swallow(self, pair: Pair) -> None:
        """A run that goes on; one that comes to the command tells more."""
        if self.swallows is None or not self.swallows.fails.trail.reached:
            self.swallows = pair
        fails, passes = pair.fails.trail.written, pair.passes.trail.written
        self.written.update(_named(target) for target, _ in fails ^ passes)
        self.said.update((_named(target), text_of(words)) for target, words in fails - passes)

    def decided(self, pairs: list[Pair]) -> Verdict | None:
        """The verdict, where what comes later cannot change it."""
        if not pairs or self.lost or self.follower.bounded:
            return None
        if not self.swallows and all(_has_failed(pair) for pair in pairs):
            self.fails = self.fails or pairs[0]
            return "fails"
        alive = self.script.alive
        later = bool(self.script.tree.unparsed) or self.follower.apart or not self.reached
        later |= alive.runs_later(self.target.at[0])
        if later or self.fails or not all(pair.equal or _has_failed(pair) for pair in pairs):
            return None
        passing = [pair for pair in pairs if pair.equal]
        if len(passing) < len(pairs):
            if len({pair.state for pair in pairs}) > 1:
                return None  # what comes later may leave only one kind
            self.fails = next(pair for pair in pairs if not pair.equal)
        for pair in passing:
            self.swallow(pair)
        return "conditional" if self.fails else "swallowed"


def _has_failed(pair: Pair) -> bool:
    return pair.fails.done is not None and pair.fails.done != 0


def _named(target: Value) -> str:
    """A file's name as written: `$GITHUB_OUTPUT`."""
    return "".join(piece if isinstance(piece, str) else f"${_variable(piece)}" for piece in target)


def _variable(symbol: Symbol) -> str:
    return str(symbol.name[1]) if symbol.name[0] == "variable" else "?"
