"""Steps that can fail by what they were written for, rather than by what they run into."""

from functools import lru_cache

from iact_guard.analyze.workflow.run.condition import condition_of, pieces_of
from iact_guard.analyze.workflow.run.domains import path_of
from iact_guard.data.tables import table
from iact_guard.model.workflow import Step
from iact_guard.syntax.expression import Index, Literal, Name, Node, inner_nodes, nodes_in

_ENDS = (
    "exit ", "false", "needs.", "needs[", "(needs", "[ ", "[[", "((", "test ", "jq ", "grep ",
)  # fmt: skip
_ENDS_SCRIPT = ("core.setFailed", "process.exit", "throw ")


def decides(step: Step) -> bool:
    """Whether a step may fail on purpose: it judges something, or does nothing but fail."""
    if step.run is not None:
        texts = [step.run.text, *(pair.value.text for pair in step.env)]
        return any(sign in text for text in texts for sign in _ENDS)
    if step.uses is None:
        return False
    name = step.uses.text.partition("@")[0].strip().lower()
    if name == "actions/github-script":
        script = step.input("script")
        return script is not None and any(sign in script.text for sign in _ENDS_SCRIPT)
    return name in table("aggregators")["action"]


def references(step: Step) -> frozenset[str]:
    """The ids (in lower case) of other steps that its `if` or tolerance names."""
    found: set[str] = set()
    for text in (step.condition, step.continue_on_error):
        if text:
            found |= _steps_in(text.text)
    for pair in (*step.env, *step.with_):
        if "steps." in pair.value.text:
            found |= _steps_in(pair.value.text)
    if step.run and "steps." in step.run.text:
        found |= _steps_in(step.run.text)
    return frozenset(found)


@lru_cache(2048)
def _steps_in(text: str) -> frozenset[str]:
    condition = condition_of(text) if "${{" not in text else None
    nodes: list[Node] = [condition.node] if condition else []
    nodes += [piece for piece in pieces_of(text) or () if not isinstance(piece, str)]
    every = (inner for node in nodes for inner in nodes_in(node) if isinstance(inner, Index))
    paths = (path_of(node) for node in every)
    return frozenset(path[1] for path in paths if path and path[0] == "steps" and len(path) > 1)


@lru_cache(2048)
def needs_in(text: str) -> frozenset[str]:
    """The jobs (in lower case) whose result a text with `${{ }}` looks at; `*` for all of them."""
    found: set[str] = set()
    for piece in pieces_of(text) or ():
        if not isinstance(piece, str):
            found |= needs_of(piece)
    return frozenset(found)


def needs_of(node: Node) -> frozenset[str]:
    """The jobs whose result an expression looks at; `*` for all of them."""
    if isinstance(node, Index) and (path := path_of(node)) and path[0] == "needs":
        return frozenset(path[1:2]) if path[2:] in ((), ("result",)) else frozenset()
    if isinstance(node, Name):
        return frozenset({"*"} if node.name == "needs" else ())
    if isinstance(node, Index) and isinstance(node.base, Index) and node.base.key is None:
        wanted = node.key.value if isinstance(node.key, Literal) else "result"
        return needs_of(node.base.base) if wanted == "result" else frozenset()
    return frozenset().union(*map(needs_of, inner_nodes(node)))
