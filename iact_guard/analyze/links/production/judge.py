"""What one event can do on its way to a deployment: the runs that come past the gates."""

from dataclasses import field, replace

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.gated import GateJob
from iact_guard.analyze.links.production.search import Hole, Search, TooLargeError, named
from iact_guard.analyze.links.production.skippable import switched_off
from iact_guard.analyze.links.production.subjects import (
    CANCELLED,
    FIRST_WORLD,
    LATE,
    Gates,
    gates_among,
    on_the_way,
    sorted_out,
    subject_of,
    worlds_of,
)
from iact_guard.analyze.links.production.switches import declaration_of, place_of, switch_around
from iact_guard.analyze.links.production.trace import Trace, trace_of
from iact_guard.analyze.links.production.verdict import Switched, Verdict
from iact_guard.analyze.links.production.way import PLACES, Entry, Way
from iact_guard.analyze.links.rules.elsewhere import Elsewhere, assumed_of, elsewhere_of
from iact_guard.analyze.links.rules.upstream import checks_conclusion, upstream_of
from iact_guard.analyze.shell.failure import prevents
from iact_guard.analyze.stages import stages_in
from iact_guard.analyze.workflow.deploy.deployments import Deployment
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.run.domains import OTHER
from iact_guard.analyze.workflow.run.result import Run
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job

MAX_NAMED = 3
_REPOSITORY = ("github.repository", "github.event.repository", "github.event.organization")


