"""The search for a run that comes to its goal although the gates fail, or never ran.

In the runs that are tried every gate of the kind fails where it runs. A run that comes to its goal
all the same is a hole; what it hangs on is told by changing its answers.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import field
from itertools import combinations
from typing import Literal, cast

from iact_guard.analyze.choices import Choices, TooManyRunsError, explore
from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.production.questions import (
    Question,
    decider_of,
    job_asked,
    switch_named,
)
from iact_guard.analyze.workflow.order import needed_by
from iact_guard.analyze.workflow.run.event import Event
from iact_guard.analyze.workflow.run.result import Result, Run
from iact_guard.analyze.workflow.run.scope import TooDeepError
from iact_guard.analyze.workflow.run.simulate import simulate
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Workflow

MAX_RUNS = 200
"""In one world."""
MAX_JOBS = 6_000
"""Of all runs that are tried in a repository."""
MAX_OWN = 1_000
"""Of the runs that one event is tried with."""
MAX_RESERVE = 6_000
"""Of all runs with which a search is ended that came to its bound."""
MAX_CLIMB = 800
"""Of the runs of one such search."""
MAX_HOLES = 20
"""Of one world that are looked at: more of them hang on the same."""
MAX_QUESTIONS = 6
"""Of a run that are changed two at a time."""
Goal = Callable[[Run], bool]
Cause = Literal["passed-by", "never-ran", "switch", "paths", "computed"]
"""Why a run is a hole: a gate failed and the run went on; no gate ran; a switch, a filter of
changed paths or something computed in the run decides that it did not."""
Answers = dict[Question, int]


@dataclass(frozen=True, slots=True)
class World:
    """How jobs and steps end, where they run."""

    name: str
    ends: Mapping[str, Result] = field(default_factory=dict)
    """By entity id; what it says nothing of succeeds."""
    cancelled: bool = False
    """Somebody cancels the run."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is searched: the runs of a workflow that an event starts."""

    workflow: Workflow
    event: Event
    only: frozenset[str] | None
    """Keys of the jobs that count, with those that they need; None for all."""
    gates: frozenset[str]
    """Ids of the steps that hold a gate."""
    gate_jobs: frozenset[str]
    """Ids of their jobs."""
    watched: frozenset[str] = frozenset()
    """Ids of the steps that the goal asks for."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A run that comes to its goal without a gate that passed."""

    run: Run
    world: World
    cause: Cause
    question: str = ""
    """What it hangs on; empty for `passed-by` and `never-ran`."""
    value: str = ""
    """The answer that opens it."""


class TooLargeError(Exception):
    """The search came to its bound before it had seen every run."""


@dataclass(slots=True)
class Budget:
    """What a search may cost, counted in jobs of runs; all searches of a repository share one."""

    left: int = MAX_JOBS

    def spend(self, jobs: int) -> None:
        """TooManyRunsError where it is spent."""
        self.left -= jobs
        if self.left < 0:
            raise TooManyRunsError


@fact("repository.search_budget")
def _budget(ctx: Context, repository: Repository) -> Fact[Budget]:
    return known(Budget())


@fact("repository.search_reserve")
def _reserve(ctx: Context, repository: Repository) -> Fact[Budget]:
    return known(Budget(MAX_RESERVE))


def is_spent(ctx: Context) -> bool:
    """Whether the searches of this repository may not try every run any more."""
    return _budget(ctx, Repository()).known.left < 0


