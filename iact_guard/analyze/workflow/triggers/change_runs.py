"""Whether what a job does runs for pull requests into the protected branches; what hinders it."""

from collections.abc import Iterator
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.order import needed_by, runs_after_failure
from iact_guard.analyze.workflow.performed import Performed, callers_of
from iact_guard.analyze.workflow.run.condition import condition_of
from iact_guard.analyze.workflow.run.event import Event, github_of
from iact_guard.analyze.workflow.triggers.filters import lets_through
from iact_guard.analyze.workflow.values import contexts_of
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Trigger, Workflow
from iact_guard.settings import Branches
from iact_guard.syntax.expression import Open, Unknown, evaluate, truth

State = Literal["runs", "perhaps", "never"]
Cause = Literal["trigger", "types", "branches", "condition", "paths", "forks", "elsewhere", ""]
PULLS = ("pull_request", "pull_request_target")
_USUAL_TYPES = frozenset({"opened", "synchronize", "reopened"})
_SOME_BRANCHES = ("feature/something", "fix-something", "someone/patch-1")
_INDIRECT = frozenset({
    "workflow_run", "issue_comment", "pull_request_review", "pull_request_review_comment",
    "repository_dispatch", "check_run", "check_suite", "status", "label", "deployment",
    "deployment_status", "pull_request_comment",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """Whether a job runs for a change before it is merged."""

    state: State
    cause: Cause = ""
    location: Location | None = None
    """Of what hinders it."""
    why: str = ""
    triggers: tuple[Trigger, ...] = ()
    """Those that start it for pull requests; their paths are not looked at."""
    branch: str = ""
    """The branch that it runs for and of which nothing says whether changes go there."""


@dataclass(frozen=True, slots=True)
class Protected:
    """The branches that need gates."""

    names: tuple[str, ...]
    stated: bool
    """Somebody named them, so that each of them counts; else one of the usual ones is enough."""


@fact("repository.protected_branches")
def protected_branches(ctx: Context, repository: Repository) -> Fact[Protected]:
    """The configuration's branches, without patterns."""
    setting = ctx.project.config.branches
    names = tuple(name for name in setting.protected if "*" not in name)
    return known(Protected(names, setting != Branches()))


@fact("job.change_run")
def change_run_of(ctx: Context, job: Job) -> Fact[Run]:
    """Whether a job runs for pull requests, its own conditions and needs included."""
    workflow = ctx.project.workflow_of(job)
    started = _started(ctx, workflow)
    if started.state == "never" or not started.triggers:
        return known(started)
    hindered = _condition(ctx, job, job.condition, started.triggers, workflow.id)
    if hindered is None and not runs_after_failure(job.condition):
        needed = needed_by(ctx, job).known
        found = (
            _condition(ctx, each, each.condition, started.triggers, workflow.id) for each in needed
        )
        hindered = next((each for each in found if each), None)
    return known(hindered or started)


def runs_step(ctx: Context, job: Job, performed: Performed) -> Run:
    """The same for a step of a job, conditions on the way to it included."""
    run = change_run_of(ctx, job).known
    if run.state == "never" or not run.triggers:
        return run
    for condition in performed.conditions:
        hindered = _condition(ctx, performed.job, condition, run.triggers, job.workflow)
        if hindered:
            return hindered
    return run


def _started(ctx: Context, workflow: Workflow) -> Run:
    """What the triggers of a workflow say, the best of them."""
    found = list(_by_trigger(ctx, workflow))
    for state in ("runs", "perhaps"):
        fitting = [run for run in found if run.state == state]
        if fitting:
            triggers = tuple(trigger for run in fitting for trigger in run.triggers)
            first = fitting[0]
            return Run(state, first.cause, first.location, first.why, triggers, first.branch)
    hindered = next((run for run in found if run.cause != "trigger"), None)
    names = ", ".join(dict.fromkeys(f"`{trigger.event}`" for trigger in workflow.triggers))
    where = workflow.triggers[0].location if workflow.triggers else workflow.location
    why = f"the workflow is started by {names} alone"
    return hindered or Run("never", "trigger", where, why)


def _by_trigger(ctx: Context, workflow: Workflow) -> Iterator[Run]:
    for trigger in workflow.triggers:
        place = trigger.location
        if trigger.event in PULLS:
            yield _pull_request(ctx, trigger)
        elif trigger.event == "merge_group":
            yield Run("runs", triggers=(trigger,))
        elif trigger.event == "push":
            branches = trigger.branches is not None or trigger.branches_ignore is not None
            only_tags = not branches and (trigger.tags or trigger.tags_ignore)
            if not only_tags and _filter(trigger, _SOME_BRANCHES):
                why = "it runs on pushes to branches of the repository, not for those of forks"
                yield Run("perhaps", "forks", place, why)
        elif trigger.event == "workflow_call":
            if not callers_of(ctx, workflow):
                yield Run("perhaps")  # whoever calls it decides
        elif trigger.event in _INDIRECT:
            why = f"`{trigger.event}` may stand for a change, or not"
            yield Run("perhaps", "elsewhere", place, why)


def _pull_request(ctx: Context, trigger: Trigger) -> Run:
    (repository,) = ctx.project.entities("repository")
    protected = protected_branches(ctx, repository).known
    if trigger.types is not None:
        types = {each.text for each in trigger.types}
        place = trigger.types[0].location if trigger.types else trigger.location
        if "synchronize" not in types:
            asked = types - _USUAL_TYPES - {"closed", "edited", "ready_for_review"}
            why = f"it runs when a pull request is {' or '.join(sorted(types)) or 'nothing'}, not"
            return Run("perhaps" if asked else "never", "types", place,
                       f"{why} when commits are added to it")  # fmt: skip
    passing = [name for name in protected.names if _filter(trigger, (name,))]
    missing = [name for name in protected.names if name not in passing]
    if protected.names and (not passing or (protected.stated and missing)):
        filters = (*(trigger.branches or ()), *(trigger.branches_ignore or ()))
        names = ", ".join(f"`{name}`" for name in missing)
        place = filters[0].location if filters else trigger.location
        why = f"its branches leave out pull requests into {names}"
        own = [each.text for each in trigger.branches or () if not _is_open(each.text)]
        if own and not protected.stated:
            why = f"nothing says whether changes go to `{own[0]}`; `branches.protected` would"
            return Run("perhaps", "branches", place, why, branch=own[0])
        return Run("never", "branches", place, why)
    return Run("runs", triggers=(trigger,))


def _is_open(pattern: str) -> bool:
    """Whether a pattern is for branches that come and go, and no branch's own name."""
    return any(char in pattern for char in "*?+[") or pattern.startswith("!")


def _filter(trigger: Trigger, names: tuple[str, ...]) -> bool:
    return lets_through(texts(trigger.branches), texts(trigger.branches_ignore), names)


def texts(patterns: tuple[Authored, ...] | None) -> tuple[str, ...] | None:
    """The patterns of a filter; None where there is none."""
    return None if patterns is None else tuple(each.text for each in patterns)


def _condition(
    ctx: Context, job: Job, condition: Authored | None, triggers: tuple[Trigger, ...], root: str
) -> Run | None:
    """What an `if` says where it holds for none of the triggers, and would for other events.

    `root` is the id of the workflow that they start.
    """
    read = condition_of(condition.text) if condition else None
    if condition is None or read is None:
        return None
    contexts = {**contexts_of(ctx, job).known}
    if job.workflow == root:
        contexts["inputs"] = {}  # they come with a call or a dispatch alone
    for trigger in triggers:
        event = Event(trigger.event, trigger.location, action="synchronize")
        if truth(evaluate(read.node, {**contexts, "github": github_of(event)})) is not False:
            return None
    other = {**contexts, "github": Open(), "inputs": Unknown()}
    if truth(evaluate(read.node, other)) is False:
        return None  # it never holds, which is another matter
    place = condition.first_line(0, max(len(condition.text), 1))
    return Run("never", "condition", place, f"`if: {_short(condition.text)}` is false for them")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
