"""What destroys infrastructure of production, and what stands before it."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import links_to, origin_of
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.stages import Stage
from iact_guard.analyze.workflow.around import Moment, index_of, moments_before
from iact_guard.analyze.workflow.deploy.applied import folder_of
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.deploy.production import (
    production_deployments_of,
    unnamed_production,
)
from iact_guard.analyze.workflow.deploy.staging import stages_of
from iact_guard.analyze.workflow.order import needed_by, only_asks, runs_after_failure
from iact_guard.analyze.workflow.performed import Performed, commands_in
from iact_guard.data.tables import Row, rows
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job

_ASKS = frozenset({"[", "test", "[["})
_LOOKS = frozenset({"curl", "wget", "grep", "jq", "dig", "nc", "aws", "kubectl", "psql"})
_SAYS = ("check", "verify", "validate", "health", "confirm", "smoke", "guard", "ensure")
_ONE_ROOT = frozenset({"terraform", "tofu"})


@dataclass(frozen=True, slots=True)
class Destroy:
    """A command that destroys something of production."""

    what: str
    location: Location
    performed: Performed
    command: Command
    evidence: tuple[Evidence, ...]


@fact("job.production_destroys")
def destroys_of(ctx: Context, job: Job) -> Fact[tuple[Destroy, ...]]:
    """What a job destroys in production: named for it, or in a job that deploys there."""
    found: list[Destroy] = []
    for performed, command in commands_in(ctx, job):
        row = matching_destroy(command)
        if row is None:
            continue
        sign = stages_of(ctx, job, performed, command)
        evidence: tuple[Evidence, ...]
        if sign:
            if "production" not in sign.stages:
                continue
            evidence = (sign.evidence,)
        else:
            deployed = production_deployments_of(ctx, job).known
            evidence = deployed[0].evidence if deployed else _of_root(ctx, performed, command)
            if not evidence:
                continue
        here, links = origin_of(ctx, command).location, links_to(ctx, command)
        whole = (*performed.via, *links, *evidence)
        found.append(Destroy(row["words"], here, performed, command, whole))
    return known(tuple(found))


def _of_root(ctx: Context, performed: Performed, command: Command) -> tuple[Evidence, ...]:
    """What says that its root is production's alone; nothing where none does."""
    if command.tool not in _ONE_ROOT or (len(command.words) > 1 and _chooses_place(command)):
        return ()
    folder = folder_of(ctx, performed, command)
    found = _applied_roots(ctx, Repository()).known.get(folder)
    if "*" in folder or not found or "other" in found:
        return ()
    return (Evidence(command.location, "its root is applied to production, and nowhere else"),)


def _chooses_place(command: Command) -> bool:
    return any(word.startswith(("-var-file", "-backend-config")) for word in command.words)


@fact("repository.applied_roots")
def _applied_roots(ctx: Context, repository: Repository) -> Fact[dict[str, frozenset[Stage]]]:
    """For each root that jobs apply: the places they apply it to."""
    found: dict[str, frozenset[Stage]] = {}
    unnamed = unnamed_production(ctx, repository).known
    for job in ctx.project.entities("job"):
        for each in deployments_of(ctx, job).known if job.uses is None else ():
            if each.command and each.command.tool in _ONE_ROOT:
                folder = folder_of(ctx, each.performed, each.command)
                stage: Stage = "production" if job.id in unnamed else "other"
                found[folder] = found.get(folder, frozenset()) | (each.stages or {stage})
    return known(found)


def matching_destroy(command: Command) -> Row | None:
    """The row of the table that speaks of a command; those of one program in any number."""
    for row in rows("terraform_runs", "destroy").get(command.tool, ()):
        plain = {**row, "with": ()}
        wanted = row.get("with", ())
        if matching(command, {command.tool: (plain,)}) and (
            not wanted or any(word in command.words for word in wanted)
        ):
            return row
    return None


def approval_of(ctx: Context, job: Job) -> Evidence | None:
    """The approval that a job's destroying has for itself: no deployment shares it."""
    if job.environment and not production_deployments_of(ctx, job).known:
        return Evidence(job.environment.location, "the job's environment")
    for needed in needed_by(ctx, job).known:
        if needed.environment and only_asks(ctx, needed) and not runs_after_failure(job.condition):
            return Evidence(needed.environment.location, f"the environment of {needed.key}")
    return None


def check_before(ctx: Context, job: Job, destroy: Destroy) -> Evidence | None:
    """Something before it that looks whether it is meant, or safe: a condition, a check."""
    conditions = (*((job.condition,) if job.condition else ()), *destroy.performed.conditions)
    for condition in conditions:
        if _confirms(condition):
            return Evidence(condition.location, "this condition stands before it")
    index = index_of(ctx, job, destroy.performed, destroy.command)
    for moment in moments_before(ctx, job, index):
        if _looks(moment):
            place = moment.command.location if moment.command else moment.performed.step.location
            return Evidence(place, "this looks before")
    return None


def _confirms(condition: Authored) -> bool:
    return "inputs." in condition.text


def _looks(moment: Moment) -> bool:
    command, step = moment.command, moment.performed.step
    if command is None:
        name = step.name.text.lower() if step.name else ""
        return any(word in name for word in _SAYS) and not (step.run and "echo" in step.run.text)
    if command.tool in _ASKS or matching(command, rows("gates", "gate")):
        return True
    if "-destroy" in command.words or "state" in command.words[:1]:
        return True
    name = f"{command.tool} {command.argv[0] or ''}".lower()
    return command.tool in _LOOKS or any(word in name for word in _SAYS)