@dataclass(slots=True)
class Search:
    """The runs of a subject, in one world after the other."""

    ctx: Context
    subject: Subject
    goal: Goal
    own: Budget = field(default_factory=lambda: Budget(MAX_OWN))
    cures: dict[tuple[Question, int], tuple[Cause, Question]] = field(default_factory=dict)
    """Answers that were found to open a hole."""
    reserve: Budget | None = None
    """What `climb` is paid from; None for that of the repository."""
    pays: tuple[Budget, ...] = ()
    """What the next runs are paid from."""

    def __post_init__(self) -> None:
        self.pays = (self.own, _budget(self.ctx, Repository()).known)

    def holes(self, worlds: list[World]) -> Iterator[Hole]:
        """Each hole, lazily; TooLargeError behind them where not every run was tried."""
        complete, found = True, False
        for world in worlds:
            try:
                for hole in self._in(world):
                    found = True
                    yield hole
            except (TooManyRunsError, TooDeepError):
                complete = False
                if self.own.left < 0:
                    break
        if not complete:
            if worlds and not found:
                yield from self._climbed(worlds[0])
            raise TooLargeError

    def _climbed(self, world: World) -> Iterator[Hole]:
        """A hole to which single answers lead, each of which lets more of the jobs run."""
        found = self.climb(world, lambda run: sum(job.ran for job in run.jobs.values()), self.goal)
        try:
            if found and self.goal(found[0]):
                yield self._hole(world, *found)
        except TooManyRunsError:
            return

    def climb(
        self, world: World, height: Callable[[Run], int], enough: Callable[[Run], bool]
    ) -> "tuple[Run, Course] | None":
        """The best run to which single answers lead, one improvement after the other.

        Its cost is not that of the search: it has a small reserve for itself.
        """
        reserve = self.reserve or _reserve(self.ctx, Repository()).known
        self.pays = (Budget(MAX_CLIMB), reserve)
        counts: Answers = {}
        best: tuple[int, Run, Course] | None = None
        twice = False
        pending: list[Answers] = [{}]
        try:
            while pending:
                choices = Choices(answers=cast(dict[Hashable, int], dict(pending.pop(0))))
                run = self._run(world, choices)
                counts |= {cast(Question, each): count for each, _, count in choices.trail}
                here = height(run)
                if best is None or here > best[0] or enough(run):
                    course = Course(cast(Answers, dict(choices.answers)), counts)
                    best = here, run, course
                    pending = [changed for _, changed in course.changed()]
                if enough(run):
                    break
                if not pending and not twice:
                    # What somebody fills in may only count together: a place and an action.
                    twice, pending = True, list(best[2].filled_in())
        except (TooManyRunsError, TooDeepError, IndexError):
            pass  # the best so far is one all the same
        return best[1:] if best else None

    def _in(self, world: World) -> Iterator[Hole]:
        found = 0
        for run, choices in explore(lambda choices: self._explored(world, choices), MAX_RUNS):
            if self.goal(run):
                found += 1
                yield self._hole(world, run, choices)
            if found >= MAX_HOLES:
                return

    def _explored(self, world: World, choices: Choices) -> tuple[Run, "Course"]:
        run = self._run(world, choices)
        counts = {question: count for question, _, count in choices.trail}
        return run, Course(cast(Answers, dict(choices.answers)), cast(Answers, counts))

    def _run(self, world: World, choices: Choices) -> Run:
        subject = self.subject
        self._pay(0)
        run = simulate(
            self.ctx,
            subject.workflow,
            subject.event,
            world.ends,
            choices,
            only=subject.only,
            watched=subject.gates | subject.watched,
            cancelled=world.cancelled,
        )
        self._pay(len(run.jobs) + 1)
        return run

    def _pay(self, jobs: int) -> None:
        for budget in self.pays:
            budget.spend(jobs)

    def answered(self, world: World, answers: Answers) -> Run | None:
        """The run with these answers; None where one of them does not exist in it."""
        try:
            return self._run(world, Choices(answers=cast(dict[Hashable, int], dict(answers))))
        except (IndexError, TooDeepError):
            return None

    def _hole(self, world: World, run: Run, course: "Course") -> Hole:
        cure = self._cure(world, course) if self.subject.gates else None
        if cure:
            cause, question = cure
            words = dict(run.chosen)
            return Hole(run, world, cause, question[1], words.get(question[1], ""))
        return Hole(run, world, "passed-by" if self._gate_ran(world, run) else "never-ran")

    def _cure(self, world: World, course: "Course") -> tuple[Cause, Question] | None:
        """The answer that closes the hole and still lets the gates' success reach the goal."""
        for pair in course.answers.items():
            if pair in self.cures:
                return self.cures[pair]
        cure = self._new_cure(world, course)
        if cure and cure[1] in course.answers:
            self.cures[cure[1], course.answers[cure[1]]] = cure
        return cure

    def _new_cure(self, world: World, course: "Course") -> tuple[Cause, Question] | None:
        found: dict[Cause, Question] = {}
        for question, answers in course.changed():
            if cause := self._closed(world, question, answers):
                found.setdefault(cause, question)
        for cause in ("computed", "paths", "switch"):
            if cause in found:
                return cause, found[cause]
        for one, other, answers in course.changed_twice() if self.pays[0] is self.own else ():
            # With each answer alone the hole stays: another run shows what each of them does.
            causes = {self._closed(world, each, answers) for each in (one, other)}
            if "paths" in causes or "switch" in causes:
                return "paths", one
            if "computed" in causes:
                return "computed", one
        return None

    def _closed(self, world: World, question: Question, answers: Answers) -> Cause | None:
        decider = decider_of(self.ctx, self.subject.workflow, question)
        if decider == "event":
            return None
        run = self.answered(world, answers)
        if run is None or self.goal(run):
            return None
        if decider == "run" and self._speaks_of_gates(question):
            return "computed"
        every = World("every gate passes")
        passing = self.answered(every, answers)
        if passing is None or not self.goal(passing) or not self._gate_ran(every, passing):
            return None  # it only decides whether there is a deployment at all
        if decider == "person":
            return "switch"
        return "paths" if decider == "paths" else "computed"

    def _speaks_of_gates(self, question: Question) -> bool:
        """Whether a job that computes an answer may have looked at the gates."""
        job = job_asked(self.ctx, self.subject.workflow, question)
        if job is None:
            return True
        around = {job.id, *(each.id for each in needed_by(self.ctx, job).known)}
        return bool(around & self.subject.gate_jobs)

    def _gate_ran(self, world: World, run: Run) -> bool:
        """Whether a gate was started: as a step, or with a job whose end is assumed."""
        return any(
            any(step.ran and step.step.id in self.subject.gates for step in job.steps)
            or (job.ran and job.job.id in world.ends)
            for job in run.jobs.values()
            if job.job.id in self.subject.gate_jobs
        )


