"""References of expressions to what is not declared: each of them is an empty text."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import chain

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import called_workflow, callers_of
from iact_guard.analyze.workflow.references.action_inputs import given_inputs
from iact_guard.analyze.workflow.references.awaited import awaited_in_vain
from iact_guard.analyze.workflow.references.mentions import (
    Mention,
    in_action,
    in_job,
    in_step,
    in_text,
    in_workflow,
)
from iact_guard.analyze.workflow.references.outputs import outputs_of
from iact_guard.analyze.workflow.references.variables import may_be_set
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Action, Job, Trigger, Workflow

_OF_STEPS = ("outputs", "outcome", "conclusion")
_OF_NEEDS = ("outputs", "result")
_MAX_NAMES = 100
"""Held against a name that is not there."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A reference to something that is not there."""

    text: str
    """What is referred to."""
    location: Location
    why: str
    dead: bool = False
    """A condition is built on it."""
    evidence: tuple[Evidence, ...] = ()
    effect: str = "it is always empty"
    lacks: str = "does not exist"
    minor: bool = False
    """Nothing that counts depends on it: a name that people read, a value without a reader."""
    cause: str = ""
    """What it shares with others of the same job: said once for all of them."""


@fact("workflow.broken_references")
def broken_in_workflow(ctx: Context, workflow: Workflow) -> Fact[tuple[Broken, ...]]:
    """Those of a workflow, its jobs and their steps, one a place and path."""
    mentions = [*in_workflow(workflow)]
    for job in workflow.jobs:
        mentions += in_job(job)
        mentions += chain.from_iterable(in_step(step, job) for step in job.steps)
    reader = _Reader(ctx, workflow, None)
    outputs = _called_outputs(workflow) if any(t.outputs for t in workflow.triggers) else ()
    return known((*_once(reader, mentions), *outputs, *_awaited(ctx, workflow)))


@fact("action.broken_references")
def broken_in_action(ctx: Context, action: Action) -> Fact[tuple[Broken, ...]]:
    """Those of a composite action."""
    if action.using != "composite":
        return known(())
    return known(tuple(_once(_Reader(ctx, None, action), in_action(action))))


def _once(reader: "_Reader", mentions: Iterable[Mention]) -> Iterator[Broken]:
    seen: set[tuple[str, str]] = set()
    for mention in sorted(mentions, key=lambda each: each.shown):
        why = reader.why(mention)
        if why:
            owner = mention.step.id if mention.step else mention.job.id if mention.job else ""
            key = (owner, mention.text.lower())
            if key not in seen:
                seen.add(key)
                yield Broken(
                    mention.text, mention.location, why, mention.condition, minor=mention.shown,
                    cause=_cause(mention, why),
                )  # fmt: skip


def _cause(mention: Mention, why: str) -> str:
    """The matrix of a job lacks several keys for one reason; else what is missing is the reason.

    Inputs are the same in every job.
    """
    shared = mention.path[0] in ("inputs", "github")
    owner = mention.job.id if mention.job and not shared else ""
    return f"{owner}/{'matrix' if mention.path[0] == 'matrix' else why}"


