"""What a gate's failure does to its job, as far as its step and the steps beside it tell."""

from collections.abc import Iterator
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import followed_of
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.gates.reenforced import (
    Reenforced,
    mentions,
    read_in_step,
    reenforced_if_red,
    reenforced_of,
)
from iact_guard.analyze.workflow.gates.switched import contexts_at, switch_of
from iact_guard.analyze.workflow.gates.vacuous import vacuous_of
from iact_guard.analyze.workflow.order import runs_after_failure
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.values import contexts_of, possible
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, UnknownFactError, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Action, Job, Step
from iact_guard.syntax.expression import Contexts

State = Literal[
    "enforced", "swallowed", "conditional", "off", "advisory", "vacuous", "tolerated"
]  # fmt: skip
MAX_CALLS = 200
"""Of one tool, that are compared with each other."""
Calls = dict[tuple[str, str], list[Gate]]
_SELECTING = ("-k", "-m", "-t", "--grep", "-g", "--testNamePattern", "--testPathPattern", "-run",
              "--run", "--tag", "--tags", "--project", "--spec", "-p", "--filter")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a gate's failure fails its job, by its step and the steps beside it.

    `off`: its own options or inputs make it pass. `advisory`: it reports to code scanning or a
    service. `swallowed`: its script goes on. `tolerated`: its step may fail. `vacuous`: it looks at
    nothing. `conditional`: in some runs. A job's own `continue-on-error` is not looked at.
    """

    state: State
    second: Gate | None = None
    """Another call of the same tool that is enforced in its place."""
    cause: str = ""
    """What swallows it: as `Failure` has it."""


@fact("gate.standing")
def standing_of(ctx: Context, gate: Gate) -> Fact[Standing]:
    """What a gate's failure does, with the places that decide it."""
    own = _alone(ctx, gate)
    if own.state == "known" and own.known.state == "enforced":
        return own
    unclear: Fact[Standing] | None = None
    for second in _seconds(ctx, gate):
        standing = _alone(ctx, second)
        place = Evidence(second.location, f"another call of {second.tool}")
        if standing.state == "known" and standing.known.state == "enforced":
            message = f"another call of {second.tool} is enforced"
            return known(Standing("enforced", second), message, (place,))
        if standing.state != "known" and own.state == "known":
            reason = f"another call of {second.tool} may be enforced: {standing.reason}"
            unclear = unclear or unknown(reason, (place, *standing.evidence))
    return unclear or own


def own_standing_of(ctx: Context, gate: Gate) -> Fact[Standing]:
    """The same without other calls of the tool, which may stand in other jobs."""
    return _alone(ctx, gate)


def tolerance_of(ctx: Context, text: Authored | None, contexts: Contexts) -> bool | None:
    """Whether a `continue-on-error` lets failures go by; None where only some runs tell."""
    if text is None:
        return False
    options = possible(text, contexts)
    found = {each.strip().lower() == "true" for each in options} if options else {True, False}
    return found.pop() if len(found) == 1 else None


def job_tolerance(ctx: Context, job: Job) -> bool | None:
    """Whether a job may fail and its workflow goes on; None where only some runs tell."""
    return tolerance_of(ctx, job.continue_on_error, contexts_of(ctx, job).known)


@fact("gate.standing_alone")
def _alone(ctx: Context, gate: Gate) -> Fact[Standing]:
    """Without other calls of the same tool."""
    switch = switch_of(ctx, gate)
    failure = failure_of(ctx, gate.command) if gate.command else None
    lost: Fact[Standing] | None = None
    if switch.state == "known" and switch.known.state in ("off", "advisory"):
        state: State = "off" if switch.known.state == "off" else "advisory"
        lost = known(Standing(state), switch.reason, switch.evidence)
    elif failure and failure.state == "known" and failure.known.verdict == "swallowed":
        swallowed = Standing("swallowed", None, failure.known.cause)
        lost = known(swallowed, failure.reason, failure.evidence)
    lenient = gate.step.continue_on_error
    tolerated = tolerance_of(ctx, lenient, contexts_at(ctx, gate.step))
    read = read_in_step(ctx, gate) if lost else None
    if lost and read and not tolerated:
        return unknown(read.message, (*lost.evidence, read))
    if lost and not read:
        return _unless(reenforced_of(ctx, gate), lost)
    if tolerated and lenient:
        place = Evidence(lenient.location, "its step may fail")
        own = known(Standing("tolerated"), place.message, (place,))
        return _unless(reenforced_if_red(ctx, gate), own)
    vacuous = vacuous_of(ctx, gate)
    if vacuous.state == "known" and vacuous.known.reason:
        return known(Standing("vacuous"), vacuous.reason, vacuous.evidence)
    if failure and failure.state != "known":
        return unknown(failure.reason, failure.evidence)
    if switch.state != "known":
        return unknown(switch.reason, switch.evidence)
    if switch.known.state == "conditional":
        return known(Standing("conditional"), switch.reason, switch.evidence)
    if failure and failure.known.verdict == "conditional":
        return known(Standing("conditional"), failure.reason, failure.evidence)
    if tolerated is None and lenient:
        place = Evidence(lenient.location, "its step may fail in some runs")
        return known(Standing("conditional"), place.message, (place,))
    return known(Standing("enforced"), failure.reason if failure else "it is not tolerated")


