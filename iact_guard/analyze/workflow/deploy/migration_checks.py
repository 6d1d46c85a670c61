"""What looks at migrations before they run in production: checks, plans, linters."""

from collections.abc import Iterator
from itertools import islice

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import origin_of
from iact_guard.analyze.shell.gates import gate_of
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.around import Moment, index_of, moments_before, moments_of
from iact_guard.analyze.workflow.deploy.database import Migration
from iact_guard.analyze.workflow.deploy.probes import tolerated, words_in
from iact_guard.data.tables import rows, table
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job

MAX_CHECKS = 20
"""Before one migration that are looked at."""
_RUNNERS = frozenset({"make", "just", "task", "npm", "yarn", "pnpm", "nox", "tox", "poe", "rake"})


@dataclass(frozen=True, slots=True)
class MigrationCheck:
    """Something that looks at migrations; `holds` is None where that cannot be told."""

    what: str
    location: Location
    job: Job
    holds: bool | None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


def checks_before(ctx: Context, job: Job, migration: Migration) -> tuple[MigrationCheck, ...]:
    """What looks at the migrations in the chain before one, in its job and those before it."""
    index = index_of(ctx, job, migration.performed, migration.command)
    found = (check for each in moments_before(ctx, job, index) if (check := _check(ctx, each)))
    return tuple(islice(found, MAX_CHECKS))


def checks_elsewhere(ctx: Context, job: Job) -> tuple[MigrationCheck, ...]:
    """What looks at migrations in other jobs: nothing says that they must pass."""
    return tuple(each for each in _every(ctx, Repository()).known if each.job.id != job.id)


@fact("repository.migration_checks")
def _every(ctx: Context, repository: Repository) -> Fact[tuple[MigrationCheck, ...]]:
    return known(tuple(islice(_in_all_jobs(ctx), MAX_CHECKS)))


def _in_all_jobs(ctx: Context) -> Iterator[MigrationCheck]:
    for job in ctx.project.entities("job"):
        for moment in moments_of(ctx, job).known if job.uses is None else ():
            if check := _check(ctx, moment):
                yield check


def library_that_checks(ctx: Context) -> str:
    """A library of the application that refuses dangerous migrations; empty without one."""
    for path, names in table("databases")["libraries"].items():
        if path in ctx.project.discovery.files:
            try:
                text = ctx.project.text(path).text
            except UnreadableError:
                continue
            if found := next((name for name in names if name in text), ""):
                return str(found)
    return ""


def _check(ctx: Context, moment: Moment) -> MigrationCheck | None:
    command = moment.command
    if command is None or only_after_failure(moment.performed.conditions):
        return None
    row = matching(command, rows("databases", "check"))
    is_gate = row is None and (gate_of(ctx, command) == "migrations" or _is_named(command))
    if row is None and not is_gate:
        return None
    what = row["words"] if row else command.tool
    place = origin_of(ctx, command).location
    holds, reason, evidence = tolerated(moment)
    verdict = failure_of(ctx, command)
    if row and row.get("shows"):
        holds, reason, evidence = True, "", ()
    elif holds and verdict.state == "known" and verdict.known.verdict == "swallowed":
        holds, reason, evidence = False, "its failure does not fail its step", verdict.evidence
    here = Evidence(command.location, f"`{what}` looks at the migrations")
    return MigrationCheck(what, place, moment.job, holds, reason, (here, *evidence))


def _is_named(command: Command) -> bool:
    """A script, or a target of make, that is named for a check of migrations."""
    program = command.argv[0] or ""
    if command.tool in _RUNNERS:
        words = words_in(" ".join(command.words[:3]))
    elif "/" in program or program.endswith((".py", ".sh")):
        words = words_in(program.rpartition("/")[2])
    else:
        return False
    names = table("databases")["check_names"]
    return not words.isdisjoint(names["of"]) and not words.isdisjoint(names["says"])
