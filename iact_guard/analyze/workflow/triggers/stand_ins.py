"""Green results that stand for a gate that did not run: skipped, empty, or never started."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.idle import spoken_by
from iact_guard.analyze.shell.scripts import commands_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.run.condition import condition_of
from iact_guard.analyze.workflow.run.event import Event, github_of
from iact_guard.analyze.workflow.triggers.change_runs import PULLS, change_run_of, runs_step
from iact_guard.analyze.workflow.values import contexts_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Step, Trigger
from iact_guard.syntax.expression import evaluate, truth

_SKIPS = regex(r"\[(skip ci|ci skip|no ci|skip actions|actions skip)\]|skip-checks: *true")
_COMMITTERS = {
    "stefanzweifel/git-auto-commit-action": "commit_message",
    "endbug/add-and-commit": "message",
    "planetscale/ghcommit-action": "commit_message",
}


@dataclass(frozen=True, slots=True)
class StandIn:
    """Something that makes a change look checked."""

    location: Location
    message: str
    evidence: tuple[Evidence, ...]
    anchor: str


@fact("repository.stand_ins")
def stand_ins_of(ctx: Context, repository: Repository) -> Fact[tuple[StandIn, ...]]:
    """Every one of them."""
    jobs: tuple[Job, ...] = ctx.project.entities("job")
    pulled = [job for job in jobs if _pulls(ctx, job)]
    gated = [job for job in pulled if next(gates_in(ctx, job), None)]
    found = (*_by_activity(ctx, gated), *_by_name(ctx, pulled, gated), *_by_commit(ctx, pulled))
    return known(tuple(found))


def _pulls(ctx: Context, job: Job) -> tuple[Trigger, ...]:
    triggers = ctx.project.workflow_of(job).triggers
    return tuple(trigger for trigger in triggers if trigger.event in PULLS)


def _by_activity(ctx: Context, gated: list[Job]) -> Iterator[StandIn]:
    """A later event skips the job: its newest result is the one that counts."""
    for job in gated:
        for trigger in _pulls(ctx, job):
            types = trigger.types or ()
            if "synchronize" not in {each.text for each in types}:
                continue
            skipped = [each for each in types if each.text not in ("synchronize", "closed")
                       and _skips(ctx, job, trigger, each.text)]  # fmt: skip
            if job.condition and skipped and not _skips(ctx, job, trigger, "synchronize"):
                event = skipped[0].text
                yield StandIn(
                    job.condition.first_line(0, max(len(job.condition.text), 1)),
                    f"when a pull request is {event}, {job.key} is skipped: its newest result is"
                    " green then, also after a failure on the same commit",
                    (Evidence(skipped[0].location, f"`{event}` starts the workflow"),),
                    f"{job.id}/{event}",
                )


def _skips(ctx: Context, job: Job, trigger: Trigger, action: str) -> bool:
    """Whether the job's `if` cannot hold for an activity."""
    read = condition_of(job.condition.text) if job.condition else None
    if read is None:
        return False
    event = Event(trigger.event, trigger.location, action=action)
    contexts = {**contexts_of(ctx, job).known, "github": github_of(event)}
    return truth(evaluate(read.node, contexts)) is False


def _by_name(ctx: Context, pulled: list[Job], gated: list[Job]) -> Iterator[StandIn]:
    """A job that does nothing reports under the name of one that is a gate."""
    real: dict[str, list[Job]] = {}
    for job in gated:
        real.setdefault(_check_name(job), []).append(job)
    for job in pulled:
        others = real.get(_check_name(job), ())
        if not others or job.condition or job.uses or not _only_speaks(ctx, job):
            continue
        if change_run_of(ctx, job).known.state != "runs":
            continue
        for other in others:
            if other.workflow != job.workflow and not other.condition and _overlap(ctx, job, other):
                yield StandIn(
                    job.location,
                    f"{job.key} does nothing and reports as `{_check_name(job)}`, the name of a"
                    f" gate in {other.path}: whichever ends last decides",
                    (Evidence(other.location, "this is the gate"),),
                    job.id,
                )
                break


def _check_name(job: Job) -> str:
    name = job.name.text if job.name else job.key
    return f"{job.id}" if "${{" in name or job.matrix is not None else name


def _only_speaks(ctx: Context, job: Job) -> bool:
    if not job.steps or any(step.uses for step in job.steps):
        return False
    facts = [spoken_by(ctx, step) for step in job.steps]
    return all(each.state == "known" and each.value is not None for each in facts)


def _overlap(ctx: Context, job: Job, other: Job) -> bool:
    """Whether both run for one change: where either of them has filters, the other has none.

    A filter and its exact opposite exclude each other; what two others share is not told.
    """
    mine, theirs = _pulls(ctx, job), _pulls(ctx, other)
    return not (any(map(_is_filtered, mine)) and any(map(_is_filtered, theirs)))


def _is_filtered(trigger: Trigger) -> bool:
    filters = (trigger.paths, trigger.paths_ignore, trigger.branches, trigger.branches_ignore)
    return any(each is not None for each in filters)


def _by_commit(ctx: Context, pulled: list[Job]) -> Iterator[StandIn]:
    """A commit that starts no run becomes the head of the pull request."""
    for job in pulled:
        if change_run_of(ctx, job).known.state != "runs":
            continue
        place = _silent_commit(ctx, job)
        if place:
            yield StandIn(
                place,
                f"{job.key} pushes a commit that starts no run to the pull request: its new head"
                " has passed no gate",
                (Evidence(job.location, "it runs for pull requests"),),
                f"{job.id}/skip-ci",
            )


def _silent_commit(ctx: Context, job: Job) -> Location | None:
    for performed in work_of(ctx, job).known.steps:
        step = performed.step
        name = parse_use(step.uses).name.lower() if step.uses else ""
        message = step.input(_COMMITTERS[name]) if name in _COMMITTERS else None
        speaks = message or step.run
        if speaks is None or not _SKIPS.search(speaks.text.lower()):
            continue
        if runs_step(ctx, job, performed).state != "runs":
            continue
        if message:
            return message.first_line(0, len(message.text))
        if place := _pushed_commit(ctx, step):
            return place
    return None


def _pushed_commit(ctx: Context, step: Step) -> Location | None:
    """A commit whose message skips runs, and that the same script pushes."""
    place = None
    for command in commands_of(ctx, step.id):
        if command.tool == "git" and "commit" in command.words:
            place = command.location if _SKIPS.search(command.text.lower()) else place
        elif command.tool == "git" and "push" in command.words and place:
            return place
    return None
