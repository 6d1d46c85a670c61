"""Migrations that a job runs, and the backups that stand before them."""

from collections.abc import Iterator
from itertools import islice, takewhile

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.dispatch import passes_by
from iact_guard.analyze.shell.failure import failure_of, prevents
from iact_guard.analyze.shell.followed import links_to, origin_of, script_with
from iact_guard.analyze.shell.matching import matching, runs
from iact_guard.analyze.shell.unread import Unread, unread_of
from iact_guard.analyze.stages import Stage
from iact_guard.analyze.workflow.conditions import is_switched_off
from iact_guard.analyze.workflow.deploy.migrating import migrating
from iact_guard.analyze.workflow.deploy.on_start import migrated_on_start
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.deploy.staging import stages_of, words_of
from iact_guard.analyze.workflow.order import needed_by, runs_after_failure, waits_for
from iact_guard.analyze.workflow.performed import Performed, commands_in, work_of
from iact_guard.data.tables import Row, rows
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell

MAX_MIGRATIONS = 20
"""Of one job; more of them say nothing new."""
MAX_BACKUPS = 10
"""Before one migration that are looked at; whether one of the others holds is unknown."""
_SAYS_BACKUP = frozenset({"backup", "backups", "snapshot", "snapshots", "dump", "pgdump"})
_SEPARATORS = str.maketrans("/_-.:@", "      ")
_COPIES = frozenset({"replica", "clone", "copy", "shadow", "scratch", "throwaway", "rehearsal"})
_ONLY_SPEAKS = frozenset(
    {"echo", "printf", "cat", "ls", "cd", "mkdir", "rm", "test", "[", "export"}
)


@dataclass(frozen=True, slots=True)
class Migration:
    """A command that changes the schema of production's database."""

    command: Command | None
    """None for an action whose deployment migrates."""
    performed: Performed
    location: Location
    """In the step that leads to it."""
    links: tuple[Evidence, ...]
    """The way from the step to it, where it stands in another file."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Backup:
    """Something before a migration that backs up a database, or may do so."""

    what: str
    location: Location
    holds: bool | None
    """Whether the migration only runs on a finished backup; None where that cannot be told."""
    reason: str
    """Why not, or what cannot be told."""
    evidence: tuple[Evidence, ...] = ()


@fact("job.production_migrations")
def production_migrations_of(ctx: Context, job: Job) -> Fact[tuple[Migration, ...]]:
    """The migrations of production: named for it, or in a job that deploys there."""
    if job.condition and is_switched_off(job.condition):
        return not_applicable("the job is switched off")
    found = []
    for performed, command in commands_in(ctx, job):
        if migrating(ctx, performed, command) is None or passes_by(ctx, command):
            continue
        if _tries_on_copy(performed.step):
            continue
        sign = stages_of(ctx, job, performed, command)
        if sign is None and (deployed := production_deployments_of(ctx, job).known):
            evidence = deployed[0].evidence
        elif sign and "production" in sign.stages:
            evidence = (sign.evidence,)
        else:
            continue
        here, links = origin_of(ctx, command).location, links_to(ctx, command)
        found.append(Migration(command, performed, here, links, evidence))
        if len(found) >= MAX_MIGRATIONS:
            break
    if not found:
        found += islice(_brought(ctx, job), 1)
    return (
        known(tuple(found)) if found else not_applicable("the job migrates no production database")
    )


def _brought(ctx: Context, job: Job) -> Iterator[Migration]:
    """The migrations that run when what the job deploys starts, where nothing ran them before."""
    for each in production_deployments_of(ctx, job).known:
        links = migrated_on_start(ctx, job, each)
        if links and not _migrated_before(ctx, job):
            yield Migration(each.command, each.performed, each.location, links, each.evidence)


def _migrated_before(ctx: Context, job: Job) -> bool:
    return any(
        migrating(ctx, performed, command) is not None
        for needed in needed_by(ctx, job).known
        for performed, command in commands_in(ctx, needed)
    )


def _tries_on_copy(step: Step) -> bool:
    """Whether a step is named for a copy of the database, or its variables name one."""
    hosts = (p.value.text for p in step.env if "HOST" in p.key.text or "URL" in p.key.text)
    said = (step.name.text if step.name else "", step.key.text if step.key else "", *hosts)
    words = " ".join(said).lower().translate(_SEPARATORS).split()
    return not _COPIES.isdisjoint(words)


@dataclass(frozen=True, slots=True)
class _Sign:
    """Something in a job that backs up a database, or may do so."""

    performed: Performed
    index: int
    """Of the command among the job's, or of the step."""
    command: Command | None
    """None for an action, or for a part of a script that is not read."""
    unread: Unread | None = None
    row: Row | None = None
    """How the table knows it."""
    waited: int | None = None
    """The index of the command that waits for it to finish."""
    waiting: tuple[Performed, Command] | None = None
    """That command, which also fails where there is no backup."""


