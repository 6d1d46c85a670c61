"""The steps of one job in a run: conditions, tolerance, the background, composite actions."""

from collections.abc import Callable, Iterator
from dataclasses import field

from iact_guard.analyze.context import Context
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import used_action
from iact_guard.analyze.workflow.run.condition import condition_of
from iact_guard.analyze.workflow.run.deciding import decides, references
from iact_guard.analyze.workflow.run.judged import judge
from iact_guard.analyze.workflow.run.result import Result, StepRun
from iact_guard.analyze.workflow.run.scope import Given, Givens, Scope
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Action, Job, Step, Workflow
from iact_guard.syntax.expression import Open, Unknown, to_text

MAX_DEPTH = 6
"""Composite actions within one another."""

Assumed = Callable[[Job | Step], Result | None]
Watched = Callable[[Step], bool]


@dataclass(slots=True)
class Steps:
    """The steps of a job or of a composite action, as far as something hangs on them."""

    ctx: Context
    scope: Scope
    assumed: Assumed
    watched: Watched
    depth: int = 0
    status: Result = "success"
    """Of the job so far: success, failure or cancelled."""
    runs: list[StepRun] = field(default_factory=list)
    states: dict[str, Open] = field(default_factory=dict)
    pending: dict[str, tuple[Step, Result, Result]] = field(default_factory=dict)
    """Background steps that nobody has waited for, by their id (in lower case) or entity id."""

    def run(self, steps: tuple[Step, ...]) -> Result:
        """The result of the job or action that has them; TooDeepError beyond a bound."""
        self.scope.contexts["steps"] = Open(self.states)
        wanted = relevant(self.ctx, steps, self.assumed, self.watched, self.depth)
        for step in steps:
            kinds = {pair.key.text for pair in step.extra}
            if kinds & {"wait", "wait-all", "cancel"}:
                self.control(step)
            elif step.id in wanted:
                self.one(step, background="background" in kinds and _is_on(step, "background"))
        self.surface(list(self.pending))  # GitHub waits for all before it cleans up
        return self.status

    def one(self, step: Step, *, background: bool) -> None:
        """A step with `run` or `uses`."""
        place = self.of_step(step)
        runs, why = self.starts(step, place)
        if not runs:
            self.ended(step, "skipped", "skipped", why)
            return
        position = len(self.runs)
        outcome, why = self.outcome(step, place)
        tolerated = outcome == "failure" and _tolerates(step, place)
        conclusion: Result = "success" if tolerated else outcome
        if background:
            key = (step.key.text if step.key else step.id).lower()
            self.pending[key] = (step, outcome, conclusion)
            self.runs.insert(position, StepRun(step, outcome, conclusion, why))
            return
        self.ended(step, outcome, conclusion, why, position)
        self.note(conclusion)

    def starts(self, step: Step, place: Scope) -> tuple[bool, str]:
        """Whether a step is started, and why not."""
        condition = condition_of(step.condition.text) if step.condition else None
        if step.condition and condition is None:
            return True, "its `if` cannot be read"
        if (condition is None or not condition.explicit) and self.status != "success":
            return False, f"a step before it ended as {self.status}"
        if condition and not place.holds(condition):
            return False, "its `if` does not hold"
        return True, ""

    def outcome(self, step: Step, place: Scope) -> tuple[Result, str]:
        """How a step that was started ends, and why."""
        forced = self.assumed(step)
        if forced:
            return forced, f"it is assumed to end as {forced}"
        action = composite_of(self.ctx, step)
        if action and self.depth < MAX_DEPTH:
            return self.composite(step, place, action)
        return judge(self.ctx, step, place)

    def composite(self, step: Step, place: Scope, action: Action) -> tuple[Result, str]:
        """The steps of an action: their status begins anew, whatever the job's is."""
        given: Givens = {
            ("inputs", each.name.lower()): Given(value.text, place)
            for each in action.inputs
            if (value := step.input(each.name) or each.default)
        }
        contexts = {"inputs": Open({each.name: Unknown() for each in action.inputs})}
        scope = place.inner(f"{place.key}/{step.id}", contexts, given)
        inner = Steps(self.ctx, scope, self.assumed, self.watched, depth=self.depth + 1)
        result = inner.run(action.steps)
        self.runs += inner.runs
        why = f"a step of {action.path} ended as {result}" if result != "success" else ""
        return result, why

    def control(self, step: Step) -> None:
        """`wait`, `wait-all`, `cancel`: they run whatever happened before."""
        for pair in step.extra:
            name = pair.value.text.lower()
            if pair.key.text == "cancel":
                self.pending.pop(name, None)  # stopped on purpose
            elif pair.key.text == "wait":
                self.surface([name] if name in self.pending else [], step)
            else:
                self.surface(list(self.pending), step)

    def surface(self, names: list[str], waiting: Step | None = None) -> None:
        """Background steps end where they are waited for."""
        tolerant = waiting is not None and _tolerates(waiting, self.scope)
        for name in names:
            step, outcome, conclusion = self.pending.pop(name)
            self.state(step, outcome, conclusion)
            if not (tolerant and conclusion == "failure"):
                self.note(conclusion)

    def note(self, conclusion: Result) -> None:
        """What a step's end makes of the job: the first that does not succeed decides."""
        if self.status == "success" and conclusion in ("failure", "cancelled"):
            self.status = conclusion

    def statuses(self) -> None:
        """The status functions as the next step sees them."""
        self.scope.contexts |= {
            "success()": self.status == "success",
            "failure()": self.status == "failure",
            "cancelled()": self.status == "cancelled",
            "always()": True,
            "job": Open({"status": self.status}),
        }

    def ended(
        self, step: Step, outcome: Result, conclusion: Result, why: str, position: int | None = None
    ) -> None:
        """Remember a step that has ended; `position` is where it began."""
        self.state(step, outcome, conclusion)
        at = len(self.runs) if position is None else position
        self.runs.insert(at, StepRun(step, outcome, conclusion, why))

    def state(self, step: Step, outcome: Result, conclusion: Result) -> None:
        """What later steps see of it."""
        if step.key:
            outputs = Open() if outcome != "skipped" else {}
            known = {"outcome": outcome, "conclusion": conclusion, "outputs": outputs}
            self.states[step.key.text] = Open(known)
            self.scope.contexts["steps"] = Open(self.states)

    def of_step(self, step: Step) -> Scope:
        """The place with the step's own `env`."""
        self.statuses()
        if not step.env:
            return self.scope
        return with_env(self.scope, self.scope.key, step)


