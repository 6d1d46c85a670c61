"""Where coverage is measured, and where it is compared with its minimum."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.coverage.arguments import Argv, runs
from iact_guard.analyze.coverage.runs import calls_of_repository, runs_of_repository
from iact_guard.analyze.shell.followed import all_commands_of, followed_of, origin_of
from iact_guard.analyze.shell.matching import given
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.failing_steps import may_fail
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Step

_TOOLS = frozenset({"coverage", "coverage3", "nyc", "c8"})
_MOVING = frozenset({"cp", "mv", "rsync", "ln", "tar", "unzip", "docker", "docker-compose", "curl",
                     "wget", "gh", "scp", "kubectl", "podman"})  # fmt: skip
_ELSEWHERE = ("--data-file", "--rcfile", "--temp-dir", "-t", "--cwd", "--report-dir")
_COMPARING = ("threshold", "minimum", " -lt ", " < ", "bc -l", "fail_under")
_QUIET = (
    "actions/checkout",
    "actions/setup-",
    "actions/upload-artifact",
    "actions/github-script",
    "actions/cache",
    "astral-sh/setup-uv",
    "pnpm/action-setup",
    "codecov/",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison of coverage with its minimum, and what became of the data."""

    gate: Gate
    location: Location
    fault: str
    """`folder`, `job`: where the data lies instead; empty where it is there, or may be."""
    evidence: tuple[Evidence, ...] = ()


@fact("job.coverage_compared")
def compared_in(ctx: Context, job: Job) -> Fact[tuple[Compared, ...]]:
    """Each comparison of a job, with where the data was written if that is not here."""
    steps = work_of(ctx, job).known.steps
    return known(
        tuple(
            _compared(ctx, job, steps[: index + 1], gate, gate.command)
            for index, performed in enumerate(steps)
            for gate in gates_of(ctx, performed.step).known
            if gate.kind == "coverage" and gate.command and gate.command.tool in _TOOLS
        )
    )


@fact("repository.coverage_compared_nowhere")
def compared_nowhere(ctx: Context, repository: Repository) -> Fact[frozenset[Location]]:
    """The commands whose minimum is compared where the data is not: it holds nothing."""
    found = (each for job in ctx.project.entities("job") for each in compared_in(ctx, job).known)
    commands = (each.gate.command for each in found if each.fault)
    return known(frozenset(command.location for command in commands if command))


def _compared(
    ctx: Context, job: Job, steps: tuple[Performed, ...], gate: Gate, command: Command
) -> Compared:
    here = _folder(ctx, command)
    origin = origin_of(ctx, command)
    fine = Compared(gate, origin.location, "")
    if here is None or _is_told_where(ctx, job, command):
        return fine
    measured: list[tuple[str | None, Evidence]] = []
    for each in _measuring(ctx, steps, command):
        place = origin_of(ctx, each).location
        folder = _folder(ctx, each)
        shown = folder or "the root"
        measured.append((folder, Evidence(place, f"the data is written in {shown}")))
    if any(folder in (None, here) for folder, _ in measured):
        return fine
    if _may_bring(ctx, job, steps, command):
        return fine
    if measured:
        return Compared(gate, origin.location, "folder", tuple(place for _, place in measured))
    others = tuple(_in_other_jobs(ctx, job, command))
    return Compared(gate, origin.location, "job" if others else "", others)


def _folder(ctx: Context, command: Command) -> str | None:
    step = ctx.project.by_id[command.step]
    return followed_of(ctx, step).known.folders.get(command.id)


def _is_told_where(ctx: Context, job: Job, command: Command) -> bool:
    """Whether an option, a variable or a file says where the data lies."""
    if any(given(command, option) is not None for option in _ELSEWHERE):
        return True
    step = ctx.project.by_id[command.step]
    pairs = (*step.env, *job.env, *ctx.project.workflow_of(job).env)
    named = any(pair.key.text == "COVERAGE_FILE" for pair in pairs)
    return named or any(name == "COVERAGE_FILE" for name, _ in command.assigns)


