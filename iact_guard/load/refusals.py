"""What GitHub refuses about a workflow beyond its shape: ids, needs, expressions."""

from collections import Counter
from collections.abc import Iterator

from iact_guard.load.yaml_nodes import get, mapping
from iact_guard.model.regex import regex
from iact_guard.model.source import Problem
from iact_guard.model.workflow import Job, Permissions, Workflow
from iact_guard.syntax import expression, yaml

_ID = regex(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_CONTEXTS = frozenset({
    "github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix",
    "needs", "inputs",
})  # fmt: skip
# Which contexts a key may name, where it is fewer than all: "Contexts reference" of GitHub's
# documentation, "Context availability". What stands below a key inherits from it.
_RUN = frozenset({"github", "inputs", "vars"})
_NEEDS = _RUN | {"needs"}
_ROW = _NEEDS | {"strategy", "matrix"}
_OF_WORKFLOW = {"env": _RUN | {"secrets"}, "concurrency": _RUN}
_OF_JOB = {
    "if": _NEEDS,
    "strategy": _NEEDS,
    "name": _ROW,
    "runs-on": _ROW,
    "env": _ROW | {"secrets"},
    "concurrency": _ROW,
    "continue-on-error": _ROW,
    "timeout-minutes": _ROW,
    "with": _ROW,
    "secrets": _ROW | {"secrets"},
    "defaults": _ROW | {"env"},
    "environment": _CONTEXTS - {"secrets"},  # `url` may name most of them
}
_ACCESS = frozenset({"read", "write", "none"})
_ALL = frozenset({"read-all", "write-all"})


def refusals(workflow: Workflow, root: yaml.Node) -> Iterator[Problem]:
    """Every reason for which GitHub would not run the workflow."""
    yield from _ids(workflow)
    yield from _needs(workflow.jobs)
    for trigger in workflow.triggers:
        for cron in trigger.crons:
            if len(cron.text.split()) != 5:
                yield Problem(cron.location, "GitHub refuses a cron line without its five fields")
    for block in (workflow.permissions, *(job.permissions for job in workflow.jobs)):
        if block is not None:
            yield from _permissions(block)
    yield from _expressions(root)


def _ids(workflow: Workflow) -> Iterator[Problem]:
    jobs: Counter[str] = Counter()
    for job in workflow.jobs:
        jobs[job.key.lower()] += 1
        if not _ID.fullmatch(job.key):
            yield Problem(job.location, "GitHub refuses this job id: letters, digits, `_` and `-`")
        elif jobs[job.key.lower()] > 1:
            yield Problem(job.location, "GitHub refuses a job id that differs in case alone")
        steps: Counter[str] = Counter()
        for step in job.steps:
            if step.key is None:
                continue
            steps[step.key.text.lower()] += 1
            if not _ID.fullmatch(step.key.text):
                yield Problem(step.key.location, "GitHub refuses this step id")
            elif steps[step.key.text.lower()] > 1:
                yield Problem(step.key.location, "GitHub refuses a step id used twice in a job")


def _permissions(block: Permissions) -> Iterator[Problem]:
    if block.all and block.all not in _ALL:
        yield Problem(block.location, "GitHub refuses these permissions: read-all or write-all")
    for scope in block.scopes:
        if scope.access not in _ACCESS:
            yield Problem(scope.location, f"GitHub refuses `{scope.name}`: read, write or none")


def _needs(jobs: tuple[Job, ...]) -> Iterator[Problem]:
    """`needs` of jobs that do not exist, and cycles."""
    known = {job.key.lower() for job in jobs}
    for job in jobs:
        for need in job.needs:
            if need.text.lower() not in known:
                reason = f"GitHub refuses `needs: {need.text}`: there is no such job"
                yield Problem(need.location, reason)
    # Take away jobs whose needs are gone; what stays lies on a cycle, or behind one.
    waiting = {job.key: {need.text.lower() for need in job.needs} & known for job in jobs}
    behind: dict[str, list[str]] = {}
    for key, needs in waiting.items():
        for each in needs:
            behind.setdefault(each, []).append(key)
    ready = [key for key, needs in waiting.items() if not needs]
    while ready:
        done = ready.pop()
        del waiting[done]
        for key in behind.pop(done.lower(), ()):
            waiting[key].discard(done.lower())
            if not waiting[key]:
                ready.append(key)
    for job in jobs:
        if job.key in waiting:
            reason = f"GitHub refuses a cycle of `needs` through {job.key}"
            yield Problem(job.needs[0].location, reason)
            break


def _expressions(root: yaml.Node) -> Iterator[Problem]:
    """Expressions that do not parse, or name what does not exist, below `jobs` and `env`."""
    seen: set[int] = set()  # an alias is the same node
    for name, contexts in _OF_WORKFLOW.items():
        yield from _below(get(root, name), contexts, seen)
    for job in mapping(get(root, "jobs")):
        for entry in mapping(job.value):
            contexts = _OF_JOB.get(entry.key.text, _CONTEXTS)
            if entry.key.text == "if":
                yield from _condition(entry.value, contexts)
            else:
                yield from _below(entry.value, contexts, seen)


def _below(node: yaml.Node | None, contexts: frozenset[str], seen: set[int]) -> Iterator[Problem]:
    pending = [node] if node else []
    while pending:
        node = pending.pop()
        if isinstance(node, yaml.Scalar):
            if "${{" in node.text:
                yield from _scalar(node, contexts)
        elif id(node) not in seen:
            seen.add(id(node))
            if isinstance(node, yaml.Sequence):
                pending += node.items
                continue
            for entry in node.entries:
                if entry.key.text == "if":
                    yield from _condition(entry.value, contexts - {"secrets"})
                else:
                    pending.append(entry.value)


def _condition(node: yaml.Node, contexts: frozenset[str]) -> Iterator[Problem]:
    """An `if` is an expression with or without its braces."""
    if not isinstance(node, yaml.Scalar):
        return  # the shape says so
    if "${{" in node.text:
        yield from _scalar(node, contexts)
    elif node.text.strip():
        yield from _expression(node, node.text, 0, contexts)


def _scalar(scalar: yaml.Scalar, contexts: frozenset[str]) -> Iterator[Problem]:
    for part in expression.parts(scalar.text):
        if part.is_expression:
            yield from _expression(scalar, part.text, part.start + len("${{"), contexts)
        elif "${{" in part.text:
            start = part.start + part.text.index("${{")
            reason = "GitHub refuses an expression that is not closed"
            yield Problem(scalar.region(start, start + 3), reason)


def _expression(
    scalar: yaml.Scalar, text: str, start: int, contexts: frozenset[str]
) -> Iterator[Problem]:
    try:
        tree = expression.parse(text)
    except expression.ExpressionError as error:
        place = scalar.region(start + error.offset, start + error.offset + 1)
        yield Problem(place, f"GitHub refuses the expression: {error.reason}")
        return
    for name in _names(tree):
        if name.lower() not in contexts:
            place = scalar.region(start, start + len(text))
            yield Problem(place, f"GitHub refuses the expression: there is no context {name} here")


def _names(tree: expression.Node) -> Iterator[str]:
    """The contexts that an expression names; the parser has bounded its depth."""
    match tree:
        case expression.Name(name):
            yield name
        case expression.Index(base, key):
            yield from _names(base)
            if key is not None:
                yield from _names(key)
        case expression.Call(_, operands) | expression.Logical(_, operands):
            for operand in operands:
                yield from _names(operand)
        case expression.Not(operand):
            yield from _names(operand)
        case expression.Comparison(_, left, right):
            yield from _names(left)
            yield from _names(right)