def with_env(scope: Scope, key: str, holder: "Step | Job | Workflow") -> Scope:
    """A place with another layer of `env`."""
    names = {pair.key.text: pair.value.text for pair in holder.env}
    outer = scope.contexts.get("env")
    known = Open(outer if isinstance(outer, dict) else {})
    given: Givens = {}
    for name, text in names.items():
        value = scope.known_text(text)
        known[name] = Unknown() if value is None else value
        path = ("env", name.lower())
        given[path] = Given(text, scope, "string")
    return scope.inner(key, {"env": known}, given)


def composite_of(ctx: Context, step: Step) -> Action | None:
    """The composite action of the repository that a step uses."""
    if step.uses is None or parse_use(step.uses).kind != "local":
        return None
    action = used_action(ctx, step.uses)
    return action if action and action.using == "composite" else None


def relevant(
    ctx: Context, steps: tuple[Step, ...], assumed: Assumed, watched: Watched, depth: int
) -> frozenset[str]:
    """The entity ids of the steps that something hangs on: the others succeed, or are skipped."""
    wanted = {step.id for step in steps if _counts(ctx, step, assumed, watched, depth)}
    by_key = {step.key.text.lower(): step for step in steps if step.key}
    pending = [step for step in steps if step.id in wanted]
    while pending:
        for name in references(pending.pop()):
            other = by_key.get(name)
            if other and other.id not in wanted:
                wanted.add(other.id)
                pending.append(other)
    return frozenset(wanted)


def _counts(ctx: Context, step: Step, assumed: Assumed, watched: Watched, depth: int) -> bool:
    if watched(step) or assumed(step) is not None or decides(step):
        return True
    action = composite_of(ctx, step) if depth < MAX_DEPTH else None
    inner: Iterator[Step] = iter(action.steps if action else ())
    return any(_counts(ctx, each, assumed, watched, depth + 1) for each in inner)


def _tolerates(step: Step, place: Scope) -> bool:
    given = step.continue_on_error
    if given is None:
        return False
    value = place.text(given.text)
    return value is True or to_text(value).lower() == "true"


def _is_on(step: Step, name: str) -> bool:
    return any(p.key.text == name and p.value.text.lower() != "false" for p in step.extra)