@dataclass(slots=True)
class Judge:
    """One event on its way to the deployment."""

    ctx: Context
    way: Way
    entry: Entry
    deployments: tuple[Deployment, ...]
    upstream: Elsewhere | None = None
    """What the success of the workflow before proves, if the event is the end of one."""
    gated: bool = False
    """Whether there are gates on the way."""
    names: dict[str, Gate] = field(default_factory=dict)
    """A gate on the way for each step that holds one."""

    def verdict(self) -> Verdict:
        """What this event comes to."""
        jobs = on_the_way(self.ctx, self.entry)
        self.upstream = upstream_of(self.ctx, self.entry, self.way.kind)
        gates = self.before(gates_among(self.ctx, jobs, self.way.kind))
        self.gated = gates.any
        every = (step for gate in (*gates.sure, *gates.unsure) for step in gate.steps)
        self.names = {step.step.id: step.gates[0] for step in every}
        stops = self.in_the_same_script()
        if stops:
            return Verdict("guarded", "its own script stops where the gate fails")
        found = self.holes(jobs, gates, generous=True)
        if found is None:
            return self.too_large()
        if found:
            return self.of_holes(found, jobs, gates)
        sure = self.holes(jobs, gates, generous=False)
        if sure is None:
            return self.too_large()
        if sure:
            return self.hangs_on(gates, self.trace(sure[0], jobs))
        if stops is None:
            reason = "whether its own script stops where the gate fails cannot be told"
            return Verdict("unknown", reason)
        if self.upstream and self.upstream.state == "guarded":
            return Verdict("guarded", self.upstream.reason, assumes=self.upstream.assumes)
        if not gates.sure:
            return Verdict("unreached", f"{self.entry.event} does not come to it")
        if not self.reached(jobs, gates):
            return Verdict("unreached", f"{self.entry.event} does not come to it")
        names = ", ".join(gate.job.key for gate in gates.sure[:MAX_NAMED])
        files = tuple(dict.fromkeys(path for gate in gates.sure for path in gate.files(self.ctx)))
        return Verdict("guarded", f"{names} must pass", assumes=tuple(assumed_of(self.ctx, files)))

    def before(self, gates: Gates) -> Gates:
        """Without those gates of the deploying job that stand behind the deployment."""
        order = [each.step.id for each in work_of(self.ctx, self.way.job).known.steps]
        first = min(order.index(each.performed.step.id) for each in self.deployments)
        early = frozenset(order[:first])
        found = []
        for gate in (*gates.sure, *gates.unsure, *gates.idle):
            own = gate.job.id == self.way.job.id
            steps = tuple(step for step in gate.steps if not own or step.step.id in early)
            if steps:
                found.append(GateJob(gate.job, steps))
        return sorted_out(found, gates.possible)

    def in_the_same_script(self) -> bool | None:
        """Whether a gate stops the script that deploys; None where that cannot be told."""
        answers = [
            prevents(self.ctx, gate.command, each.command)
            for each in self.deployments
            if each.command
            for gate in gates_of(self.ctx, each.performed.step).known
            if gate.kind == self.way.kind and gate.command and gate.command.id != each.command.id
            if gate.location < each.location
        ]
        if True in answers:
            return True
        return None if None in answers else False

    def holes(self, jobs: tuple[Job, ...], gates: Gates, *, generous: bool) -> list[Hole] | None:
        """The holes that count, the worst first; None where a bound came before the first."""
        watched = frozenset(each.performed.step.id for each in self.deployments)
        only = frozenset({self.entry.first.key})
        subject = subject_of(self.ctx, self.entry.root, self.entry.event, only, gates, watched)
        worlds = worlds_of(jobs, gates, self.way.job, generous=generous)
        found: list[Hole] = []
        complete = True
        try:
            for hole in Search(self.ctx, subject, self.deploys).holes(worlds):
                if hole.cause != "paths":
                    found.append(hole)
                if not subject.gates:
                    break  # every run that deploys is one
        except TooLargeError:
            complete = False
        return sorted(found, key=_badness) if found or complete else None

    def reached(self, jobs: tuple[Job, ...], gates: Gates) -> bool:
        """Whether the event comes to the deployment at all."""
        watched = frozenset(each.performed.step.id for each in self.deployments)
        only = frozenset({self.entry.first.key})
        nothing = sorted_out([], {})
        subject = subject_of(self.ctx, self.entry.root, self.entry.event, only, nothing, watched)
        try:
            return any(
                Search(self.ctx, subject, self.deploys).holes(
                    worlds_of(jobs, nothing, self.way.job, generous=False)
                )
            )
        except TooLargeError:
            return True

    def deploys(self, run: Run) -> bool:
        """Whether a run deploys to production."""
        job = run.jobs.get(self.entry.key)
        if job is None or not job.ran or any(map(_elsewhere, run.chosen)):
            return False
        if job.outcome == "cancelled" and not job.steps:
            return False  # before it began
        if self.upstream and self.upstream.state == "guarded" and checks_conclusion(run):
            return False
        wanted = {each.performed.step.id for each in self.deployments}
        steps = [step for step in job.steps if step.step.id in wanted]
        return any(step.ran for step in steps) if steps else True

    def of_holes(self, found: list[Hole], jobs: tuple[Job, ...], gates: Gates) -> Verdict:
        """What holes mean that stay open even if all that may be a gate is one."""
        turned = tuple(self.switched(hole, jobs) for hole in found if hole.cause == "switch")
        first = found[0]
        trace = self.trace(first, jobs)
        if first.cause in ("passed-by", "never-ran"):
            if first.cause == "passed-by" or (gates.any and first.world.name != FIRST_WORLD):
                return Verdict("open", _passed_by(first, gates), trace, switches=turned)
            outside = self.outside(first, trace, jobs, gates)
            return replace(outside, switches=(*turned, *outside.switches))
        other = elsewhere_of(self.ctx, self.entry, self.way.kind, _ids(jobs))
        if other.state == "guarded":
            return Verdict("guarded", other.reason, None, other.evidence, (), other.assumes)
        if first.cause == "computed":
            reason = f"whether its gates are skipped hangs on `{first.question}`"
            return Verdict("unknown", reason, trace, switches=turned)
        names = ", ".join(dict.fromkeys(each.name for each in turned))
        return Verdict("switched", f"{names} switches its gates off", trace, switches=turned)

    def outside(self, hole: Hole, trace: Trace, jobs: tuple[Job, ...], gates: Gates) -> Verdict:
        """No gate of this run stands before the deployment: what else may."""
        if self.upstream and not checks_conclusion(hole.run):
            reason = "nothing checks the conclusion of the workflow that it runs behind"
            return Verdict("open", reason, trace, self.upstream.evidence)
        found = self.upstream or elsewhere_of(self.ctx, self.entry, self.way.kind, _ids(jobs))
        reason = found.reason
        if found.state == "open" and not self.upstream and (gates.any or gates.possible):
            reason = _idle(hole, jobs, gates, self.way.job)
        turned = tuple(
            Switched(named(each), place_of(those, each.question, each.run), each.value, trace)
            for each, those in switched_off(self.ctx, found.gates, self.way.kind)
        )
        return Verdict(found.state, reason, trace, found.evidence, turned, found.assumes)

    def switched(self, hole: Hole, jobs: tuple[Job, ...]) -> Switched:
        """A hole that a person opens, with the place that asks for the switch."""
        place = place_of(jobs, hole.question, hole.run)
        declared = declaration_of(self.entry.event, named(hole))
        return Switched(named(hole), place, hole.value, self.trace(hole, jobs), declared)

    def hangs_on(self, gates: Gates, trace: Trace) -> Verdict:
        """Guarded if something is a gate of which that cannot be told."""
        places = [switch_around(self.ctx, gate) for gate in unsure_in(gates)]
        if not gates.possible and places and all(places):
            turned = tuple(
                Switched(each.message.removesuffix(" decides"), each, "", trace)
                for each in places
                if each
            )
            return Verdict(
                "switched", f"{turned[0].name} switches its gates off", trace, (), turned
            )
        evidence = [each for gate in gates.unsure for each in gate.best.evidence]
        evidence += [each for found in gates.possible.values() for each in found]
        message = evidence[0].message if evidence else "what it waits for"
        reason = f"whether a {self.way.kind} stands before it hangs on this: {message}"
        return Verdict("unknown", reason, trace, tuple(evidence[:MAX_NAMED]))

    def too_large(self) -> Verdict:
        """The search did not come to its end."""
        return Verdict("unknown", "there are more runs than the search tries")

    def trace(self, hole: Hole, jobs: tuple[Job, ...]) -> Trace:
        """The run of a hole."""
        ran = {step.step.id for step in hole.run.jobs[self.entry.key].steps if step.ran}
        every = self.deployments
        first = next((each for each in every if each.performed.step.id in ran), every[0])
        return trace_of(self.entry, hole, _ids(jobs), first, self.names)


