"""What callers give to workflows and actions of the repository, against what those declare."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.performed import called_workflow, used_action
from iact_guard.analyze.workflow.references.action_inputs import ALL, read_inputs
from iact_guard.analyze.workflow.references.references import Broken
from iact_guard.model.authored import Pair
from iact_guard.model.location import Evidence, Location
from iact_guard.model.workflow import Input, Job, Step

_REFUSED = "GitHub refuses the run"
_UNREAD = "the value has no effect (the run goes on, with a warning)"


def broken_call(ctx: Context, job: Job) -> Iterator[Broken]:
    """Inputs and secrets of a called workflow: given and not declared, asked for and not given."""
    called = called_workflow(ctx, job)
    if called is None or job.uses is None:
        return
    triggers = [t for t in called.triggers if t.event == "workflow_call"]
    inputs = [each for trigger in triggers for each in trigger.inputs]
    secrets = [each for trigger in triggers for each in trigger.secrets]
    if not triggers:
        why = "it is not started by `workflow_call`"
        yield Broken(
            job.uses.text, job.uses.location, why, effect=_REFUSED, lacks="cannot be called"
        )
        return
    yield from _compare(job.with_, inputs, job.uses.location, "input", _REFUSED)
    if not job.secrets_inherit:
        yield from _compare(job.secrets, secrets, job.uses.location, "secret", _REFUSED)


def broken_use(ctx: Context, step: Step) -> Iterator[Broken]:
    """The same for an action of the repository."""
    action = used_action(ctx, step.uses) if step.uses else None
    if action is None or step.uses is None or not step.uses.text.strip().startswith("./"):
        return
    reads = read_inputs(ctx, action).known
    unread = [p for p in step.with_ if not {ALL, p.key.text.lower()} & reads]
    for each in _undeclared(tuple(unread), action.inputs, "input", _UNREAD):
        yield replace(each, minor=True)
    effect = "the action runs without it"
    yield from _missing(step.with_, action.inputs, step.uses.location, "input", effect)


def _compare(
    given: tuple[Pair, ...], declared: list[Input], call: Location, what: str, effect: str
) -> Iterator[Broken]:
    yield from _undeclared(given, declared, what, effect)
    yield from _missing(given, declared, call, what, effect)


def _undeclared(
    given: tuple[Pair, ...], declared: Sequence[Input], what: str, effect: str
) -> Iterator[Broken]:
    names = {each.name.lower() for each in declared}
    for pair in given:
        if pair.key.text.lower() not in names:
            why = f"what is called here has no {what} of that name"
            lacks = "is not declared"
            yield Broken(pair.key.text, pair.key.location, why, effect=effect, lacks=lacks)


def _missing(
    given: tuple[Pair, ...], declared: Sequence[Input], call: Location, what: str, effect: str
) -> Iterator[Broken]:
    passed = {pair.key.text.lower() for pair in given}
    for each in declared:
        missing = each.required.lower() == "true" and each.default is None
        if missing and each.name.lower() not in passed:
            evidence = (Evidence(each.location, "it is required here"),)
            why = f"what is called here requires the {what}"
            lacks = "is not given"
            yield Broken(each.name, call, why, evidence=evidence, effect=effect, lacks=lacks)
