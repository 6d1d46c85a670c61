"""Runs whose course hangs on what the text cannot tell: tried one after the other.

A run asks a `Choices` whenever something may go either way; `explore` repeats it until every
combination that a run can come to was seen, or the bound is reached.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import field
from typing import TypeVar

from iact_guard.model.records import dataclass

T = TypeVar("T")
R = TypeVar("R")


class TooManyRunsError(Exception):
    """The bound was reached before every combination was tried."""


@dataclass(slots=True)
class Choices:
    """What was decided so far; the same question gets the same answer within a run."""

    trail: list[tuple[Hashable, int, int]] = field(default_factory=list)
    """Question, the index of its answer, how many answers it has; in the order of asking."""
    answers: dict[Hashable, int] = field(default_factory=dict)

    def choose(self, question: Hashable, options: Sequence[T]) -> T:
        """One of the options: always the same for a question, the first one to begin with."""
        if question not in self.answers:
            self.answers[question] = 0
            self.trail.append((question, 0, len(options)))
        return options[self.answers[question]]

    def follow(self) -> bool:
        """Go to the next combination; False where all were tried."""
        while self.trail:
            question, index, count = self.trail.pop()
            if index + 1 < count:
                self.trail.append((question, index + 1, count))
                self.answers = {question: index for question, index, _ in self.trail}
                return True
        return False


def explore(run: Callable[[Choices], R], limit: int) -> Iterator[R]:
    """The result of each run, lazily; TooManyRunsError behind the first `limit` of them.

    `run` must ask the same questions where it got the same answers.
    """
    choices = Choices()
    for _ in range(limit):
        yield run(choices)
        if not choices.follow():
            return
    raise TooManyRunsError
