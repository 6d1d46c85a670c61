"""What a text with `${{ }}` can be: contexts as far as the repository tells them."""

from itertools import product

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import callers_of
from iact_guard.model.authored import Authored, Pair
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Input, Job, Step, Workflow
from iact_guard.syntax.expression import (
    EITHER,
    Contexts,
    ExpressionError,
    Open,
    Unknown,
    Value,
    evaluate,
    parse,
    parts,
    to_text,
)

MAX_VALUES = 32


@fact("job.contexts")
def contexts_of(ctx: Context, job: Job) -> Fact[Contexts]:
    """The contexts that a job's expressions see; what only a run can tell is unknown."""
    workflow = ctx.project.workflow_of(job)
    contexts: dict[str, Value] = {
        "github": Open(),
        "vars": Unknown(),
        "secrets": Unknown(),
        "inputs": _inputs(ctx, workflow),
        "matrix": _matrix(job),
    }
    contexts["env"] = env_of((*workflow.env, *job.env), contexts)
    return known(contexts)


def possible(text: Authored | str, contexts: Contexts) -> tuple[str, ...] | None:
    """All that a text can be, expressions evaluated; None where that cannot be told."""
    pieces: list[tuple[str, ...]] = []
    count = 1
    for part in parts(text if isinstance(text, str) else text.text):
        options = _options(part.text, contexts) if part.is_expression else (part.text,)
        count *= len(options) if options else 0
        if not options or count > MAX_VALUES:
            return None
        pieces.append(options)
    return tuple(dict.fromkeys("".join(choice) for choice in product(*pieces)))


def by_hand(ctx: Context, path: str, contexts: Contexts) -> Contexts:
    """The contexts in a run that somebody dispatches: its inputs are those that the file offers.

    A workflow that can be called as well has inputs that are not known otherwise.
    """
    workflow = next((each for each in ctx.project.workflows if each.path == path), None)
    triggers = workflow.triggers if workflow else ()
    offered = {
        i.name: _dispatched(i) for t in triggers if t.event == "workflow_dispatch" for i in t.inputs
    }
    return {**contexts, "inputs": Open(offered)} if offered else contexts


def with_env(contexts: Contexts, step: Step) -> Contexts:
    """The contexts with a step's own `env`."""
    if not step.env:
        return contexts
    return {**contexts, "env": env_of(step.env, contexts, contexts.get("env"))}


def _options(text: str, contexts: Contexts) -> tuple[str, ...] | None:
    try:
        value = evaluate(parse(text), contexts)
    except ExpressionError:
        return None
    if isinstance(value, Unknown):
        return tuple(map(to_text, value.options)) if value.options is not None else None
    return (to_text(value),)


def env_of(pairs: tuple[Pair, ...], contexts: Contexts, base: Value = None) -> Open:
    """The `env` that pairs make; later ones win, the runner's own variables are unknown."""
    found = Open(base if isinstance(base, dict) else {})
    for pair in pairs:
        values = possible(pair.value, {**contexts, "env": found})
        if values is None:
            found[pair.key.text] = Unknown()
        else:
            found[pair.key.text] = values[0] if len(values) == 1 else Unknown(values)
    return found


def _matrix(job: Job) -> Value:
    if job.matrix is None:
        return None
    axes: dict[str, list[str]] = {}
    for pair in job.matrix:
        axes.setdefault(pair.key.text, []).append(pair.value.text)
    values = {
        axis: Unknown() if any("${{" in v for v in found) else Unknown(tuple(found))
        for axis, found in axes.items()
    }
    return Open(values) if job.matrix_dynamic or "include" in axes else values


def _inputs(ctx: Context, workflow: Workflow) -> Value:
    """What dispatches and callers may give."""
    found: dict[str, list[Value]] = {}
    for trigger in workflow.triggers:
        if trigger.event == "workflow_dispatch":
            for each in trigger.inputs:
                found.setdefault(each.name, []).append(_dispatched(each))
        if trigger.event == "workflow_call":
            for each in trigger.inputs:
                found.setdefault(each.name, []).append(_called(ctx, workflow, each))
    return Open({name: _merged(values) for name, values in found.items()})


def _dispatched(given: Input) -> Value:
    if given.type == "choice" and given.options:
        return Unknown(given.options)
    return EITHER if given.type == "boolean" else Unknown()


def _called(ctx: Context, workflow: Workflow, given: Input) -> Value:
    """What the repository's own callers give; other repositories are not known."""
    values: list[Value] = []
    for job in callers_of(ctx, workflow):
        pair = next((p for p in job.with_ if p.key.text == given.name), None)
        if pair is None:
            values.append(given.default.text if given.default else "")
            continue
        options = possible(pair.value, _caller_contexts(ctx, job))
        values.append(Unknown() if options is None else Unknown(options))
    return _merged(values) if values else Unknown()


def _caller_contexts(ctx: Context, job: Job) -> Contexts:
    """A caller may itself be called, and in a circle, which GitHub refuses."""
    if ("job.contexts", job.id) in ctx.running:
        return {}
    return contexts_of(ctx, job).known


def _merged(values: list[Value]) -> Value:
    options: list[Value] = []
    for value in values:
        if isinstance(value, Unknown) and value.options is None:
            return Unknown()
        options += value.options or () if isinstance(value, Unknown) else (value,)
    return Unknown(tuple(dict.fromkeys(options)))