def _unless(later: Fact[Reenforced], own: Fact[Standing]) -> Fact[Standing]:
    """What is lost, unless something behind it fails in its place."""
    if later.state != "known" or later.known.how == "maybe":
        return unknown(later.reason, (*own.evidence, *later.evidence))
    if later.known.how == "yes":
        return known(Standing("enforced"), later.reason, (*own.evidence, *later.evidence))
    return own


def _seconds(ctx: Context, gate: Gate) -> Iterator[Gate]:
    """The other calls of the same tool that run with it and look at as much."""
    others = _calls_beside(ctx, gate).get((gate.family, gate.kind), ())
    if len(others) > MAX_CALLS:
        raise UnknownFactError(f"one job calls {gate.tool} more than {MAX_CALLS} times", ())
    for other in others:
        if other.id != gate.id and _runs_too(gate, other.step) and _covers(ctx, gate, other):
            yield other


def _calls_beside(ctx: Context, gate: Gate) -> Calls:
    """The gates that a job comes to, by family and kind."""
    return _calls(ctx, ctx.project.by_id[gate.step.parent]).known


@fact("owner.calls_beside")
def _calls(ctx: Context, owner: Job | Action) -> Fact[Calls]:
    found: Calls = {}
    for gate in _beside(ctx, owner):
        found.setdefault((gate.family, gate.kind), []).append(gate)
    return known(found)


def _beside(ctx: Context, owner: Job | Action) -> Iterator[Gate]:
    """The gates of a job or action, then those of jobs that run whenever it does."""
    if not isinstance(owner, Job):
        yield from (each for step in owner.steps for each in gates_of(ctx, step).known)
        return
    others = (job for job in ctx.project.workflow_of(owner).jobs if job.id != owner.id)
    for job in (owner, *others):
        always = job.condition is None and not job.needs and job_tolerance(ctx, job) is False
        if job is owner or always:
            for performed in work_of(ctx, job).known.steps:
                lenient = any(text.text.strip() != "false" for text in performed.lenient)
                if job is owner or (not lenient and not any(performed.conditions)):
                    yield from gates_of(ctx, performed.step).known


def _runs_too(gate: Gate, step: Step) -> bool:
    """Whether a step runs wherever a gate does."""
    condition, own = step.condition, gate.step.condition
    if condition is None or step.id == gate.step.id:
        return True
    if own and own.text.strip() == condition.text.strip():
        return True
    if "matrix." in condition.text and "github." not in condition.text:
        return True  # in another row of the matrix
    return mentions(condition.text, gate.step) or runs_after_failure(condition) is True


def _covers(ctx: Context, gate: Gate, other: Gate) -> bool:
    """Whether another call looks at what a gate looks at, as far as their arguments tell."""
    if gate.command is None or other.command is None:
        keys = ("image-ref", "image", "scan-ref", "path", "directory", "working-directory")
        pairs = ((gate.step.input(key), other.step.input(key)) for key in keys)
        return all(a is None or b is None or a.text.strip() == b.text.strip() for a, b in pairs)
    folders = [
        followed_of(ctx, each.step).known.folders.get(each.command.id)
        for each in (gate, other)
        if each.command
    ]
    if None not in folders and folders[0] != folders[1]:
        return False
    chosen, wanted = _selection(gate), _selection(other)
    if gate.kind == "test":
        return not wanted or wanted == chosen
    return not chosen or not wanted or bool(chosen & wanted)


def _selection(gate: Gate) -> frozenset[str]:
    """What a command looks at: its paths, and what selects tests."""
    found: set[str] = set()
    words = gate.command.words if gate.command else ()
    for last, word in zip(("", *words), words, strict=False):
        if last in _SELECTING or ("/" in word and word[:1] != "-" and last[:1] != "-"):
            found.add(word.rstrip("/"))
    return frozenset(found)