def unsure_in(gates: Gates) -> tuple[Gate, ...]:
    """The gates of which it cannot be told whether they stand."""
    steps = (step for gate in gates.unsure for step in gate.steps if step.fails is None)
    return tuple(gate for step in steps for gate in step.gates)


def _ids(jobs: tuple[Job, ...]) -> frozenset[str]:
    return frozenset(job.id for job in jobs)


def _elsewhere(chosen: tuple[str, str]) -> bool:
    """Whether what a run assumes takes it to another place, or to another repository."""
    question, value = chosen
    if question.startswith(_REPOSITORY) and value == OTHER:
        return True
    name = question.rpartition("inputs.")[2]
    if name == question or not any(word in name for word in PLACES):
        return False
    return stages_in(value, ("prod*",)) == {"other"}


def _badness(hole: Hole) -> int:
    """The order of holes: what surely goes by, then switches, then what only a slow gate opens."""
    if hole.world.name in (LATE, CANCELLED):
        return 3
    order = {"passed-by": 0, "never-ran": 1, "switch": 2, "computed": 4}
    return order.get(hole.cause, 5)


def _passed_by(hole: Hole, gates: Gates) -> str:
    names = ", ".join(gate.job.key for gate in (*gates.sure, *gates.unsure)[:MAX_NAMED]) or "a gate"
    if hole.world.name == LATE:
        return f"it runs although {names} ran over its time and was cancelled"
    if hole.world.cancelled:
        return f"it runs although somebody cancelled the run before {names} ended"
    if hole.cause == "passed-by":
        return f"it runs although the gate in {names} failed"
    return f"it runs although {names} never ran, where {hole.world.name}"


def _idle(hole: Hole, jobs: tuple[Job, ...], gates: Gates, ships: Job) -> str:
    if not gates.any:
        others = [job.key for job in jobs if job.id in gates.possible and job.id != ships.id]
        if not others:
            return "there is no test in the workflows before it"
        names = ", ".join(others)
        return f"there is no test in the workflows, and it runs even where {names} fails"
    if gates.sure or gates.unsure:
        names = ", ".join(gate.job.key for gate in (*gates.sure, *gates.unsure)[:MAX_NAMED])
        return f"it runs although {names} does not run on {hole.run.event}"
    gate = gates.idle[0]
    return f"the gate in {gate.job.key} cannot fail: {gate.best.reason or gate.best.stands}"
