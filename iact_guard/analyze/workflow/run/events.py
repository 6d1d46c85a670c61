"""The events that start a workflow, each with one example of what makes a difference."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import callers_of
from iact_guard.analyze.workflow.run.condition import condition_of, pieces_of
from iact_guard.analyze.workflow.run.event import PULL_REQUESTS, Event
from iact_guard.analyze.workflow.run.filters import example_of, lets_through
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Trigger, Workflow
from iact_guard.syntax.expression import Literal, Node, nodes_in

MAX_EVENTS = 60
"""Of a workflow; those of a called one come from its callers."""
MAX_REFS = 12
MAX_DEPTH = 5
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
    "deployment_status", "check_run", "check_suite", "page_build", "public",
})  # fmt: skip


@fact("workflow.events")
def events_of(ctx: Context, workflow: Workflow) -> Fact[tuple[Event, ...]]:
    """What starts the workflow: an example each of branches, tags, activities that may differ.

    Of a called workflow also those of its callers in the repository; a call from elsewhere, about
    which nothing is known, has an empty name.
    """
    found = dict.fromkeys(_every(ctx, workflow, MAX_DEPTH))
    return known(tuple(found)[:MAX_EVENTS])


def own_events(ctx: Context, workflow: Workflow) -> tuple[Event, ...]:
    """The events of the workflow's own triggers, calls left out."""
    refs = tuple(dict.fromkeys(_refs(ctx, workflow)))
    every = (e for t in workflow.triggers if t.event != "workflow_call" for e in _of(t, refs))
    return tuple(dict.fromkeys(every))[:MAX_EVENTS]


def _every(ctx: Context, workflow: Workflow, depth: int) -> Iterator[Event]:
    yield from own_events(ctx, workflow)
    for trigger in workflow.triggers:
        if trigger.event == "workflow_call":
            yield Event("", trigger.location)
            for caller in callers_of(ctx, workflow) if depth else ():
                yield from _every(ctx, ctx.project.workflow_of(caller), depth - 1)


def _of(trigger: Trigger, refs: tuple[str, ...]) -> Iterator[Event]:
    name, here = trigger.event, trigger.location
    branches = [ref for ref in refs if ref.startswith("refs/heads/")]
    types = [each.text for each in trigger.types or ()] or list(_DEFAULT_TYPES.get(name, ("",)))
    if name == "push":
        examples = dict.fromkeys((*_examples(trigger), *refs))
        yield from (Event(name, here, ref) for ref in examples if lets_through(trigger, ref))
    elif name in PULL_REQUESTS or name == "merge_group":
        examples = dict.fromkeys((*_examples(trigger), *branches))
        bases = [ref for ref in examples if lets_through(trigger, ref)]
        for ref in bases:
            base = ref.removeprefix("refs/heads/")
            own = ref if name == "pull_request_target" else ""
            for action in types:
                if name == "merge_group":
                    queue = f"refs/heads/gh-readonly-queue/{base}/pr-1"
                    yield Event(name, here, queue, base, action)
                else:
                    yield Event(name, here, own, base, action, fork=False)
            if name != "merge_group" and types:
                yield Event(name, here, own, base, types[0], fork=True)
    elif name == "workflow_dispatch":
        yield from (Event(name, here, ref, inputs=trigger.inputs) for ref in refs)
    elif name == "schedule":
        crons = [cron.text for cron in trigger.crons] or [""]
        yield from (Event(name, here, ref, cron=c) for c in crons for ref in branches)
    else:
        where = [f"refs/tags/{_TAG}"] if name in _OF_TAGS else branches
        where = where if name in _OF_TAGS | _OF_DEFAULT else [""]
        yield from (Event(name, here, ref, action=action) for action in types for ref in where)


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
        for value in _literals(text):
            if value.startswith(("refs/heads/", "refs/tags/")):
                named.setdefault(value + ("any" if value.endswith("/") else ""))
            elif "ref" in text.text and 0 < len(value) < 60 and not value.isspace():
                named.setdefault(f"refs/heads/{value}" + ("any" if value.endswith("/") else ""))
    yield from list(named)[:MAX_REFS]


def _conditions(workflow: Workflow) -> Iterator[Authored]:
    for job in workflow.jobs:
        for text in (job.condition, *(step.condition for step in job.steps)):
            if text:
                yield text


def _literals(text: Authored) -> Iterator[str]:
    condition = condition_of(text.text)
    nodes: list[Node] = [condition.node] if condition and not condition.is_text else []
    nodes = nodes or [p for p in pieces_of(text.text) or () if not isinstance(p, str)]
    for node in nodes:
        for inner in nodes_in(node):
            if isinstance(inner, Literal) and isinstance(inner.value, str):
                yield inner.value
