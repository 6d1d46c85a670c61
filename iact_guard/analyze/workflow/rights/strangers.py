"""Who can make a job run: the events that start it, and the conditions that a stranger meets."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.order import needed_by, runs_after_failure
from iact_guard.analyze.workflow.performed import (
    called_workflow,
    callers_of,
    used_action,
    work_of,
)
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Action, Job, Step, Trigger, Workflow
from iact_guard.syntax.expression import (
    Call,
    Comparison,
    Contexts,
    ExpressionError,
    Index,
    Logical,
    Name,
    Node,
    Not,
    Open,
    Unknown,
    evaluate,
    parse,
    parts,
    truth,
)
from iact_guard.syntax.expression import Literal as Constant

By = Literal["anyone", "writer"]
Reach = dict[str, By]
"""Who comes to run something, by event; `*` for events that are not known: of other callers."""
ANY_EVENT = "*"
_OUTSIDERS = Unknown(("NONE", "CONTRIBUTOR", "FIRST_TIME_CONTRIBUTOR", "FIRST_TIMER"))
_FROM_FORKS = Unknown(("pull_request", "pull_request_target", "pull_request_review", "issues",
                       "issue_comment"))  # fmt: skip
# What names the one who acts, or the repository that the change comes from: never what a
# condition that means the own people compares it with.
_WHO = frozenset({
    "github.actor", "github.actor_id", "github.triggering_actor", "github.event.sender.login",
    "github.event.pull_request.user.login", "github.event.pull_request.head.user.login",
    "github.event.pull_request.head.repo.full_name", "github.event.pull_request.head.repo.id",
    "github.event.pull_request.head.repo.owner.login", "github.event.issue.user.login",
    "github.event.comment.user.login", "github.event.review.user.login",
    "github.event.workflow_run.head_repository.full_name",
    "github.event.workflow_run.head_repository.id",
    "github.event.workflow_run.head_repository.owner.login",
    "github.event.workflow_run.actor.login", "github.event.workflow_run.triggering_actor.login",
})  # fmt: skip
_OWN = frozenset({
    "push", "workflow_dispatch", "repository_dispatch", "schedule", "release", "create", "delete",
    "merge_group", "deployment", "workflow_call",
})  # fmt: skip
"""Events that take access to the repository."""
_PARTS = {
    "pull_request": ("pull_request",),
    "issue": ("issue",),
    "comment": ("issue_comment", "commit_comment", "discussion_comment", "pull_request_review"),
    "workflow_run": ("workflow_run",),
    "release": ("release",),
    "client_payload": ("repository_dispatch",),
    "head_commit": ("push",),
    "schedule": ("schedule",),
}
"""The parts of an event, and how the names of the events begin that have them."""
_FORKS = frozenset({
    "github.event.pull_request.head.repo.fork", "github.event.workflow_run.head_repository.fork",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class User:
    """A step that uses an action of the repository, and what holds the step."""

    owner: Job | Action
    step: Step


@fact("repository.action_users")
def _users(ctx: Context, repository: Repository) -> Fact[dict[str, tuple[User, ...]]]:
    """The users of each action, by its id."""
    found: dict[str, list[User]] = {}
    for owner in (*ctx.project.entities("job"), *ctx.project.actions):
        for step in owner.steps:
            if step.uses and (action := used_action(ctx, step.uses)):
                found.setdefault(action.id, []).append(User(owner, step))
    return known({key: tuple(users) for key, users in found.items()})


def users_of(ctx: Context, action: Action) -> tuple[User, ...]:
    """The steps of the repository that use an action."""
    return _users(ctx, Repository()).known.get(action.id, ())


def reach_of(ctx: Context, owner: Job | Action, conditions: Iterable[Authored] = ()) -> Reach:
    """Who comes to run a job or an action, or what stands behind conditions in it, by event."""
    found = _of_job(ctx, owner) if isinstance(owner, Job) else _of_action(ctx, owner)
    return _met(found.known, tuple(conditions))


@fact("job.reach")
def _of_job(ctx: Context, job: Job) -> Fact[Reach]:
    workflow = ctx.project.workflow_of(job)
    called = _of_calls(ctx, Repository()).known.get(workflow.path, {})
    reach = _direct(ctx, workflow)
    _join(reach, called)
    return known(_met(reach, tuple(conditions_of(ctx, job))))


@fact("job.step_reaches")
def reaches_of(ctx: Context, job: Job) -> Fact[tuple[Reach, ...]]:
    """Who comes to run each of the steps that a job performs, in their order."""
    whole, found = _of_job(ctx, job).known, {}
    steps = work_of(ctx, job).known.steps
    keys = [tuple(condition.text for condition in each.conditions) for each in steps]
    for key, each in zip(keys, steps, strict=True):
        if key not in found:
            found[key] = _met(whole, each.conditions)
    return known(tuple(found[key] for key in keys))


def _direct(ctx: Context, workflow: Workflow) -> Reach:
    """By the events of a workflow itself, calls by others of the repository aside."""
    reach: Reach = {}
    for trigger in workflow.triggers:
        if trigger.event == "workflow_run":
            reach[trigger.event] = "anyone" if _follows_strangers(ctx, trigger) else "writer"
        elif trigger.event != "workflow_call":
            reach[trigger.event] = "anyone"
        elif not callers_of(ctx, workflow):
            reach[ANY_EVENT] = "anyone"
    return reach


@fact("repository.called_reach")
def _of_calls(ctx: Context, repository: Repository) -> Fact[dict[str, Reach]]:
    """Who comes to run each called workflow by its callers: in steps, as calls may be a circle."""
    found: dict[str, Reach] = {}
    pending = deque(workflow for workflow in ctx.project.workflows if any(_calls(ctx, workflow)))
    while pending:
        workflow = pending.popleft()
        reach = _direct(ctx, workflow)
        _join(reach, found.get(workflow.path, {}))
        for job, called in _calls(ctx, workflow):
            before = dict(found.get(called.path, {}))
            _join(found.setdefault(called.path, {}), _met(reach, tuple(conditions_of(ctx, job))))
            if found[called.path] != before:
                pending.append(called)
    return known(found)


def _calls(ctx: Context, workflow: Workflow) -> Iterator[tuple[Job, Workflow]]:
    for job in workflow.jobs:
        if job.uses and (called := called_workflow(ctx, job)):
            yield job, called


def _follows_strangers(ctx: Context, trigger: Trigger) -> bool:
    """Whether one of the workflows that it follows may be run by a stranger's event."""
    for wanted in trigger.workflows or ():
        named = [
            w for w in ctx.project.workflows if (w.name.text if w.name else w.path) == wanted.text
        ]
        if not named:
            return True
        events = {each.event for workflow in named for each in workflow.triggers}
        if not events <= _OWN:
            return True
    return trigger.workflows is None


