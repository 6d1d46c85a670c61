"""The events that start a workflow, each with one example of what makes a difference."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import callers_of
from iact_guard.analyze.workflow.run.condition import condition_of, pieces_of
from iact_guard.analyze.workflow.run.domains import last_key
from iact_guard.analyze.workflow.run.event import PULL_REQUESTS, Event
from iact_guard.analyze.workflow.run.filters import example_of, lets_through
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.workflow import Trigger, Workflow
from iact_guard.syntax.expression import Call, Comparison, Literal, Node, inner_nodes, nodes_in

MAX_EVENTS = 60
"""Of a workflow, for a search; those of a called one come from its callers too."""
MAX_COMBINED = 600
"""Of a workflow with every branch in every activity."""
MAX_LOOKED_AT = 20_000
MAX_REFS = 12
"""Of those that conditions name."""
MAX_DEPTH = 5
_REFS = frozenset({"ref", "ref_name", "base_ref", "head_ref"})
_BRANCH = "some-branch"
_TAG = "v1.0.0"
_DEFAULT_TYPES = {
    "pull_request": ("opened", "synchronize", "reopened"),
    "pull_request_target": ("opened", "synchronize", "reopened"),
    "workflow_run": ("completed", "requested", "in_progress"),
    "merge_group": ("checks_requested",),
}
_OF_TAGS = frozenset({"release"})
_OF_DEFAULT = frozenset({
    "schedule", "issues", "issue_comment", "workflow_run", "repository_dispatch", "discussion",
    "discussion_comment", "label", "milestone", "watch", "fork", "gollum", "status",
    "check_run", "check_suite", "page_build", "public",
})  # fmt: skip


@fact("workflow.events")
def events_of(ctx: Context, workflow: Workflow) -> Fact[tuple[Event, ...]]:
    """What starts the workflow: an example each of branches, tags, activities that may differ.

    Of a called workflow also those of its callers in the repository; a call from elsewhere, about
    which nothing is known, has an empty name.
    """
    return known(_bounded(_every(ctx, workflow, MAX_DEPTH), MAX_EVENTS))


@fact("workflow.combined_events")
def combined_events_of(ctx: Context, workflow: Workflow) -> Fact[tuple[Event, ...]]:
    """The same with every branch in every activity; unknown where those are too many.

    A workflow that the repository calls itself is taken to be called by nobody else.
    """
    found = _bounded(_every(ctx, workflow, MAX_DEPTH, combined=True), MAX_COMBINED + 1)
    if len(found) > MAX_COMBINED:
        return unknown(f"more than {MAX_COMBINED} events may start the workflow")
    return known(found)


def own_events(ctx: Context, workflow: Workflow) -> tuple[Event, ...]:
    """The events of the workflow's own triggers, calls left out."""
    return _bounded(_own(ctx, workflow), MAX_EVENTS)


def _bounded(events: Iterator[Event], limit: int) -> tuple[Event, ...]:
    """Of each kind some: those that come first have the fewest of their kind before them."""
    order: list[tuple[int, int, Event]] = []
    seen: Counter[str] = Counter()
    for index, event in enumerate(dict.fromkeys(islice(events, MAX_LOOKED_AT))):
        seen[event.name] += 1
        order.append((seen[event.name], index, event))
    chosen = sorted(order, key=lambda each: each[:2])[:limit]
    return tuple(event for _, _, event in sorted(chosen, key=lambda each: each[1]))


def _own(ctx: Context, workflow: Workflow, *, combined: bool = False) -> Iterator[Event]:
    refs = tuple(dict.fromkeys(_refs(ctx, workflow)))
    for trigger in workflow.triggers:
        if trigger.event != "workflow_call":
            yield from _of(trigger, refs, combined=combined)


def _every(
    ctx: Context, workflow: Workflow, depth: int, *, combined: bool = False
) -> Iterator[Event]:
    yield from _own(ctx, workflow, combined=combined)
    for trigger in workflow.triggers:
        if trigger.event == "workflow_call":
            callers = callers_of(ctx, workflow)
            if not (combined and callers) or _is_library(ctx):
                yield Event("", trigger.location)
            for caller in callers if depth else ():
                above = ctx.project.workflow_of(caller)
                yield from _every(ctx, above, depth - 1, combined=combined)