@fact("job.backup_signs")
def _signs_of(ctx: Context, job: Job) -> Fact[tuple[_Sign, ...]]:
    """The first of them, those of commands before those of actions."""
    return known((*islice(_commands(ctx, job), MAX_BACKUPS + 1),
                  *islice(_actions(ctx, job), MAX_BACKUPS + 1)))  # fmt: skip


def _commands(ctx: Context, job: Job) -> Iterator[_Sign]:
    backing_up = rows("databases", "backup")
    every = commands_in(ctx, job)
    outer = {command.outer for _, command in every if command.outer}
    for index, (performed, command) in enumerate(every):
        if row := matching(command, backing_up):
            waited, waiting = _waited(ctx, job, index, row) or (None, None)
            yield _Sign(performed, index, command, row=row, waited=waited, waiting=waiting)
        elif (
            command.tool not in _ONLY_SPEAKS
            and command.id not in outer
            and _says_backup(command.argv)
            and command.tool not in _functions(ctx, command)
            and not any(_waits(command, row) for row in backing_up.get(command.tool, ()))
        ):
            yield _Sign(performed, index, command)


def _functions(ctx: Context, command: Command) -> frozenset[str]:
    """The functions of a command's script: what they run stands among the commands."""
    script = script_with(ctx, command)
    nodes = shell.walk(script.tree.body) if script and script.tree else ()
    return frozenset(node.name for node in nodes if isinstance(node, shell.Function))


def _waited(
    ctx: Context, job: Job, index: int, row: Row
) -> tuple[int, tuple[Performed, Command]] | None:
    later = islice(enumerate(commands_in(ctx, job)), index, None) if "wait" in row else ()
    return next(((i, found) for i, found in later if _waits(found[1], row)), None)


def _waits(command: Command, row: Row) -> bool:
    return any(runs(command, words) for words in row.get("wait", ()))


def _actions(ctx: Context, job: Job) -> Iterator[_Sign]:
    for index, performed in enumerate(work_of(ctx, job).known.steps):
        uses = performed.step.uses
        if uses and _says_backup((uses.text,)):
            yield _Sign(performed, index, None)
        for unread in unread_of(ctx, performed.step).known:
            yield _Sign(performed, index, None, unread)


def backups_before(ctx: Context, job: Job, migration: Migration) -> tuple[Backup, ...]:
    """What backs up a database before a migration, in its job and in those that it waits for."""
    before = [_Before(ctx, job, migration, job)]
    before += [_Before(ctx, job, migration, needed) for needed in needed_by(ctx, job).known]
    every = (backup for each in before for backup in each.backups())
    found = tuple(islice(every, MAX_BACKUPS))
    if next(every, None) is None:
        return found
    reason = f"more than {MAX_BACKUPS} commands before it may back up a database"
    return (*found, Backup("", migration.location, None, reason))


