"""The search for a run that comes to its goal although the gates fail, or never ran.

In the runs that are tried every gate of the kind fails where it runs. A run that comes to its goal
all the same is a hole; what it hangs on is told by changing its answers.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal, cast

from iact_guard.analyze.choices import Choices, TooManyRunsError, explore
from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.questions import Question, decider_of, job_asked, switch_named
from iact_guard.analyze.workflow.order import needed_by
from iact_guard.analyze.workflow.run.event import Event
from iact_guard.analyze.workflow.run.result import Result, Run
from iact_guard.analyze.workflow.run.scope import TooDeepError
from iact_guard.analyze.workflow.run.simulate import simulate
from iact_guard.model.fact import Fact, known
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Workflow

MAX_RUNS = 200
"""In one world."""
MAX_JOBS = 6_000
"""Of all runs that are tried in a repository."""
MAX_OWN = 1_000
"""Of the runs that one event is tried with."""
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


def is_spent(ctx: Context) -> bool:
    """Whether the searches of this repository have had all that they may cost."""
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

    def holes(self, worlds: list[World]) -> Iterator[Hole]:
        """Each hole, lazily; TooLargeError behind them where not every run was tried."""
        complete = True
        for world in worlds:
            try:
                yield from self._in(world)
            except (TooManyRunsError, TooDeepError):
                complete = False
                if self.own.left < 0:
                    break
        if not complete:
            raise TooLargeError

    def _in(self, world: World) -> Iterator[Hole]:
        found = 0
        for run, choices in explore(lambda choices: self._explored(world, choices), MAX_RUNS):
            if self.goal(run):
                found += 1
                yield self._hole(world, run, choices)
            if found >= MAX_HOLES:
                return

    def _explored(self, world: World, choices: Choices) -> tuple[Run, "_Course"]:
        run = self._run(world, choices)
        counts = {question: count for question, _, count in choices.trail}
        return run, _Course(cast(Answers, dict(choices.answers)), cast(Answers, counts))

    def _run(self, world: World, choices: Choices) -> Run:
        subject = self.subject
        self.own.spend(0)
        _budget(self.ctx, Repository()).known.spend(0)
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
        self.own.spend(len(run.jobs) + 1)
        _budget(self.ctx, Repository()).known.spend(len(run.jobs) + 1)
        return run

    def _with(self, world: World, answers: Answers) -> Run | None:
        """The run with these answers; None where one of them does not exist in it."""
        try:
            return self._run(world, Choices(answers=cast(dict[Hashable, int], dict(answers))))
        except (IndexError, TooDeepError):
            return None

    def _hole(self, world: World, run: Run, course: "_Course") -> Hole:
        cure = self._cure(world, course) if self.subject.gates else None
        if cure:
            cause, question = cure
            words = dict(run.chosen)
            return Hole(run, world, cause, question[1], words.get(question[1], ""))
        return Hole(run, world, "passed-by" if self._gate_ran(world, run) else "never-ran")

    def _cure(self, world: World, course: "_Course") -> tuple[Cause, Question] | None:
        """The answer that closes the hole and still lets the gates' success reach the goal."""
        for pair in course.answers.items():
            if pair in self.cures:
                return self.cures[pair]
        cure = self._new_cure(world, course)
        if cure and cure[1] in course.answers:
            self.cures[cure[1], course.answers[cure[1]]] = cure
        return cure

    def _new_cure(self, world: World, course: "_Course") -> tuple[Cause, Question] | None:
        found: dict[Cause, Question] = {}
        for question, answers in course.changed():
            if cause := self._closed(world, question, answers):
                found.setdefault(cause, question)
        for cause in ("computed", "paths", "switch"):
            if cause in found:
                return cause, found[cause]
        for one, other, answers in course.changed_twice():
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
        run = self._with(world, answers)
        if run is None or self.goal(run):
            return None
        if decider == "run" and self._speaks_of_gates(question):
            return "computed"
        every = World("every gate passes")
        passing = self._with(every, answers)
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
class _Course:
    """The answers of a run, and how many each question has."""

    answers: Answers
    counts: dict[Question, int]

    def changed(self) -> Iterator[tuple[Question, Answers]]:
        """Each other answer of each question."""
        for question, index in self.answers.items():
            for other in range(self.counts.get(question, 1)):
                if other != index:
                    yield question, {**self.answers, question: other}

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
