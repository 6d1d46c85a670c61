"""WF103: a gate that its own option or input makes report only."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.coverage.thresholds import configured_in_code, minimums_of
from iact_guard.analyze.links.rules.protection import declared_rules
from iact_guard.analyze.workflow.gates.coverage_data import compares_by_hand, measures_beside
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.gates.reenforced import mentions
from iact_guard.analyze.workflow.gates.standing import standing_of
from iact_guard.analyze.workflow.gates.switched import switch_of
from iact_guard.model.location import Location
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Step

_NO_CHANGE = frozenset({"schedule", "workflow_dispatch", "repository_dispatch"})


def check(ctx: Context, step: Step, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a gate, at the option, or at the gate where one is missing."""
    gates = [gate for gate in gates_of(ctx, step).known if gate.kind in params["kinds"]]
    if not gates:
        yield NotApplicable("the step has no gate")
    for gate in gates:
        yield from _answer(ctx, gate)


def _answer(ctx: Context, gate: Gate) -> Iterator[Answer]:
    switch = switch_of(ctx, gate)
    if switch.state != "known":
        yield Unknown(
            f"whether {gate.tool} is switched on: {switch.reason}",
            gate.location,
            switch.evidence,
            gate.id,
        )
        return
    if switch.known.state not in ("off", "advisory") or not switch.known.at:
        return
    standing = standing_of(ctx, gate)
    elsewhere = _checked_elsewhere(ctx, gate) if gate.kind == "coverage" else False
    if elsewhere or _is_asked(ctx, gate):
        return
    here = _place(gate, switch.evidence[-1].location) if switch.evidence else gate.location
    if standing.state != "known":
        message = f"whether anything enforces {gate.tool}, which reports only: {standing.reason}"
        yield Unknown(message, here, standing.evidence, gate.id)
    elif elsewhere is None:
        message = f"whether a threshold makes up for {gate.tool}, which reports only, is not known"
        yield Unknown(message, here, switch.evidence, gate.id)
    elif standing.known.state == "off":
        yield Fail(
            f"{gate.tool} ({gate.kind}) reports only, and stops nothing: {switch.reason}",
            here,
            switch.evidence,
            precision="low" if gate.upload else None,
            anchor=gate.id,
        )
    elif standing.known.state == "advisory" and not _is_judged_there(ctx, gate):
        if switch.known.uploads:
            yield Unknown(
                f"whether what {gate.tool} finds stops a change: it reports to code scanning; a"
                f" ruleset that names {gate.family} there would prove it",
                here,
                switch.evidence,
                gate.id,
            )
            return
        yield Fail(
            f"{gate.tool} ({gate.kind}) reports to code scanning only, where no ruleset of this"
            f" repository names it: {switch.reason}",
            here,
            switch.evidence,
            precision="medium",
            anchor=gate.id,
        )


def _is_asked(ctx: Context, gate: Gate) -> bool:
    """Whether a later step acts on what an action hands on: it opens an issue, or fails."""
    if gate.command or gate.step.key is None:
        return False
    owner = ctx.project.by_id[gate.step.parent]
    later = owner.steps[gate.step.index + 1 :]
    return any(
        each.condition and mentions(each.condition.text, gate.step, "outputs") for each in later
    )


def _is_judged_there(ctx: Context, gate: Gate) -> bool:
    """Whether it is enough that code scanning gets to see what a gate finds."""
    return _is_named(ctx, gate) or _looks_back(ctx, gate)


def _looks_back(ctx: Context, gate: Gate) -> bool:
    """Whether no change starts it: it fills code scanning by the clock or by hand."""
    owner = ctx.project.by_id[gate.step.parent]
    if not isinstance(owner, Job):
        return False
    return {each.event for each in ctx.project.workflow_of(owner).triggers} <= _NO_CHANGE


def _is_named(ctx: Context, gate: Gate) -> bool:
    """Whether a ruleset makes a gate of what code scanning hears from a tool."""
    rules = declared_rules(ctx, Repository())
    tools = (tool for rule in (rules.value or ()) for tool in rule.scanners)
    return any(gate.family.lower() in tool.lower() for tool in tools)


def _checked_elsewhere(ctx: Context, gate: Gate) -> bool | None:
    """Whether a threshold for coverage is enforced somewhere else; None where it may be."""
    found = [m.enforces for m in minimums_of(ctx, Repository()).known if m.family != "codecov"]
    if True in found or compares_by_hand(ctx, gate.step):
        return True
    code = any(configured_in_code(ctx, family) for family in ("python", "javascript"))
    return None if code or None in found or not measures_beside(ctx, gate.step) else False


def _place(gate: Gate, found: Location) -> Location:
    """In the step's own file; what it runs elsewhere stands in the evidence."""
    return found if gate.command is None or found.path == gate.path else gate.location