@dataclass(frozen=True, slots=True)
class _Before:
    """The part of a job that runs before a migration."""

    ctx: Context
    job: Job
    """The one that migrates."""
    migration: Migration
    holder: Job
    """The one that is looked through: the same, or one that it waits for."""

    def signs(self) -> Iterator[_Sign]:
        commands = steps = None
        if self.holder is self.job:
            commands, steps = self.reached()
        for sign in _signs_of(self.ctx, self.holder).known:
            end = commands if sign.command else steps
            if end is None or sign.index < end:
                yield sign

    def reached(self) -> tuple[int, int]:
        """How many commands and steps of the job stand before the migration."""
        command, step = self.migration.command, self.migration.performed.step.id
        commands = takewhile(
            lambda each: each[1].id != command.id if command else each[0].step.id != step,
            commands_in(self.ctx, self.job),
        )
        steps = work_of(self.ctx, self.job).known.steps
        before = takewhile(lambda each: each.step.id != step, steps)
        return sum(1 for _ in commands), sum(1 for _ in before)

    def backups(self) -> Iterator[Backup]:
        for sign in self.signs():
            command, uses = sign.command, sign.performed.step.uses
            if command and sign.row:
                yield self.judged(sign, command, sign.row)
            elif command:
                reason = f"what {command.tool or 'this command'} does is not known"
                yield Backup(command.tool, command.location, None, reason)
            elif sign.unread:
                yield Backup("", sign.unread.location, None, sign.unread.reason)
            elif uses:
                yield Backup(uses.text, uses.location, None, "what this action does is not known")

    def judged(self, sign: _Sign, command: Command, row: Row) -> Backup:
        performed, what = sign.performed, row["words"]
        here = Evidence(command.location, f"`{what}` backs up a database")
        questions = (
            self.database(performed, command),
            self.waited(sign, row),
            self.ends(sign, command),
        )
        for wanted in (False, None):
            for holds, reason, evidence in questions:
                if holds is wanted:
                    return Backup(what, command.location, holds, reason, (here, *evidence))
        return Backup(what, command.location, True, "", (here,))

    def database(self, performed: Performed, command: Command) -> "_Answer":
        """Whether it can be the same database: its own words may name another place."""
        stages: set[Stage] = set()
        for word in words_of(self.ctx, self.holder, performed, command):
            stages |= word
        if stages == {"other"}:
            return False, "it is a backup of another database than production's", ()
        return True, "", ()

    def waited(self, sign: _Sign, row: Row) -> "_Answer":
        waits = row.get("wait")
        late = self.holder is self.job and (sign.waited or 0) >= self.reached()[0]
        if not waits or (sign.waited is not None and not late):
            return True, "", ()
        wait = f"`{waits[0]}`"
        return (
            False,
            f"the backup is only begun: nothing waits for it ({wait} would)",
            (),
        )

    def ends(self, sign: _Sign, command: Command) -> "_Answer":
        """Whether the migration does not run without it: what waits for it may see to that."""
        own = self.stops(sign.performed, command)
        if own[0] is not True and sign.waiting:
            later = self.stops(*sign.waiting)
            return later if later[0] else own
        return own

    def stops(self, performed: Performed, command: Command) -> "_Answer":
        """Whether its failure keeps the migration from running."""
        target = self.migration.command
        if target and command.step == target.step:
            stopped = prevents(self.ctx, command, target)
            fact = failure_of(self.ctx, command)
            if stopped is None:
                return None, f"it cannot be told what its failure does: {fact.reason}", ()
            return stopped, "its failure does not stop the migration", fact.evidence
        fact = failure_of(self.ctx, command)
        if fact.state != "known" or fact.known.verdict == "conditional":
            return None, f"it cannot be told what its failure does: {fact.reason}", ()
        if fact.known.verdict == "swallowed":
            return False, "its failure does not fail its step", fact.evidence
        return self.between(performed)

    def between(self, performed: Performed) -> "_Answer":
        """What stands between a failed step and the migration: conditions, tolerance."""
        tolerant = self.holder.continue_on_error if self.holder is not self.job else None
        for text in (*performed.lenient, *((tolerant,) if tolerant else ())):
            if text.text.strip().lower() != "false":
                return False, "it may fail: `continue-on-error`", _at(text)
        for condition in self.gates():
            after = runs_after_failure(condition)
            if after is not False:
                reason = "the migration also runs after a failure"
                return (False if after else None), reason, _at(condition)
        skipped = [c for c in performed.conditions if c.text not in self.own_conditions()]
        if skipped:
            return None, "the backup has a condition that the migration has not", _at(skipped[0])
        return True, "", ()

    def gates(self) -> Iterator[Authored]:
        """The conditions that a failure before the migration meets."""
        yield from self.migration.performed.conditions
        if self.holder is not self.job:
            yield from (text for text in (self.job.condition,) if text)
            for each in needed_by(self.ctx, self.job).known:
                if each is not self.holder and waits_for(self.ctx, each, self.holder):
                    yield from (text for text in (each.condition,) if text)

    def own_conditions(self) -> set[str]:
        return {text.text for text in self.migration.performed.conditions}


_Answer = tuple[bool | None, str, tuple[Evidence, ...]]


def _at(text: Authored) -> tuple[Evidence, ...]:
    return (Evidence(text.location, "this decides it"),)


def _says_backup(words: tuple[str | None, ...]) -> bool:
    text = " ".join(word.lower() for word in words if word)
    return any(word in _SAYS_BACKUP for word in text.translate(_SEPARATORS).split())
