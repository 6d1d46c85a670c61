"""What the unknown values of a workflow are compared with: the answers that make a difference."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.run.condition import condition_of, pieces_of
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Step, Workflow
from iact_guard.syntax.expression import (
    Comparison,
    Index,
    Literal,
    Logical,
    Name,
    Node,
    Not,
    Value,
    inner_nodes,
)

OTHER = "anything-else"
"""Stands for a text that nothing compares with."""
MAX_VALUES = 12
"""Of one name; the others are left to `OTHER`."""
_TESTED = regex(r"""["']?\s*(?:==|!=|\s=)\s*["']?([\w./-]+)""")
_VARIABLE = regex(r"""\$\{?(\w+)[^\s"'}]*\}?["']?\s*(?:==|!=|\s=)\s*["']?([\w./-]+)""")
_ASSIGNED = regex(r"""(?:^|[\s;])(\w+)=["']?$""")
_RESULTS = frozenset({"success", "failure", "cancelled", "skipped"})


def path_of(node: Node) -> tuple[str, ...] | None:
    """`a.b['c']` as its keys in lower case; None for what is no path of literal keys."""
    keys: list[str] = []
    while isinstance(node, Index):
        if not isinstance(node.key, Literal) or not isinstance(node.key.value, str):
            return None
        keys.append(node.key.value.lower())
        node = node.base
    return (node.name, *reversed(keys)) if isinstance(node, Name) else None


def last_key(node: Node) -> str:
    """The last key of a path, whatever it begins with; empty for anything else."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Index) and isinstance(node.key, Literal):
        return node.key.value.lower() if isinstance(node.key.value, str) else ""
    return ""


@fact("workflow.compared")
def compared_in(ctx: Context, workflow: Workflow) -> Fact[dict[str, tuple[Value, ...]]]:
    """Literals by the last key of the paths that they are compared with."""
    found: dict[str, list[Value]] = {}
    for name, value in _every(workflow):
        values = found.setdefault(name, [])
        if value not in values and len(values) < MAX_VALUES:
            values.append(value)
    for name, inner in _aliases(workflow):
        values = found.setdefault(inner, [])
        values += [each for each in found.get(name, ()) if each not in values][:MAX_VALUES]
    return known({name: tuple(values) for name, values in found.items() if values})


def _aliases(workflow: Workflow) -> Iterator[tuple[str, str]]:
    """Outputs of jobs that hand on the value of another name: what compares them asks for both."""
    for job in workflow.jobs:
        for pair in job.outputs:
            pieces = pieces_of(pair.value.text) or ()
            whole = pieces[0] if len(pieces) == 1 else ""
            inner = "" if isinstance(whole, str) else last_key(whole)
            name = pair.key.text.lower()
            if inner and inner != name:
                yield name, inner


def _every(workflow: Workflow) -> Iterator[tuple[str, Value]]:
    for job in workflow.jobs:
        yield from _of_condition(job.condition)
        pairs = (*job.outputs, *job.env, *job.with_)
        yield from _of_texts(pair.value for pair in pairs)
        for step in job.steps:
            yield from _of_condition(step.condition)
            yield from _of_texts(pair.value for pair in (*step.env, *step.with_))
            yield from _of_script(step)
    yield from _of_texts(pair.value for pair in workflow.env)


def _of_condition(text: Authored | None) -> Iterator[tuple[str, Value]]:
    found = condition_of(text.text) if text else None
    if found:
        yield from _compared(found.node, bare=True)


def _of_texts(texts: Iterator[Authored]) -> Iterator[tuple[str, Value]]:
    for text in texts:
        for node in _nodes(text):
            yield from _compared(node, bare=False)


def _of_script(step: Step) -> Iterator[tuple[str, Value]]:
    """Words that a script compares what is pasted into it with, or into a variable of it."""
    if step.run is None:
        return
    behind = {p.key.text: key for p in step.env for n in _nodes(p.value) if (key := last_key(n))}
    pieces = pieces_of(step.run.text) or ()
    for before, piece, after in zip(("", *pieces), pieces, (*pieces[1:], ""), strict=False):
        if isinstance(piece, str) or not (name := last_key(piece)):
            continue
        if isinstance(before, str) and (assigned := _ASSIGNED.search(before)):
            behind[assigned[1]] = name
        tested = _TESTED.match(after) if isinstance(after, str) else None
        if tested and tested[1] not in _RESULTS:
            yield name, tested[1]
    for variable, word in _VARIABLE.findall(step.run.text) if behind else ():
        if variable in behind and word not in _RESULTS:
            yield behind[variable], word


def _nodes(text: Authored) -> tuple[Node, ...]:
    if "${{" not in text.text:
        return ()
    return tuple(piece for piece in pieces_of(text.text) or () if not isinstance(piece, str))


def _compared(node: Node, *, bare: bool) -> Iterator[tuple[str, Value]]:
    """`bare`: the node's own truth counts."""
    match node:
        case Comparison(_, left, right):
            for one, other in ((left, right), (right, left)):
                if isinstance(other, Literal) and (name := last_key(one)):
                    yield name, other.value
        case Index() | Name():
            if bare and (name := last_key(node)):
                yield name, ""
            return
    inner_bare = isinstance(node, Logical | Not)
    for inner in inner_nodes(node):
        yield from _compared(inner, bare=inner_bare)
