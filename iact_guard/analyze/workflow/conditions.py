"""What can be said of an `if` before anything runs: that it never holds, or always does."""

from collections.abc import Iterator
from dataclasses import replace

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.run.condition import Condition, condition_of
from iact_guard.analyze.workflow.run.domains import path_of
from iact_guard.analyze.workflow.run.event import PULL_REQUESTS, Event, dispatched, github_of
from iact_guard.analyze.workflow.run.events import combined_events_of
from iact_guard.analyze.workflow.run.legs import axis_of
from iact_guard.analyze.workflow.run.scope import canonical
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Input, Job, Step, Workflow
from iact_guard.syntax.expression import (
    EITHER,
    Call,
    Comparison,
    Contexts,
    Index,
    Literal,
    Logical,
    Name,
    Node,
    Open,
    Unknown,
    Value,
    evaluate,
    nodes_in,
    truth,
)

_RESULTS = Unknown(("success", "failure", "cancelled", "skipped"))
_STATUS = Unknown(("success", "failure", "cancelled"))
_SYSTEMS = Unknown(("Linux", "Windows", "macOS"))
_REFS = frozenset({"ref", "ref_name", "base_ref", "head_ref"})
_KINDS = frozenset({"refs/tags/", "refs/heads/", "refs/pull/"})
_SEARCHES = frozenset({"contains", "startswith", "endswith", "format", "join"})
_ENDS_BADLY = regex(r"(?:^|\n|;)\s*exit [1-9]\d*\s*$")
Ruled = tuple["Held", ...]


@dataclass(frozen=True, slots=True)
class Held:
    """An `if` whose value is settled by the text."""

    text: Authored
    what: str
    """`the job test`, `the step Lint`."""
    why: str


@fact("job.dead_conditions")
def dead_conditions_of(ctx: Context, job: Job) -> Fact[Ruled]:
    """Conditions of a job and its steps that no trigger of the workflow can make true."""
    workflow = ctx.project.workflow_of(job)
    found = []
    for text, what, contexts in _conditions(job):
        condition = condition_of(text.text)
        if condition is None or condition.is_text or _is_switched(condition.node, "&&", False):
            continue
        asked = _compared_twice(condition.node, "&&", "==")
        if not asked and _may_hold(ctx, workflow, condition.node, contexts):
            continue
        if not _is_alarm(job, text):
            why = (
                f"{asked} at once" if asked else _why_never(ctx, workflow, condition.node, contexts)
            )
            found.append(Held(text, what, why))
    return known(tuple(found))


def _may_hold(ctx: Context, workflow: Workflow, node: Node, contexts: dict[str, Value]) -> bool:
    """Whether some event may make an expression true; without any event it is not asked."""
    events = combined_events_of(ctx, workflow).known
    if not events:
        return True
    names = {inner.name for inner in nodes_in(node) if isinstance(inner, Name)}
    if names.isdisjoint({"github", "inputs"}):
        events = events[:1]
    elif _searches(node):  # a part of the name of a branch or tag: it can be any
        events = (*events, *(replace(e, ref="", base="") for e in events if e.name))
    places = ({**contexts, **_of_event(workflow, event)} for event in events)
    return any(truth(evaluate(node, place)) is not False for place in places)


def _is_alarm(job: Job, text: Authored) -> bool:
    """Whether it guards a step that does nothing but fail: better that it never runs."""
    step = next((each for each in job.steps if each.condition is text), None)
    return (
        step is not None and step.run is not None and _ENDS_BADLY.search(step.run.text) is not None
    )


def is_switched_off(text: Authored) -> bool:
    """Whether `false` is written out and decides."""
    condition = condition_of(text.text)
    if condition is None or condition.is_text:
        return False
    return _is_switched(condition.node, "&&", False)


@fact("job.constant_conditions")
def constant_conditions_of(ctx: Context, job: Job) -> Fact[Ruled]:
    """Conditions that hold whatever happens, though somebody wrote a question."""
    workflow = ctx.project.workflow_of(job)
    booleans = {i.name: EITHER for t in workflow.triggers for i in t.inputs if i.type == "boolean"}
    found = []
    for text, what, _ in _conditions(job):
        condition = condition_of(text.text)
        why = _why_always(condition, {"inputs": Open(booleans)}) if condition else ""
        if why:
            found.append(Held(text, what, why))
    return known(tuple(found))


def _why_always(condition: Condition, contexts: Contexts) -> str:
    """Why a condition always holds; empty where it does not, or is written so on purpose."""
    if condition.is_text:
        return (
            "something stands around its `${{ }}` (a line break at its end counts), so that it"
            " is a text, and a text that is not empty counts as true"
        )
    node = condition.node
    if isinstance(node, Literal):
        told = isinstance(node.value, str) and node.value
        return (
            f"'{node.value}' is a text, and a text that is not empty counts as true" if told else ""
        )
    asked = _compared_twice(node, "||", "!=")
    if asked:
        return f"{asked} at once, so that it always differs from one of them"
    if _is_switched(node, "||", True) or not truth(
        evaluate(node, {**contexts, "always()": EITHER})
    ):
        return ""
    text = next((o.value for o in _operands(node) if isinstance(o, Literal) and o.value), None)
    if isinstance(text, str):
        return f"'{text}' alone counts as true: it is compared with nothing"
    return "nothing that a run can bring makes it false"


