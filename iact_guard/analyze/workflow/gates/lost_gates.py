"""The gates of a step whose failure its script loses, with nothing that makes up for it."""

from collections.abc import Collection

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.asked import asked_by
from iact_guard.analyze.shell.failure import Cause, failure_of, output_decides
from iact_guard.analyze.shell.followed import links_to
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.gates.guards import BY_NAME, guards_of
from iact_guard.analyze.workflow.gates.standing import Standing, standing_of
from iact_guard.analyze.workflow.gates.switched import switch_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Action, Job, Step

_DOES_IT_FAIL = "whether a failure of {gates} fails the step"
_IS_IT_MADE_UP = "whether anything makes up for {gates}, whose failure is lost here"


@dataclass(frozen=True, slots=True)
class Lost:
    """A gate, and what loses its failure."""

    gate: Gate
    cause: Cause
    reason: str
    evidence: tuple[Evidence, ...]
    doubt: str = ""
    """What cannot be told of it, as a sentence about `{gates}`; empty where it is lost for sure."""


@dataclass(frozen=True, slots=True)
class Loss:
    """The gates that are lost in one line of a step: more than one where it runs a script."""

    lost: tuple[Lost, ...]

    @property
    def first(self) -> Lost:
        """The one that the others join."""
        return self.lost[0]

    @property
    def names(self) -> str:
        """`ruff (lint), mypy (types)`."""
        return ", ".join(dict.fromkeys(f"{x.gate.tool} ({x.gate.kind})" for x in self.lost))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Of all of them, at most twenty places."""
        return tuple(dict.fromkeys(each for x in self.lost for each in x.evidence))[:20]

    @property
    def doubt(self) -> str:
        """What cannot be told, and why; empty where they are lost for sure."""
        if not self.first.doubt:
            return ""
        return f"{self.first.doubt.format(gates=self.names)}: {self.first.reason}"


def losses_of(
    ctx: Context, step: Step, kinds: Collection[str], causes: Collection[Cause]
) -> tuple[Loss, ...]:
    """The gates of these kinds that are lost for these causes, line by line."""
    lines: dict[tuple[int, str], list[Lost]] = {}
    for each in lost_gates_of(ctx, step).known:
        if each.gate.kind in kinds and each.cause in causes:
            lines.setdefault((each.gate.location.line, each.doubt), []).append(each)
    return tuple(Loss(tuple(each)) for each in lines.values())


@fact("step.lost_gates")
def lost_gates_of(ctx: Context, step: Step) -> Fact[tuple[Lost, ...]]:
    """One a gate, in order. What only some runs lose is not lost."""
    found = (_lost(ctx, gate) for gate in guards_of(ctx, step).known)
    return known(tuple(each for each in found if each and _is_worth_it(each)))


def _is_worth_it(lost: Lost) -> bool:
    """What is only taken for a test by its name is left alone in doubt."""
    return lost.gate.kind not in BY_NAME or not lost.doubt


def is_lost_by_itself(ctx: Context, gate: Gate, standing: Standing) -> bool:
    """Whether a gate's own script or switch loses its failure, for which there is a finding.

    What lets its step or job fail is then a second fault: mending one leaves the other.
    """
    if standing.state == "off":
        return bool(switch_of(ctx, gate).known.at)
    lost = lost_gates_of(ctx, gate.step).known if standing.state == "swallowed" else ()
    return any(each.gate.id == gate.id and not each.doubt for each in lost)


def _lost(ctx: Context, gate: Gate) -> Lost | None:
    if gate.command is None:
        return None
    failure = failure_of(ctx, gate.command)
    links = links_to(ctx, gate.command)
    if failure.state != "known":
        evidence = (*links, *failure.evidence)
        return Lost(gate, "script", failure.reason, evidence, _DOES_IT_FAIL)
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
        return Lost(gate, cause, standing.reason, (*evidence, *standing.evidence), _IS_IT_MADE_UP)
    if standing.known.state != "swallowed" or _retried_beside(ctx, gate):
        return None
    place = failure.evidence[0].location if failure.evidence else gate.location
    where = "" if place.path == gate.path else f", in {place.path}"
    return Lost(gate, cause, f"{failure.reason}{where}", evidence)


def _tried_again(ctx: Context, gate: Gate) -> bool:
    """Whether another call of the same tool in the step counts in some runs: `a || a --again`."""
    for other in guards_of(ctx, gate.step).known:
        if other.command and other.family == gate.family and other.id != gate.id:
            failure = failure_of(ctx, other.command)
            if failure.state == "known" and failure.known.verdict != "swallowed":
                return True
    return False


def _retried_beside(ctx: Context, gate: Gate) -> bool:
    """Whether another step of the job runs the tool until its last attempt counts."""
    retried = _retried(ctx, ctx.project.by_id[gate.step.parent]).known
    return bool(retried.get(gate.family, set()) - {gate.step.id})


@fact("owner.retried")
def _retried(ctx: Context, owner: Job | Action) -> Fact[dict[str, set[str]]]:
    """By family of tools the ids of the steps that run one until its last attempt counts."""
    found: dict[str, set[str]] = {}
    for step in owner.steps:
        for each in gates_of(ctx, step).known:
            if _tried_again(ctx, each):
                found.setdefault(each.family, set()).add(step.id)
    return known(found)
