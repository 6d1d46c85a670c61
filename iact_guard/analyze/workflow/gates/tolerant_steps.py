"""Steps that may fail without failing their job, and the gates that they were to run."""

from collections.abc import Iterator
from dataclasses import replace

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.scripts import commands_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.gates.guards import BY_NAME, guards_of
from iact_guard.analyze.workflow.gates.lost_gates import is_lost_by_itself
from iact_guard.analyze.workflow.gates.reenforced import (
    later_steps,
    mentions,
    reenforced_if_red,
    reenforced_of,
)
from iact_guard.analyze.workflow.gates.standing import Standing, standing_of, tolerance_of
from iact_guard.analyze.workflow.gates.switched import contexts_at
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step

_WORD = regex(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Tolerated:
    """A gate whose failure its step lets go by."""

    gate: Gate
    via: tuple[Evidence, ...]
    """How the step comes to it, where it uses an action of the repository."""


@fact("step.tolerated_gates")
def tolerated_gates_of(ctx: Context, step: Step) -> Fact[tuple[Tolerated, ...]]:
    """The gates of a step that may fail, where nothing else enforces them."""
    found: list[Tolerated] = []
    if not tolerance_of(ctx, step.continue_on_error, contexts_at(ctx, step)):
        return known(())
    for gate in guards_of(ctx, step).known:
        standing = standing_of(ctx, gate)
        if standing.state != "known" and gate.kind in BY_NAME:
            continue
        if standing.state != "known":
            return unknown(standing.reason, standing.evidence)
        if not gate.upload and _is_lost_here(ctx, gate, standing.known):
            found.append(Tolerated(gate, ()))
    for performed, gate in _within(ctx, step):
        standing = standing_of(ctx, gate)
        if standing.state == "known" and standing.known.state in ("enforced", "conditional"):
            later = reenforced_of(ctx, replace(gate, id=f"{gate.id}@{step.id}", step=step))
            if later.known.how == "no":
                found.append(Tolerated(gate, performed.via))
    return known(tuple(found))


def _is_lost_here(ctx: Context, gate: Gate, standing: Standing) -> bool:
    """Whether the step would lose a gate's failure by itself, whatever else loses it."""
    if standing.state == "tolerated":
        return True
    piped = standing.state == "swallowed" and standing.cause == "pipeline"
    if not piped and not is_lost_by_itself(ctx, gate, standing):
        return False
    return reenforced_if_red(ctx, gate).known.how == "no"


def judges_by_hand(ctx: Context, step: Step) -> Evidence | None:
    """Whether a step that may fail is named for a check that its own script ends with a failure."""
    words = _WORD.findall(step.name.text.lower()) if step.name else []
    if frozenset(words).isdisjoint(table("gates")["judges"]["words"]) or gates_of(ctx, step).known:
        return None
    if not tolerance_of(ctx, step.continue_on_error, contexts_at(ctx, step)):
        return None
    later = later_steps(ctx, step)
    if any(each.condition and mentions(each.condition.text, step) for each in later):
        return None
    for command in commands_of(ctx, step.id):
        if command.tool == "exit" and command.words[:1] not in ((), ("0",)):
            return Evidence(command.location, "it ends with a failure here")
    return None


def _within(ctx: Context, step: Step) -> Iterator[tuple[Performed, Gate]]:
    """The gates of an action of the repository that a step of a job uses."""
    owner = ctx.project.by_id[step.parent]
    if step.uses is None or parse_use(step.uses).kind != "local" or not isinstance(owner, Job):
        return
    for performed in work_of(ctx, owner).known.steps:
        if performed.outer and performed.outer.id == step.id and performed.step.id != step.id:
            for gate in gates_of(ctx, performed.step).known:
                yield performed, gate