def _compared_twice(node: Node, operator: str, comparison: str) -> str:
    """That one value cannot be two texts, where a chain compares it with both; empty if not."""
    operands = node.operands if isinstance(node, Logical) and node.operator == operator else ()
    seen: dict[str, str] = {}
    for each in operands:
        if not isinstance(each, Comparison) or each.operator != comparison:
            continue
        pair = (each.left, each.right)
        path = next((canonical(side) for side in pair if isinstance(side, Index)), "")
        text = next((side.value for side in pair if isinstance(side, Literal)), None)
        if not path or "*" in path or not isinstance(text, str):
            continue
        before = seen.setdefault(path, text)
        if before.lower() != text.lower():
            return f"`{path}` cannot be '{before}' and '{text}'"
    return ""


def _is_switched(node: Node, operator: str, value: bool) -> bool:
    """Whether `true` or `false` is written out and decides: somebody wants it so."""
    if isinstance(node, Logical) and node.operator == operator:
        return any(_is_switched(each, operator, value) for each in node.operands)
    return isinstance(node, Literal) and node.value is value


def _operands(node: Node) -> tuple[Node, ...]:
    return node.operands if isinstance(node, Logical) and node.operator == "||" else ()


def _conditions(
    job: Job,
) -> Iterator[tuple[Authored, str, dict[str, Value]]]:
    """Each `if` with what its contexts can be, whatever the event."""
    shared: dict[str, Value] = {
        "success()": EITHER, "failure()": EITHER, "cancelled()": EITHER, "always()": True,
        "needs": Open({n.text: Open({"result": _RESULTS}) for n in job.needs}),
    }  # fmt: skip
    if job.condition:
        # Nothing fails before a job that waits for none.
        own: dict[str, Value] = shared if job.needs else {**shared, "failure()": False}
        yield job.condition, f"the job {job.key}", own
    ids = {step.key.text: _STATE for step in job.steps if step.key}
    for step in job.steps:
        if step.condition:
            contexts = {
                **shared,
                "job": Open({"status": _STATUS}),
                "runner": Open({"os": _SYSTEMS}),
                "steps": Open(ids),
                "matrix": _matrix(job),
            }
            yield step.condition, f"the step {named(step)}", contexts


_STATE = Open({"outcome": _RESULTS, "conclusion": _RESULTS})


def named(step: Step) -> str:
    """What a step is called: its name, id, action or number."""
    label = step.name or step.key or step.uses
    return label.text if label else f"number {step.index + 1}"


def _matrix(job: Job) -> Value:
    if job.matrix is None:
        return Unknown()
    names = {p.key.text for row in (job.matrix, *job.matrix_rows) for p in row}
    known_axes: dict[str, Value] = {}
    for name in names:
        values = axis_of(job, name.lower())
        known_axes[name] = Unknown(values) if values else Unknown()
    return Open(known_axes)


def _searches(node: Node) -> bool:
    return any(isinstance(inner, Call) and _searches_ref(inner) for inner in nodes_in(node))


def _searches_ref(call: Call) -> bool:
    """Whether it looks into the name of a branch or tag, not only at its kind."""
    if call.name not in _SEARCHES:
        return False
    inner = [node for argument in call.arguments for node in nodes_in(argument)]
    paths = (path_of(node) for node in inner if isinstance(node, Index))
    if not any(path and path[-1] in _REFS for path in paths):
        return False
    literals = {node.value for node in call.arguments if isinstance(node, Literal)}
    return not (call.name == "startswith" and literals <= _KINDS)


def _of_event(workflow: Workflow, event: Event) -> dict[str, Value]:
    """What an event tells; a called workflow has the inputs of its own."""
    called = [i for t in workflow.triggers if t.event == "workflow_call" for i in t.inputs]
    foreign = not event.name or event.location.path != workflow.path
    github = github_of(event)
    if not event.ref and event.name == "push":
        github = Open({**github, "ref": Unknown(), "ref_name": Unknown()})
    if event.name in PULL_REQUESTS and not event.base:
        github = Open({**github, "base_ref": Unknown()})
    if foreign:
        return {"github": github, "inputs": Open({each.name: _given(each) for each in called})}
    inputs = {each.name: dispatched(each) for each in event.inputs}
    declared = {each.name for t in workflow.triggers for each in t.inputs}
    missing: dict[str, Value] = {name: None for name in declared if name not in inputs}
    return {"github": github, "inputs": Open({**missing, **inputs})}


def _given(declared: Input) -> Value:
    return EITHER if declared.type == "boolean" else Unknown()


def _why_never(ctx: Context, workflow: Workflow, node: Node, contexts: dict[str, Value]) -> str:
    """The part of it that is never true, and the events that were looked at."""
    parts = node.operands if isinstance(node, Logical) and node.operator == "&&" else ()
    dead = [part for part in parts if not _may_hold(ctx, workflow, part, contexts)]
    what = f"`{canonical(dead[0]).strip('()')}` is" if dead else "its `if` is"
    names = {inner.name for inner in nodes_in(dead[0] if dead else node) if isinstance(inner, Name)}
    if names == {"matrix"}:
        return f"{what} never true in any row of the job's matrix"
    events = combined_events_of(ctx, workflow).known
    starts = ", ".join(dict.fromkeys(event.name for event in events if event.name))
    return f"{what} never true with what starts the workflow ({starts or 'its callers'})"
