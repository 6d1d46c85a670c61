"""Gates of a kind in jobs: those whose failure fails their step, and what may be one."""

import re
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.production.way import Way
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import all_commands_of, links_to, origin_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.gates.standing import State, own_standing_of
from iact_guard.analyze.workflow.gates.tolerant_steps import tolerated_gates_of
from iact_guard.analyze.workflow.performed import Performed, called_workflow, work_of
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step

# Words by which something may be a gate of a kind that we do not recognise as one.
_WORDS = {
    "test": r"tests?|testing|specs?|e2e|pytest|tox|nox|unit|integration|ci|checks?|verify"
    r"|verification|validate|validation|quality|qa",
}
_ANYTHING = r"checks?|ci|scan|scans|scanning|audit|security|validate|verify|quality|lint"
# What sets something up, reports, or is called so for other reasons.
_OTHERWISE = regex(
    r"check[ _-]?out|artifact|upload|download|notif|publish|report|setup|set-up|install|cache",
    re.IGNORECASE,
)
_HARMLESS = frozenset({
    "[", "test", "echo", "printf", "cd", "mkdir", "cat", "cp", "mv", "rm", "ls", "export", "pip",
    "uv", "git", "gh", "apt-get", "sudo", "curl", "jq", "sed", "grep", "docker", "aws", "gcloud",
    "az", "kubectl", "helm", "terraform", "tofu", "terragrunt", "chmod", "source", ".", "sleep",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class GatedStep:
    """A step with gates of a kind."""

    step: Step
    gates: tuple[Gate, ...]
    stands: str
    """As the best of them does: `enforced`, `swallowed`, ...; `unknown`."""
    reason: str
    evidence: tuple[Evidence, ...]

    @property
    def fails(self) -> bool | None:
        """Whether the step fails when the gate does; None where that cannot be told.

        Whether the job may go on after that is for the run to say.
        """
        if self.stands in ("enforced", "tolerated"):
            return True
        return None if self.stands in ("conditional", "unknown") else False


@dataclass(frozen=True, slots=True)
class GateJob:
    """A job with gates of a kind in its own steps, or in actions that these use."""

    job: Job
    steps: tuple[GatedStep, ...]

    @property
    def fails(self) -> bool | None:
        """Whether one of its steps fails when a gate does."""
        answers = {step.fails for step in self.steps}
        return True if True in answers else None if None in answers else False

    def files(self, ctx: Context) -> tuple[str, ...]:
        """What it rests on: its workflow, and what its gates run of the repository."""
        commands = (gate.command for step in self.steps for gate in step.gates if gate.command)
        links = (link.location.path for each in commands for link in links_to(ctx, each))
        return tuple(dict.fromkeys((self.job.path, *links)))

    @property
    def best(self) -> GatedStep:
        """The step that stands best."""
        return next(step for step in self.steps if step.fails is self.fails)


def can_fail_its_run(ctx: Context, gate: GateJob) -> bool:
    """Whether a gate of a job may fail it: one behind `continue-on-error` alone does not."""
    return any(s.fails is not False and not _is_tolerated(ctx, s) for s in gate.steps)


def _is_tolerated(ctx: Context, gated: GatedStep) -> bool:
    fact = tolerated_gates_of(ctx, gated.step)
    lost = {each.gate.id for each in fact.known} if fact.state == "known" else set()
    return bool(lost) and lost.issuperset(gate.id for gate in gated.gates)


_BEST: tuple[State | str, ...] = (
    "enforced", "tolerated", "conditional", "unknown", "advisory", "vacuous", "off", "swallowed",
)  # fmt: skip


def gated_step(ctx: Context, step: Step, kind: str) -> GatedStep | None:
    """The gates of a kind in a step; None without any."""
    gates = tuple(gate for gate in gates_of(ctx, step).known if gate.kind == kind)
    best: GatedStep | None = None
    for gate in gates:
        standing = own_standing_of(ctx, gate)
        stands = standing.known.state if standing.state == "known" else "unknown"
        if stands == "conditional" and _hangs_on_tolerance(ctx, gate):
            stands = "tolerated"  # which the run decides
        if best is None or _BEST.index(stands) < _BEST.index(best.stands):
            here = Evidence(gate.location, f"`{gate.tool}`: {standing.reason or stands}")
            best = GatedStep(step, gates, stands, standing.reason, (here, *standing.evidence))
    return best


def _hangs_on_tolerance(ctx: Context, gate: Gate) -> bool:
    """Whether a step fails with its gate, and only `continue-on-error` has to be evaluated."""
    failure = failure_of(ctx, gate.command) if gate.command else None
    fails = failure is None or (failure.state == "known" and failure.known.verdict == "fails")
    return fails and gate.step.continue_on_error is not None


def gate_job(ctx: Context, job: Job, kind: str) -> GateJob | None:
    """A job's gates of a kind; None without any, and for a job that calls a workflow."""
    return _gate_job(ctx, Way(job, kind)).known


def gate_jobs(ctx: Context, kind: str) -> tuple[GateJob, ...]:
    """Every job of the repository with gates of a kind, in order."""
    found = (gate_job(ctx, job, kind) for job in ctx.project.entities("job"))
    return tuple(job for job in found if job)


def possible_gates(ctx: Context, job: Job, kind: str) -> tuple[Evidence, ...]:
    """What a job does that may be a gate of a kind, though nothing here tells that it is one."""
    return _possible_gates(ctx, Way(job, kind)).known


@fact("job.gates_of_a_kind")
def _gate_job(ctx: Context, way: Way) -> Fact[GateJob | None]:
    if way.job.uses:
        return known(None)
    performed = work_of(ctx, way.job).known.steps
    steps = [found for each in performed if (found := gated_step(ctx, each.step, way.kind))]
    return known(GateJob(way.job, tuple(steps)) if steps else None)


@fact("job.possible_gates")
def _possible_gates(ctx: Context, way: Way) -> Fact[tuple[Evidence, ...]]:
    word = re.compile(rf"(?<![a-z])({_WORDS.get(way.kind, _ANYTHING)})(?![a-z])", re.IGNORECASE)
    return known(tuple(_possible(ctx, way.job, word)))


def _possible(ctx: Context, job: Job, word: re.Pattern[str]) -> Iterator[Evidence]:
    title = f"{job.key} {job.name.text if job.name else ''}"
    if job.uses:
        if called_workflow(ctx, job) is None and _named(word, title, job.uses.text):
            message = f"{job.uses.text.partition('@')[0]} is not in the repository"
            yield Evidence(job.uses.location, message)
        return
    for performed in work_of(ctx, job).known.steps:
        yield from _in_step(ctx, performed, word)
    for opaque in work_of(ctx, job).known.opaque:
        if _named(word, title, opaque.message):
            yield opaque


def _in_step(ctx: Context, performed: Performed, word: re.Pattern[str]) -> Iterator[Evidence]:
    step = performed.step
    if gates_of(ctx, step).known:
        return  # what it checks is known, and is another kind
    title = step.name.text if step.name else ""
    use = parse_use(step.uses) if step.uses else None
    if use and use.kind != "local" and _named(word, title, use.name.rpartition("/")[2]):
        yield Evidence(use.location, f"what {use.name} does is not known")
    for command in all_commands_of(ctx, step.id):
        if _speaks_of(command, word):
            place = origin_of(ctx, command).location
            yield Evidence(place, f"what `{command.tool}` runs is not known")
            return


def _speaks_of(command: Command, word: re.Pattern[str]) -> bool:
    if command.tool in _HARMLESS or not command.tool:
        return False
    first = next((text for text in command.words if text and not text.startswith("-")), "")
    return _named(word, command.tool, first)


def _named(word: re.Pattern[str], *texts: str) -> bool:
    return any(word.search(text) and not _OTHERWISE.search(text) for text in texts)
