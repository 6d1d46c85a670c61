"""The gates of a step whose failure its script loses, with nothing that makes up for it."""

from dataclasses import dataclass

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.gates.gate import Gate, gates_of
from iact_guard.analyze.shell.asked import asked_by
from iact_guard.analyze.shell.failure import Cause, failure_of, output_decides
from iact_guard.analyze.shell.followed import links_to
from iact_guard.analyze.workflow.standing import standing_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.workflow import Step


@dataclass(frozen=True, slots=True)
class Lost:
    """A gate, and what loses its failure; `certain` where nothing may make up for it."""

    gate: Gate
    cause: Cause
    reason: str
    evidence: tuple[Evidence, ...]
    certain: bool = True


@fact("step.lost_gates")
def lost_gates_of(ctx: Context, step: Step) -> Fact[tuple[Lost, ...]]:
    """One a gate, in order. What only some runs lose is not lost."""
    found = (_lost(ctx, gate) for gate in gates_of(ctx, step).known)
    return known(tuple(each for each in found if each))


def _lost(ctx: Context, gate: Gate) -> Lost | None:
    if gate.command is None:
        return None
    failure = failure_of(ctx, gate.command)
    links = links_to(ctx, gate.command)
    if failure.state != "known":
        reason = f"whether a failure of {gate.tool} fails the step: {failure.reason}"
        return Lost(gate, "script", reason, (*links, *failure.evidence), certain=False)
    cause = failure.known.cause
    if failure.known.verdict != "swallowed" or cause == "unreached":
        return None
    if output_decides(ctx, gate.command).value or _tried_again(ctx, gate):
        return None  # what it prints is looked at, or another attempt counts
    if asked_by(ctx, gate.command):
        return None
    standing = standing_of(ctx, gate)
    evidence = (*links, *failure.evidence)
    if standing.state != "known":
        reason = f"whether anything makes up for {gate.tool}, whose failure is lost here"
        return Lost(gate, cause, f"{reason}: {standing.reason}", (*evidence, *standing.evidence),
                    certain=False)  # fmt: skip
    if standing.known.state != "swallowed" or _retried_beside(ctx, gate):
        return None
    return Lost(gate, cause, failure.reason, evidence)


def _tried_again(ctx: Context, gate: Gate) -> bool:
    """Whether another call of the same tool in the step counts in some runs: `a || a --again`."""
    for other in gates_of(ctx, gate.step).known:
        if other.command and other.family == gate.family and other.id != gate.id:
            failure = failure_of(ctx, other.command)
            if failure.state == "known" and failure.known.verdict != "swallowed":
                return True
    return False


def _retried_beside(ctx: Context, gate: Gate) -> bool:
    """Whether another step of the job runs the tool until its last attempt counts."""
    steps: tuple[Step, ...] = ctx.project.by_id[gate.step.parent].steps
    others = (each for step in steps if step.id != gate.step.id
              for each in gates_of(ctx, step).known)  # fmt: skip
    return any(each.family == gate.family and _tried_again(ctx, each) for each in others)