@dataclass(frozen=True, slots=True)
class _Reader:
    ctx: Context
    workflow: Workflow | None
    action: Action | None

    def why(self, mention: Mention) -> str:
        """Why a path leads to nothing; empty where it may lead somewhere."""
        if len(mention.path) < 2:
            return ""
        match mention.path[0]:
            case "steps":
                return self.step(mention)
            case "needs":
                return self.need(mention)
            case "inputs":
                return self.input(mention.path[1])
            case "matrix":
                return self.matrix(mention)
            case "env":
                return self.env(mention)
            case "secrets":
                return self.secret(mention)
            case "github" if len(mention.path) > 3 and mention.path[1:3] == ("event", "inputs"):
                return self.dispatched(mention.path[3])
            case "github" | "runner" | "strategy" as context:
                return _no_property(context, mention.path[1])
        return ""

    def step(self, mention: Mention) -> str:
        owner = mention.job or self.action
        if owner is None:
            return ""
        name, *rest = mention.path[1:]
        wanted = next((s for s in owner.steps if s.key and _same(s.key.text, name)), None)
        where = "job" if mention.job else "action"
        if wanted is None:
            return f"no step of this {where} has the id `{name}`"
        limit = mention.step.index if mention.step else len(owner.steps) * mention.ends
        if wanted.index >= limit:
            return f"the step `{name}` has not run yet"
        if rest and rest[0].lower() not in _OF_STEPS:
            return f"a step has {_listed(_OF_STEPS)}, and no `{rest[0]}`"
        if len(rest) > 1 and rest[0].lower() == "outputs":
            outputs = outputs_of(self.ctx, wanted).known
            if outputs is not None and not any(_same(each, rest[1]) for each in outputs):
                return f"the step `{name}` writes no output `{rest[1]}`"
        return ""

    def need(self, mention: Mention) -> str:
        job = mention.job
        if job is None or self.workflow is None:
            return ""
        name, *rest = mention.path[1:]
        if not any(_same(need.text, name) for need in job.needs):
            exists = any(_same(each.key, name) for each in self.workflow.jobs)
            return f"`{name}` is {'a job, but ' if exists else ''}not in the `needs` of {job.key}"
        if rest and rest[0].lower() not in _OF_NEEDS:
            return f"a needed job has {_listed(_OF_NEEDS)}, and no `{rest[0]}`"
        wanted = next((each for each in self.workflow.jobs if _same(each.key, name)), None)
        if wanted and len(rest) > 1 and rest[0].lower() == "outputs":
            declared = self.job_outputs(wanted)
            if declared is not None and not any(_same(each, rest[1]) for each in declared):
                return f"the job `{name}` has no output `{rest[1]}`"
        return ""

    def job_outputs(self, job: Job) -> tuple[str, ...] | None:
        if job.uses is None:
            return tuple(pair.key.text for pair in job.outputs)
        called = called_workflow(self.ctx, job)
        calls = _calls(called) if called else ()
        return tuple(pair.key.text for t in calls for pair in t.outputs) if called else None

    def input(self, name: str) -> str:
        if self.action:
            if any(_same(each.name, name) for each in self.action.inputs):
                return ""
            (repository,) = self.ctx.project.entities("repository")
            given = given_inputs(self.ctx, repository).known.get(self.action.path, frozenset())
            if name.lower() in given:
                return ""
            return f"the action declares no input `{name}`, and no step gives it one"
        triggers = self.workflow.triggers if self.workflow else ()
        asked = [t for t in triggers if t.event in ("workflow_call", "workflow_dispatch")]
        if any(_same(each.name, name) for t in asked for each in t.inputs):
            return ""
        if not asked:
            return "the workflow, neither called nor dispatched, has no inputs"
        names = [each.name for t in asked for each in t.inputs]
        return f"the workflow declares no input `{name}`{_meant(name, names)}"

    def dispatched(self, name: str) -> str:
        triggers = self.workflow.triggers if self.workflow else ()
        if not triggers or _calls_any(triggers):
            return ""  # a called workflow has its caller's event
        asked = [t for t in triggers if t.event == "workflow_dispatch"]
        if any(_same(each.name, name) for t in asked for each in t.inputs):
            return ""
        names = [each.name for t in asked for each in t.inputs]
        return f"no dispatch of the workflow asks for an input `{name}`{_meant(name, names)}"

    def matrix(self, mention: Mention) -> str:
        job, name = mention.job, mention.path[1]
        if job is None:
            return ""
        if job.matrix is None:
            return f"the job {job.key} has no matrix"
        keys = job.matrix_keys
        if keys is None or any(_same(each, name) for each in keys):
            return ""
        return f"the matrix of {job.key} has no `{name}`"

    def env(self, mention: Mention) -> str:
        job, name = mention.job, mention.path[1]
        if job is None or self.workflow is None or mention.optional:
            return ""
        if may_be_set(self.ctx, self.workflow, job, mention.step, name):
            return ""
        return f"nothing sets the variable `{name}`"

    def secret(self, mention: Mention) -> str:
        name, workflow, job = mention.path[1], self.workflow, mention.job
        if workflow is None or job is None or job.environment or mention.optional:
            return ""
        if {trigger.event for trigger in workflow.triggers} != {"workflow_call"}:
            return ""
        declared = [each.name for t in workflow.triggers for each in t.secrets]
        callers = callers_of(self.ctx, workflow)
        if not callers or any(caller.secrets_inherit for caller in callers):
            return ""
        if name.lower() == "github_token" or any(_same(each, name) for each in declared):
            return ""
        return (
            f"the called workflow declares no secret `{name}`, and no caller hands all of them on"
        )


def _no_property(context: str, name: str) -> str:
    """That one of GitHub's own contexts has nothing of a name; empty where it may have."""
    known_ones = table("contexts")[context].split()
    if any(_same(each, name) for each in known_ones):
        return ""
    return f"`{context}` has no `{name}`{_meant(name.lower(), known_ones)}"


def _meant(name: str, names: list[str]) -> str:
    near = get_close_matches(name, names[:_MAX_NAMES], 1, 0.8)
    return f" (`{near[0]}` is meant?)" if near else ""


def _awaited(ctx: Context, workflow: Workflow) -> Iterator[Broken]:
    for name, near, places in awaited_in_vain(ctx, workflow):
        hint = f", the nearest is `{near}`" if near else ""
        why = f"no workflow of the repository is called that{hint}"
        yield Broken(name.text, name.location, why, evidence=places, effect="no run of it is seen")


def _called_outputs(workflow: Workflow) -> Iterator[Broken]:
    """Outputs of a called workflow whose job or output is not there."""
    values = [pair.value for trigger in _calls(workflow) for pair in trigger.outputs]
    for mention in chain.from_iterable(map(in_text, values)):
        why = _no_job_output(workflow, mention.path) if mention.path[0] == "jobs" else ""
        if why:
            yield Broken(mention.text, mention.location, why)


def _no_job_output(workflow: Workflow, path: tuple[str, ...]) -> str:
    if len(path) < 2:
        return ""
    job = next((each for each in workflow.jobs if _same(each.key, path[1])), None)
    if job is None:
        return f"there is no job `{path[1]}`"
    if len(path) < 4 or job.uses or path[2].lower() != "outputs":
        return ""
    if any(_same(pair.key.text, path[3]) for pair in job.outputs):
        return ""
    return f"the job `{path[1]}` has no output `{path[3]}`"


def _calls(workflow: Workflow) -> tuple[Trigger, ...]:
    return tuple(t for t in workflow.triggers if t.event == "workflow_call")


def _calls_any(triggers: tuple[Trigger, ...]) -> bool:
    return any(trigger.event == "workflow_call" for trigger in triggers)


def _same(left: str, right: str) -> bool:
    return left.lower() == right.lower()


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