def _measuring(ctx: Context, steps: tuple[Performed, ...], before: Command) -> Iterator[Command]:
    """The commands before it that write the data that it reads."""
    family = "javascript" if before.tool in ("nyc", "c8") else "python"
    ids = {
        run.call.command.id
        for run in runs_of_repository(ctx, Repository()).known
        if run.measures and run.family == family
    }
    for performed in steps:
        for command in all_commands_of(ctx, performed.step.id):
            if command.id == before.id:
                return
            if command.id in ids or _collects(command):
                yield command


def _collects(command: Command) -> bool:
    """`coverage run`, `coverage combine`, `nyc mocha`."""
    argv: Argv = (command.tool, *command.argv[1:])
    if command.tool in ("coverage", "coverage3"):
        return runs(argv, f"{command.tool} run") or runs(argv, f"{command.tool} combine")
    reports = {"report", "check-coverage", "merge"}
    return command.tool in ("nyc", "c8") and not reports & set(command.words)


def _may_bring(ctx: Context, job: Job, steps: tuple[Performed, ...], before: Command) -> bool:
    """Whether anything may have put the data there: artifacts, copies, what is not followed."""
    work = work_of(ctx, job).known
    if work.opaque:
        return True
    for performed in steps:
        step = performed.step
        if step.uses and parse_use(step.uses).kind == "action":
            name = parse_use(step.uses).name.lower()
            spoken_of = any("coverage" in pair.value.text.lower() for pair in step.with_)
            kept = name.startswith("actions/cache") and spoken_of
            if kept or not name.startswith(_QUIET):
                return True
        followed = followed_of(ctx, step).known
        if any(not each.unread or each.what for each in followed.opaque):
            return True
        for command in followed.commands:
            if command.id == before.id:
                return False
            if command.tool in _MOVING or not command.tool:
                return True
            if ".coverage" in command.text or ".nyc_output" in command.text:
                return True
    return False


def _in_other_jobs(ctx: Context, job: Job, command: Command) -> Iterator[Evidence]:
    """Where other jobs of the same workflow measure."""
    family = "javascript" if command.tool in ("nyc", "c8") else "python"
    own = {each.id for each in job.steps}
    steps = {each.id for other in ctx.project.workflow_of(job).jobs for each in other.steps}
    for run in runs_of_repository(ctx, Repository()).known:
        step = run.call.command.step
        if run.measures and run.family == family and step in steps and step not in own:
            yield Evidence(run.call.here, "another job measures, and its data stays there")
    for call in calls_of_repository(ctx, Repository()).known.found:
        step = call.command.step
        if _collects(call.command) and step in steps and step not in own:
            yield Evidence(call.here, "another job measures, and its data stays there")


def measures_beside(ctx: Context, step: Step) -> bool:
    """Whether tests whose thresholds we know how to find measure in the same job."""
    owner = ctx.project.by_id[step.parent]
    beside = {each.id for each in owner.steps}
    found = runs_of_repository(ctx, Repository()).known
    known_ones = (run for run in found if run.family in ("python", "javascript"))
    return any(run.measures and run.call.command.step in beside for run in known_ones)


def compares_by_hand(ctx: Context, step: Step) -> bool:
    """Whether a step of the same workflow compares coverage in a script, and fails."""
    owner = ctx.project.by_id[step.parent]
    steps: tuple[Step, ...] = owner.steps
    if isinstance(owner, Job):
        jobs = ctx.project.workflow_of(owner).jobs
        steps = tuple(each for job in jobs for each in job.steps)
    for each in steps:
        script = script_of(ctx, each.id)
        text = script.source.text.lower() if script else ""
        if "coverage" in text and any(word in text for word in _COMPARING) and may_fail(ctx, each):
            return True
    return False
