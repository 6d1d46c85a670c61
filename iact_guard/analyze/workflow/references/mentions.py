"""Every `${{ }}` of jobs, steps and actions, as the paths that it reads."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache

from iact_guard.data.tables import table
from iact_guard.model.authored import Authored, Pair
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Action, Job, Step, Workflow
from iact_guard.syntax.expression import (
    Comparison,
    ExpressionError,
    Index,
    Literal,
    Logical,
    Name,
    Node,
    inner_nodes,
    parse,
    parts,
)

_CONTEXTS = regex(r"\b(steps|needs|jobs|env|inputs|matrix|secrets)\b", re.IGNORECASE)
"""Those whose names the repository declares."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A path that an expression reads: `steps.build.outputs.tag`."""

    path: tuple[str, ...]
    """Its keys as far as they are written out; the first is the context, in lower case."""
    source: Authored
    start: int
    end: int
    """Where the expression stands in its text."""
    step: Step | None
    """The step that it stands in; None for one of a job or a workflow."""
    job: Job | None
    condition: bool
    """It decides whether something runs."""
    optional: bool
    """Something else stands in for it: `path || 'other'`."""
    ends: bool = False
    """It stands where the steps of its job have run: in its outputs."""
    shown: bool = False
    """It is only shown: in the name of a step or job."""

    @property
    def location(self) -> Location:
        """Of the expression, on one line."""
        return self.source.first_line(self.start, self.end)

    @property
    def text(self) -> str:
        """As people write it."""
        return ".".join(self.path)


def in_action(action: Action) -> Iterator[Mention]:
    """The mentions of a composite action."""
    for step in action.steps:
        yield from in_step(step, None)
    for pair in action.outputs:
        yield from _read(pair.value, None, None, ends=True)


@cache
def _unlisted() -> re.Pattern[str]:
    """What GitHub's own contexts do not hold: `github.evnt_name`."""
    named = (
        rf"{context}\.(?!(?:{'|'.join(map(re.escape, names.split()))})\b)"
        for context, names in table("contexts").items()
    )
    return re.compile(rf"\b(?:{'|'.join(named)})", re.IGNORECASE)


def in_workflow(workflow: Workflow) -> Iterator[Mention]:
    """The mentions outside its jobs."""
    yield from _some(None, None, workflow.run_name, *_values(workflow.env))
    if workflow.concurrency:
        yield from _some(None, None, workflow.concurrency.key, workflow.concurrency.value)


def in_job(job: Job) -> Iterator[Mention]:
    """The mentions of a job outside its steps, in the order of its keys."""
    if job.condition:
        yield from _read(job.condition, None, job, condition=True)
    environment = job.environment
    concurrency = job.concurrency
    yield from _named(job.name, None, job)
    yield from _some(
        None, job, job.uses, job.shell, job.working_directory, job.continue_on_error,
        job.timeout, job.container, *job.runs_on, *_values(job.env), *_values(job.with_),
        *_values(job.secrets), *job.computed, *_values(job.services),
        *((environment.name,) if environment else ()),
        *((concurrency.key, concurrency.value) if concurrency else ()),
    )  # fmt: skip
    ends = [*_values(job.outputs), *((environment.url,) if environment else ())]
    for text in ends:
        if text:
            yield from _read(text, None, job, ends=True)


def in_step(step: Step, job: Job | None) -> Iterator[Mention]:
    """The mentions of a step."""
    if step.condition:
        yield from _read(step.condition, step, job, condition=True)
    yield from _named(step.name, step, job)
    yield from _some(
        step, job, step.run, step.shell, step.working_directory, step.continue_on_error,
        step.timeout, *_values(step.env), *_values(step.with_),
    )  # fmt: skip


def _named(name: Authored | None, step: Step | None, job: Job | None) -> Iterator[Mention]:
    for mention in _read(name, step, job) if name and "${{" in name.text else ():
        yield replace(mention, shown=True)


def _values(pairs: tuple[Pair, ...]) -> list[Authored]:
    return [pair.value for pair in pairs]


def _some(step: Step | None, job: Job | None, *texts: Authored | None) -> Iterator[Mention]:
    for text in dict.fromkeys(text for text in texts if text):
        if "${{" in text.text:
            yield from _read(text, step, job)


def _read(
    text: Authored, step: Step | None, job: Job | None, *, condition: bool = False,
    ends: bool = False,
) -> Iterator[Mention]:  # fmt: skip
    for path, optional, start, end in _mentioned(text.text, condition=condition):
        yield Mention(path, text, start, end, step, job, condition, optional, ends)


_Path = tuple[str, ...]


@lru_cache(maxsize=4096)
def _mentioned(text: str, *, condition: bool) -> tuple[tuple[_Path, bool, int, int], ...]:
    """The paths of a text, whether another value stands in for each, and where they stand."""
    return tuple(_mentions(text, condition=condition))


def _mentions(text: str, *, condition: bool) -> Iterator[tuple[_Path, bool, int, int]]:
    found = parts(text)
    if condition and not any(part.is_expression for part in found):
        pieces = [(text, 0, len(text))]
    else:
        pieces = [(part.text, part.start, part.end) for part in found if part.is_expression]
    for source, start, end in pieces:
        if not (_CONTEXTS.search(source) or _unlisted().search(source)):
            continue
        try:
            tree = parse(source)
        except ExpressionError:
            continue  # GitHub refuses it, which is said elsewhere
        for path, optional in _paths(tree, optional=False):
            yield path, optional, start, end


def _paths(node: Node, *, optional: bool) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Every path, the longest ones, and whether another value stands in for it."""
    match node:
        case Index() | Name():
            keys, inner = _keys(node)
            if keys:
                yield keys, optional
            for each in inner:
                yield from _paths(each, optional=optional)
        case Comparison("==", left, right) if Literal("") in (left, right):
            for each in (left, right):  # it asks whether there is anything
                yield from _paths(each, optional=True)
        case Logical("||", operands):
            for each in operands[:-1]:
                yield from _paths(each, optional=True)
            yield from _paths(operands[-1], optional=optional)
        case _:
            for each in inner_nodes(node):
                yield from _paths(each, optional=optional)


def _keys(node: Node) -> tuple[tuple[str, ...], list[Node]]:
    """The keys of a path up to one that is computed, and what is computed in it."""
    chain: list[Node | None] = []
    inner: list[Node] = []
    while isinstance(node, Index):
        chain.append(node.key)
        node = node.base
    if not isinstance(node, Name):
        return (), [node, *(key for key in chain if key and not isinstance(key, Literal))]
    keys: list[str] = [node.name.lower()]
    open_ = True
    for key in reversed(chain):
        if isinstance(key, Literal) and isinstance(key.value, str):
            if open_:
                keys.append(key.value)
        else:
            open_ = False
            inner += [key] if key is not None and not isinstance(key, Literal) else []
    return tuple(keys), inner


def in_text(text: Authored) -> Iterator[Mention]:
    """The mentions of a text that belongs to no job."""
    yield from _read(text, None, None)