def _is_library(ctx: Context) -> bool:
    """Whether a repository is there for others to call: most of its workflows can be."""
    workflows = ctx.project.workflows
    called = sum(any(t.event == "workflow_call" for t in each.triggers) for each in workflows)
    return 2 * called > len(workflows)


def _of(trigger: Trigger, refs: tuple[str, ...], *, combined: bool) -> Iterator[Event]:
    name, here = trigger.event, trigger.location
    branches = [ref for ref in refs if ref.startswith("refs/heads/")]
    types = [each.text for each in trigger.types or ()] or list(_DEFAULT_TYPES.get(name, ("",)))
    if name == "push":
        examples = dict.fromkeys((*_examples(trigger), *refs))
        yield from (Event(name, here, ref) for ref in examples if lets_through(trigger, ref))
    elif name in PULL_REQUESTS or name == "merge_group":
        examples = dict.fromkeys((*_examples(trigger), *branches))
        bases = [ref for ref in examples if lets_through(trigger, ref)]
        yield from _into(trigger, bases, types, combined=combined)
    elif name == "workflow_dispatch":
        yield from (Event(name, here, ref, inputs=trigger.inputs) for ref in refs)
    elif name == "schedule":
        crons = [cron.text for cron in trigger.crons] or [""]
        yield from (Event(name, here, ref, cron=c) for c in crons for ref in branches)
    else:
        where = [f"refs/tags/{_TAG}"] if name in _OF_TAGS else branches
        where = where if name in _OF_TAGS | _OF_DEFAULT else [""]
        yield from (Event(name, here, ref, action=action) for action in types for ref in where)


def _into(
    trigger: Trigger, refs: list[str], types: list[str], *, combined: bool
) -> Iterator[Event]:
    """Pull requests or merge groups into each branch; every activity in one of them, or in all."""
    name, here = trigger.event, trigger.location
    for index, ref in enumerate(refs):
        base = ref.removeprefix("refs/heads/")
        own = ref if name == "pull_request_target" else ""
        for action in types if combined or index == 0 else types[:1]:
            if name == "merge_group":
                queue = f"refs/heads/gh-readonly-queue/{base}/pr-1"
                yield Event(name, here, queue, base, action)
            else:
                yield Event(name, here, own, base, action, fork=False)
                if combined or action == types[0]:
                    yield Event(name, here, own, base, action, fork=True)


def _examples(trigger: Trigger) -> Iterator[str]:
    """Names that the filters of a trigger speak of."""
    for prefix, patterns in (("refs/heads/", trigger.branches), ("refs/tags/", trigger.tags)):
        for pattern in (patterns or ())[:MAX_REFS]:
            if not pattern.text.startswith("!"):
                yield prefix + example_of(pattern.text)


def _refs(ctx: Context, workflow: Workflow) -> Iterator[str]:
    """Branches and tags that may make a difference to the workflow."""
    protected = ctx.project.config.branches.protected
    yield from (f"refs/heads/{name}" for name in protected)
    yield f"refs/heads/{_BRANCH}"
    yield f"refs/tags/{_TAG}"
    named: dict[str, None] = {}
    for text in _conditions(workflow):
        for value in _refs_in(text) if "ref" in text.text else ():
            full = (
                value if value.startswith(("refs/heads/", "refs/tags/")) else f"refs/heads/{value}"
            )
            named.setdefault(full + ("any" if full.endswith("/") else ""))
    yield from list(named)[:MAX_REFS]


def _conditions(workflow: Workflow) -> Iterator[Authored]:
    for job in workflow.jobs:
        for text in (job.condition, *(step.condition for step in job.steps)):
            if text:
                yield text


def _refs_in(text: Authored) -> Iterator[str]:
    """Texts that a condition holds against the name of a branch or tag."""
    condition = condition_of(text.text)
    nodes: list[Node] = [condition.node] if condition and not condition.is_text else []
    nodes = nodes or [p for p in pieces_of(text.text) or () if not isinstance(p, str)]
    for node in nodes:
        for inner in nodes_in(node):
            if isinstance(inner, Comparison | Call):
                below = inner_nodes(inner)
                if any(last_key(each) in _REFS for each in below):
                    yield from (name for each in below for name in _names(each))


def _names(node: Node) -> Iterator[str]:
    for inner in nodes_in(node):
        value = inner.value if isinstance(inner, Literal) else None
        if isinstance(value, str) and 0 < len(value) < 100 and not value.isspace():
            yield value
