"""The ways to a job: the events that start it, through the workflows that call its own."""

from collections.abc import Iterator
from dataclasses import replace

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.rules.environments import environment_named, lets_deploy
from iact_guard.analyze.links.rules.protection import is_default, rules_on
from iact_guard.analyze.stages import Stage, patterns_of, stages_in
from iact_guard.analyze.workflow.performed import callers_of
from iact_guard.analyze.workflow.run.event import Event, github_of
from iact_guard.analyze.workflow.run.events import own_events
from iact_guard.analyze.workflow.told import told_contexts_of
from iact_guard.analyze.workflow.values import possible
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Workflow

MAX_ENTRIES = 120
PLACES = ("environment", "env", "stage", "target", "deploy", "cluster", "space", "workspace")
"""What the names of inputs hold that say where to deploy."""
_HEADS, _TAGS = "refs/heads/", "refs/tags/"
# Events whose run is that of the default branch, whoever caused them.
_OF_DEFAULT = frozenset({
    "schedule", "issues", "issue_comment", "workflow_run", "repository_dispatch", "discussion",
    "discussion_comment", "label", "milestone", "watch", "fork", "gollum", "status",
    "deployment_status", "check_run", "check_suite", "page_build", "public",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """The question whether gates of a kind stand before a job that deploys to production."""

    job: Job
    kind: str

    @property
    def id(self) -> str:
        """The job's, with the kind."""
        return f"{self.job.id}?{self.kind}"

    @property
    def path(self) -> str:
        """The job's."""
        return self.job.path

    @property
    def location(self) -> Location:
        """The job's."""
        return self.job.location


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that may come to a job, and the calls on the way."""

    event: Event
    root: Workflow
    """The workflow that the event starts."""
    callers: tuple[Job, ...]
    """The jobs that call the workflow of the next, from the root on; none in the root itself."""
    job: Job

    @property
    def key(self) -> str:
        """Of the job in a run of the root: `caller/job`."""
        return "/".join(each.key for each in (*self.callers, self.job))

    @property
    def first(self) -> Job:
        """The job of the root that leads there."""
        return (*self.callers, self.job)[0]

    @property
    def branch(self) -> str:
        """The branch that runs; empty for tags, pull requests and what is not known."""
        return self.event.ref.removeprefix(_HEADS) if self.event.ref.startswith(_HEADS) else ""

    @property
    def any_ref(self) -> bool:
        """Whether somebody chooses the branch or tag that runs."""
        return self.event.name == "workflow_dispatch" or self.of_tag

    @property
    def of_tag(self) -> bool:
        """Whether a tag runs."""
        return self.event.name == "release" or self.event.ref.startswith(_TAGS)


def entries_of(ctx: Context, job: Job) -> tuple[Entry, ...]:
    """Every event that may come to a job in production; not all of very many."""
    return tuple(
        entry
        for entry in every_entry(ctx, job)
        if _is_production(ctx, entry) and _may_deploy(ctx, entry)
    )


def every_entry(ctx: Context, job: Job) -> tuple[Entry, ...]:
    """Every event that may come to a job, whatever it deploys; not all of very many."""
    calls = _calls(ctx, ctx.project.workflow_of(job)).known
    return tuple(Entry(event, root, callers, job) for event, root, callers in calls)


def called_from_elsewhere(ctx: Context, workflow: Workflow) -> bool:
    """Whether only workflows that are not in the repository start it."""
    return {trigger.event for trigger in workflow.triggers} == {"workflow_call"} and not callers_of(
        ctx, workflow
    )


def default_branch_of(ctx: Context) -> str:
    """The default branch by its declaration, by its protection, or by its usual name."""
    usual = [name for name in ("main", "master") if is_default(ctx, name)]
    return next((name for name in usual if rules_on(ctx, name)), usual[0] if usual else "main")


_Call = tuple[Event, Workflow, tuple[Job, ...]]


@fact("workflow.calls")
def _calls(ctx: Context, workflow: Workflow) -> Fact[tuple[_Call, ...]]:
    """The events that come to a workflow, with the one that each starts and the jobs that call."""
    found = list(_own(ctx, workflow))
    if any(trigger.event == "workflow_call" for trigger in workflow.triggers):
        for caller in callers_of(ctx, workflow):
            outer = ctx.project.workflow_of(caller)
            if ("workflow.calls", outer.id) in ctx.running:
                continue  # in a circle, which GitHub refuses
            found += [(e, root, (*c, caller)) for e, root, c in _calls(ctx, outer).known]
    return known(tuple(found[:MAX_ENTRIES]))


def _own(ctx: Context, workflow: Workflow) -> Iterator[_Call]:
    default = f"{_HEADS}{default_branch_of(ctx)}"
    for event in own_events(ctx, workflow):
        if event.name in _OF_DEFAULT and event.ref not in ("", default):
            continue
        if event.name == "workflow_dispatch" and _is_like_any(ctx, workflow, event.ref_name):
            continue
        # The tag of a release can be any.
        yield (replace(event, ref="") if event.name == "release" else event), workflow, ()


def _is_like_any(ctx: Context, workflow: Workflow, branch: str) -> bool:
    """Whether a branch is a usual one that neither the workflow nor a called one names."""
    usual = branch in ctx.project.config.branches.protected
    if not usual or branch == default_branch_of(ctx):
        return False
    texts = (
        ctx.project.text(each.path).text
        for each in ctx.project.workflows
        if each.id == workflow.id or any(t.event == "workflow_call" for t in each.triggers)
    )
    return not any(branch in text for text in texts)


def _is_production(ctx: Context, entry: Entry) -> bool:
    """Whether what the callers and the event say may be production: another place is not."""
    for stages in (_by_environment(ctx, entry), *_by_callers(ctx, entry)):
        if stages:
            return "production" in stages
    named = stages_in(entry.event.ref_name, patterns_of(ctx)) if entry.branch else frozenset()
    return not named or "production" in named


def _by_environment(ctx: Context, entry: Entry) -> frozenset[Stage]:
    """What the job's environment is for this event, where the event decides it."""
    names = environment_names(ctx, entry)
    stages = [stages_in(name, patterns_of(ctx)) for name in names]
    return frozenset().union(*stages) if all(stages) else frozenset()


def environment_names(ctx: Context, entry: Entry) -> tuple[str, ...]:
    """The names that the job's environment can have in a run; none where it cannot be told."""
    environment = entry.job.environment
    if environment is None:
        return ()
    contexts = {**told_contexts_of(ctx, entry.job).known, "github": github_of(entry.event)}
    if entry.callers:
        contexts["inputs"] = {
            pair.key.text: values[0]
            for pair in entry.callers[-1].with_
            if (values := _values(ctx, entry.callers[-1], pair.value.text)) and len(values) == 1
        } or contexts["inputs"]
    return tuple(name for name in possible(environment.name, contexts) or () if name)


def _by_callers(ctx: Context, entry: Entry) -> Iterator[frozenset[Stage]]:
    """What each caller gives and is called, the nearest first."""
    patterns = patterns_of(ctx)
    for caller in reversed(entry.callers):
        given = [
            stages_in(value, patterns)
            for pair in caller.with_
            for value in _values(ctx, caller, pair.value.text) or ()
        ]
        yield frozenset().union(*given)
        titles = [caller.key, caller.name.text if caller.name else ""]
        yield frozenset().union(*(stages_in(each, patterns, title=True) for each in titles))
        workflow = ctx.project.workflow_of(caller)
        titles = [workflow.name.text if workflow.name else "", workflow.path.rpartition("/")[2]]
        yield frozenset().union(*(stages_in(each, patterns, title=True) for each in titles))


def _values(ctx: Context, job: Job, text: str) -> tuple[str, ...] | None:
    return possible(text, told_contexts_of(ctx, job).known)


def _may_deploy(ctx: Context, entry: Entry) -> bool:
    """Whether the declared branch rules of the environment let the event's branch or tag in."""
    names = environment_names(ctx, entry)
    if len(names) != 1 or not entry.event.ref:
        return True
    target = "tag" if entry.event.ref.startswith(_TAGS) else "branch"
    return not any(
        lets_deploy(ctx, environment, entry.event.ref_name, target) is False
        for environment in environment_named(ctx, names[0])
        if not environment.doubts
    )
