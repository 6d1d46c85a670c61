"""What the scripts of a workflow tell about outputs and variables before anything runs.

`echo "name=prod" >> "$GITHUB_OUTPUT"` in every branch of an `if`: the output is one of these texts.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.workflow.order import needed_by
from iact_guard.analyze.workflow.references.exports import Export, exports_of, is_plain
from iact_guard.analyze.workflow.values import (
    MAX_VALUES,
    contexts_of,
    env_of,
    possible,
    with_env,
)
from iact_guard.load.script import Script
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Job, Step, Workflow
from iact_guard.syntax import shell
from iact_guard.syntax.expression import Contexts, Open, Unknown, Value

MAX_DEPTH = 4
"""Variables made of variables."""
_READS = frozenset({"read", "mapfile", "readarray", "getopts", "source", ".", "eval"})
_Parts = tuple[shell.Part, ...]


@fact("job.told_contexts")
def told_contexts_of(ctx: Context, job: Job) -> Fact[Contexts]:
    """The contexts of a job, with outputs of its steps and needs as far as scripts tell them."""
    workflow = ctx.project.workflow_of(job)
    contexts: dict[str, Value] = dict(contexts_of(ctx, job).known)
    contexts["inputs"] = _inputs(workflow, contexts["inputs"])
    contexts["github"] = Open({"event": Open({"inputs": contexts["inputs"]})})
    contexts["env"] = env_of((*workflow.env, *job.env), contexts)
    contexts["needs"] = Open(
        {each.key: Open({"outputs": job_outputs_of(ctx, each).known}) for each in _needs(ctx, job)}
    )
    steps: Open = Open()
    contexts["steps"] = steps
    for step in job.steps:
        exports = exports_of(ctx, step).known.exports if step.run else ()
        if not exports:
            continue
        here = with_env(contexts, step)
        outputs = _by_name(ctx, step, exports, "output", here)
        if step.key and outputs:
            steps[step.key.text] = Open({"outputs": Open(outputs)})
        if variables := _by_name(ctx, step, exports, "env", here):
            contexts["env"] = Open({**contexts["env"], **variables})
    return known(contexts)


def _inputs(workflow: Workflow, inputs: Value) -> Value:
    """Inputs as they are in every event: empty where the workflow also starts without them."""
    asks = {"workflow_dispatch", "workflow_call"}
    if not isinstance(inputs, dict) or all(each.event in asks for each in workflow.triggers):
        return inputs
    found = Open(inputs)
    for name, value in inputs.items():
        if isinstance(value, Unknown) and value.options is not None:
            found[name] = Unknown((*value.options, ""))
    return found


def _needs(ctx: Context, job: Job) -> Iterator[Job]:
    wanted = {need.text.lower() for need in job.needs}
    yield from (each for each in needed_by(ctx, job).known if each.key.lower() in wanted)


@fact("job.told_outputs")
def job_outputs_of(ctx: Context, job: Job) -> Fact[Open]:
    """The outputs of a job, each as far as it is told."""
    if not job.outputs:
        return known(Open())
    contexts = told_contexts_of(ctx, job).known
    values = {pair.key.text: possible(pair.value, contexts) for pair in job.outputs}
    return known(Open({name: _one_of(texts) for name, texts in values.items()}))


def _by_name(
    ctx: Context, step: Step, exports: Iterable[Export], target: str, contexts: Contexts
) -> dict[str, Value]:
    script = script_of(ctx, step.id)
    given = assigned_in(ctx, script).known if script else {}
    found: dict[str, list[tuple[str, ...] | None]] = {}
    for each in exports:
        if each.target == target:
            texts = texts_of(_behind_name(each.parts), contexts, given)
            found.setdefault(each.name, []).append(texts)
    return {name: _one_of(_joined(options)) for name, options in found.items()}


def _behind_name(parts: _Parts) -> _Parts:
    """What stands behind the `=`."""
    for index, part in enumerate(parts):
        if isinstance(part, shell.Literal) and "=" in part.text:
            rest = part.text.partition("=")[2]
            return (shell.Literal(part.start, part.end, rest, part.quoted), *parts[index + 1 :])
    return parts


def _one_of(texts: tuple[str, ...] | None) -> Value:
    if texts is None:
        return Unknown()
    return texts[0] if len(texts) == 1 else Unknown(texts)


def _joined(options: Iterable[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    found: dict[str, None] = {}
    for each in options:
        if each is None:
            return None
        found.update(dict.fromkeys(each))
    return tuple(found) if 0 < len(found) <= MAX_VALUES else None


@fact("script.assigned")
def assigned_in(ctx: Context, script: Script) -> Fact[dict[str, tuple[_Parts, ...] | None]]:
    """What each variable of a script is set to, everywhere; None where only a run can tell."""
    found: dict[str, tuple[_Parts, ...] | None] = {}

    def add(name: str, parts: _Parts | None) -> None:
        before = found.get(name, ())
        found[name] = None if parts is None or before is None else (*before, parts)

    for node in shell.walk(script.tree.body) if script.tree else ():
        if isinstance(node, shell.For):
            for word in node.words or ():
                add(node.variable, word.parts)
            if node.words is None:
                add(node.variable, None)
        elif isinstance(node, shell.Command):
            for each in node.assignments:
                simple = len(each.value) <= 1 and not each.array and not each.append
                add(each.name, (each.value[0].parts if each.value else ()) if simple else None)
            if node.argv[:1] and node.argv[0] in _READS:
                for name in node.argv[1:]:
                    add(name or "", None)
    return known(found)


def texts_of(
    parts: _Parts,
    contexts: Contexts,
    given: dict[str, tuple[_Parts, ...] | None],
    depth: int = MAX_DEPTH,
) -> tuple[str, ...] | None:
    """All that parts of a script can be, in order; None where only a run can tell."""
    pieces: list[tuple[str, ...]] = []
    count = 1
    for part in parts:
        options = _options(part, contexts, given, depth)
        count *= len(options) if options else 0
        if not options or count > MAX_VALUES:
            return None
        pieces.append(options)
    return tuple(dict.fromkeys("".join(choice) for choice in product(*pieces)))


def _options(
    part: shell.Part,
    contexts: Contexts,
    given: dict[str, tuple[_Parts, ...] | None],
    depth: int,
) -> tuple[str, ...] | None:
    if isinstance(part, shell.Literal):
        return (part.text,)
    if isinstance(part, shell.Placeholder):
        return possible(f"${{{{{part.expression}}}}}", contexts)
    if not isinstance(part, shell.Variable) or not is_plain(part) or not depth:
        return None
    if part.name in given:
        assigned = given[part.name]
        texts = [texts_of(each, contexts, given, depth - 1) for each in assigned or ()]
        found = _joined(texts) if assigned else None
    else:
        environment = contexts.get("env")
        has = isinstance(environment, dict) and part.name in environment
        found = possible(f"${{{{ env.{part.name} }}}}", contexts) if has else None
    if part.operator and found is not None:
        default = texts_of(part.argument, contexts, given, depth - 1)
        return _joined((found, default))
    return found