@dataclass(frozen=True, slots=True)
class Course:
    """The answers of a run, and how many each question has."""

    answers: Answers
    counts: dict[Question, int]

    def changed(self) -> Iterator[tuple[Question, Answers]]:
        """Each other answer of each question."""
        for question, index in self.answers.items():
            for other in range(self.counts.get(question, 1)):
                if other != index:
                    yield question, {**self.answers, question: other}

    def filled_in(self) -> Iterator[Answers]:
        """Other answers of two questions at once that a person decides."""
        asked = {each: i for each, i in self.answers.items() if switch_named(each[1])}
        for one, two, answers in Course(asked, self.counts).changed_twice():
            yield {**self.answers, one: answers[one], two: answers[two]}

    def changed_twice(self) -> Iterator[tuple[Question, Question, Answers]]:
        """Another answer of two questions at once."""
        questions = list(self.answers)[:MAX_QUESTIONS]
        for one, two in combinations(questions, 2):
            for first in range(self.counts.get(one, 1)):
                for second in range(self.counts.get(two, 1)):
                    if first != self.answers[one] and second != self.answers[two]:
                        yield one, two, {**self.answers, one: first, two: second}


def named(hole: Hole) -> str:
    """The switch of a hole in words."""
    return switch_named(hole.question) or hole.question