@fact("action.reach")
def _of_action(ctx: Context, action: Action) -> Fact[Reach]:
    users = users_of(ctx, action)
    reach: Reach = {} if users else {ANY_EVENT: "anyone"}
    for user in users:
        if ("action.reach", user.owner.id) not in ctx.running:
            own = (user.step.condition,) if user.step.condition else ()
            _join(reach, reach_of(ctx, user.owner, own))
    return known(reach)


def _join(reach: Reach, more: Reach) -> None:
    for event, by in more.items():
        reach[event] = "anyone" if "anyone" in (by, reach.get(event)) else "writer"


def conditions_of(ctx: Context, job: Job) -> Iterator[Authored]:
    """The `if` of a job, and of the jobs whose skip skips it, each once."""
    found = [job.condition]
    if runs_after_failure(job.condition) is False:
        found += [needed.condition for needed in needed_by(ctx, job).known]
    seen: set[str] = set()
    for condition in found:
        if condition and condition.text not in seen:
            seen.add(condition.text)
            yield condition


def _met(reach: Reach, conditions: tuple[Authored, ...]) -> Reach:
    found: Reach = {}
    trees = [tree for tree in map(_tree, conditions) if tree is not None]
    if not trees:
        return dict(reach)
    for event, by in reach.items():
        if by == "anyone" and _can_hold(trees, event, stranger=True):
            found[event] = "anyone"
        elif _can_hold(trees, event, stranger=False):
            found[event] = "writer"
    return found


def needs_label(event: str, conditions: Iterable[Authored]) -> bool:
    """Whether conditions hold for a stranger's event only where somebody has put a label."""
    trees = [tree for tree in map(_tree, conditions) if tree is not None]
    return not _can_hold(trees, event, stranger=True, labels=False)


def _tree(condition: Authored) -> Node | None:
    """The expression of an `if`; None where it cannot be read, or is text around one."""
    found = parts(condition.text)
    if any(part.is_expression for part in found):
        if len([part for part in found if part.is_expression or part.text.strip()]) > 1:
            return None
        text = next(part.text for part in found if part.is_expression)
    else:
        text = condition.text
    try:
        return parse(text)
    except ExpressionError:
        return None


def _can_hold(trees: list[Node], event: str, *, stranger: bool, labels: bool = True) -> bool:
    contexts = _contexts(event, stranger=stranger, labels=labels)
    if stranger:
        trees = [_as_stranger(tree) for tree in trees]
    return all(truth(evaluate(tree, contexts)) is not False for tree in trees)


def _contexts(event: str, *, stranger: bool, labels: bool) -> Contexts:
    payload: Open = Open()
    if stranger:
        author = Open(author_association=_OUTSIDERS)
        pull = Open(author) if labels else Open(author, labels=[])
        payload = Open(comment=author, issue=author, review=author, pull_request=pull,
                       workflow_run=Open(event=_FROM_FORKS))  # fmt: skip
        if not labels:
            payload["label"] = {}
    if event == ANY_EVENT:
        return {"github": Open(event=payload)}
    for part, events in _PARTS.items():
        if not event.startswith(events):
            payload[part] = None
    return {"github": Open(event_name=event, event=payload)}


def _as_stranger(node: Node) -> Node:
    """The expression with what is said of who acts, for somebody without access."""
    match node:
        case Comparison(operator, left, right) if operator in ("==", "!="):
            names = [path_text(left) in _WHO, path_text(right) in _WHO]
            if sum(names) == 1:
                return Constant(operator == "!=")
            return Comparison(operator, _as_stranger(left), _as_stranger(right))
        case Call("contains", (_, item)) if path_text(item) in _WHO:
            return Constant(False)
        case Index():
            return Constant(True) if path_text(node) in _FORKS else node
        case Call(name, arguments):
            return Call(name, tuple(map(_as_stranger, arguments)))
        case Not(operand):
            return Not(_as_stranger(operand))
        case Logical(operator, operands):
            return Logical(operator, tuple(map(_as_stranger, operands)))
    return node


def path_of(node: Node) -> tuple[str, ...]:
    """`github.event.issue.title` as its keys in lower case; `*` for one that is not a name.

    Empty for what is no way into a context.
    """
    keys: list[str] = []
    while isinstance(node, Index):
        key = node.key
        named = isinstance(key, Constant) and isinstance(key.value, str)
        keys.append(str(key.value).lower() if named and isinstance(key, Constant) else "*")
        node = node.base
    return (node.name, *reversed(keys)) if isinstance(node, Name) else ()


def path_text(node: Node) -> str:
    """The same, as text."""
    return ".".join(path_of(node))
