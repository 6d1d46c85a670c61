"""Gates that stand outside the run that deploys: required checks, other workflows, or none."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from iact_guard.analyze.choices import TooManyRunsError, explore
from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.production.gated import (
    GateJob,
    can_fail_its_run,
    gate_jobs,
    possible_gates,
)
from iact_guard.analyze.links.production.subjects import on_the_way
from iact_guard.analyze.links.production.way import Entry, Way, every_entry
from iact_guard.analyze.links.rules.required import proof_of
from iact_guard.analyze.owners.owned import owner_of
from iact_guard.analyze.workflow.order import jobs_after
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.run.scope import TooDeepError
from iact_guard.analyze.workflow.run.simulate import simulate
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job

MAX_TRIED = 40
"""Runs in which a gate is looked for."""
MAX_NAMED = 3
MAX_REQUIRED = 8
"""Gates that a branch could require; one is enough."""
_REQUIRED = frozenset({"pull_request", "merge_group"})
"""Events whose checks a branch may require."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What stands before a deployment that its own run does not guard."""

    state: Literal["guarded", "open", "unknown"]
    reason: str
    evidence: tuple[Evidence, ...] = ()
    assumes: tuple[str, ...] = ()
    gates: tuple[GateJob, ...] = ()
    """Those that a branch could require."""


def elsewhere_of(ctx: Context, entry: Entry, kind: str, on_the_way: frozenset[str]) -> Elsewhere:
    """Whether a required check stands before what an event deploys, or could."""
    branch = merged_into(entry) or entry.branch
    proof = proof_of(ctx, branch, kind) if branch else None
    if proof and proof.proven:
        reason = proof.reasons[0].message
        return Elsewhere("guarded", reason, proof.reasons, tuple(assumed_of(ctx, proof.files)))
    after = {each.id for each in jobs_after(ctx, entry.job)}
    others = [gate for gate in gate_jobs(ctx, kind) if gate.job.id not in after]
    serious = (gate for gate in others if can_fail_its_run(ctx, gate))
    required = tuple(islice((g for g in serious if _can_be_required(ctx, g)), MAX_REQUIRED))
    if required:
        why = _unproven(entry, branch, required)
        doubts = proof.reasons if proof else ()
        if doubts:
            why = f"{why}; {doubts[-1].message}"
        return Elsewhere("unknown", why, (*_places(required), *doubts), (), required)
    if outside := _other_ci(ctx):
        reason = f"{outside.location.path} may test as well, and is not read"
        return Elsewhere("unknown", reason, (outside,))
    others = [gate for gate in others if gate.job.id not in on_the_way]
    beside = [gate for gate in others if can_fail_its_run(ctx, gate)]
    if beside:
        names = _names(tuple(beside))
        reason = f"nothing waits for {names}, and nothing could require it before"
        return Elsewhere("open", reason, _places(tuple(beside)))
    possible = tuple(islice(_possible(ctx, kind, on_the_way | after), MAX_NAMED))
    if possible:
        reason = f"no {kind} that we recognise stands before it; {possible[0].message}"
        return Elsewhere("unknown", reason, possible)
    if idle := tuple(others):
        why = idle[0].best.reason or idle[0].best.stands
        why = why if idle[0].fails is False else "`continue-on-error`"
        reason = f"{_names(idle)} cannot fail: {why}"
        return Elsewhere("open", reason, _places(idle))
    return Elsewhere("open", f"there is no {kind} in the repository's workflows before it")


def _other_ci(ctx: Context) -> Evidence | None:
    """A file by which another service may test changes."""
    files = ctx.project.discovery.files
    path = next((path for path in table("other_ci")["files"] if path in files), None)
    return Evidence(Location(path), "another service runs this") if path else None


def merged_into(entry: Entry) -> str:
    """The branch that a pull request was merged into, for the event of its end."""
    return entry.event.base if entry.event.action == "closed" else ""


def _unproven(entry: Entry, branch: str, gates: tuple[GateJob, ...]) -> str:
    names = _names(gates)
    if entry.of_tag:
        return f"a tag may stand on a commit that {names} never passed"
    if entry.event.name == "workflow_dispatch":
        return f"it can be dispatched on a branch that {names} never passed"
    if branch:
        return (
            f"nothing proves that {branch} requires the check {names}: `needs` would, or a"
            " `github_branch_protection` that holds for administrators, or a ruleset without bypass"
        )
    return f"nothing proves that {names} passed before"


def _names(gates: tuple[GateJob, ...]) -> str:
    named = [f"{g.job.key} ({g.job.path.rpartition('/')[2]})" for g in gates]
    more = f" and {len(named) - MAX_NAMED} more" if len(named) > MAX_NAMED else ""
    return ", ".join(named[:MAX_NAMED]) + more


def _places(gates: tuple[GateJob, ...]) -> tuple[Evidence, ...]:
    return tuple(gate.best.evidence[0] for gate in gates[:MAX_NAMED])


def assumed_of(ctx: Context, files: tuple[str, ...]) -> Iterator[str]:
    """A pull request runs its own workflow and scripts: who must approve an edit of them."""
    for path in files:
        owner = owner_of(ctx, path)
        owners = ", ".join(owner.known.owners) if owner.state == "known" else "an unknown owner"
        who = f"{owners} must approve an edit" if owners else "nobody in particular must approve it"
        yield f"a pull request runs its own {path}: {who}"


def _can_be_required(ctx: Context, gate: GateJob) -> bool:
    """Whether it runs for changes, so that a branch could require its check."""
    return _required(ctx, Way(gate.job, ",".join(step.step.id for step in gate.steps))).known


@fact("way.can_be_required")
def _required(ctx: Context, way: Way) -> Fact[bool]:
    steps = frozenset(way.kind.split(","))
    for entry in every_entry(ctx, way.job):
        event = entry.event
        branch = event.name == "push" and event.ref == "refs/heads/some-branch"
        if (branch or event.name in _REQUIRED) and (
            _runs_always(ctx, entry, steps) or _runs(ctx, entry, steps)
        ):
            return known(True)
    return known(False)


def _runs_always(ctx: Context, entry: Entry, steps: frozenset[str]) -> bool:
    """Whether nothing on the way has a condition, so that no run needs to be tried."""
    jobs = on_the_way(ctx, entry)
    performed = work_of(ctx, entry.job).known.steps
    conditions = (each.conditions for each in performed if each.step.id in steps)
    return not any(job.condition for job in jobs) and not any(conditions)


def _runs(ctx: Context, entry: Entry, steps: frozenset[str]) -> bool:
    """Whether one of some steps runs in a run of an event."""
    only = frozenset({entry.first.key})
    try:
        runs = explore(
            lambda choices: simulate(
                ctx, entry.root, entry.event, {}, choices, only=only, watched=steps
            ),
            MAX_TRIED,
        )
        for run in runs:
            job = run.jobs.get(entry.key)
            if job and any(step.ran and step.step.id in steps for step in job.steps):
                return True
    except (TooManyRunsError, TooDeepError):
        return True
    return False


def _possible(ctx: Context, kind: str, without: frozenset[str]) -> Iterator[Evidence]:
    """What may be such a gate in jobs that a branch could require."""
    for job in ctx.project.entities("job"):
        if job.id not in without and _for_changes(ctx, job):
            yield from possible_gates(ctx, job, kind)


def _for_changes(ctx: Context, job: Job) -> bool:
    events = {entry.event.name for entry in every_entry(ctx, job)}
    return bool(events & {"pull_request", "merge_group", "push"})
