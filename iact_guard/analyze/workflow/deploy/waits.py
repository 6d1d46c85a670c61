"""Deployments and migrations that are only started: whether something waits for them."""

import re
from collections.abc import Iterator
from itertools import islice, takewhile

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.dispatch import passes_by
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import (
    followed_of,
    is_followed,
    links_to,
    origin_of,
    script_with,
)
from iact_guard.analyze.shell.matching import runs
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.around import Moment, index_of, moments_after
from iact_guard.analyze.workflow.deploy.deployments import HOOK
from iact_guard.analyze.workflow.deploy.manifests import brings_workloads
from iact_guard.analyze.workflow.deploy.migrating import migrating, runs_migration
from iact_guard.analyze.workflow.deploy.probes import tolerated, words_in
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.deploy.recovery import asks_for_job_failure
from iact_guard.analyze.workflow.deploy.release import only_scales
from iact_guard.analyze.workflow.deploy.staging import stages_of
from iact_guard.analyze.workflow.performed import commands_in
from iact_guard.data.tables import Row, rows, table
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job
from iact_guard.syntax import shell

_PREPARES = regex(r"\b(?:updat|upgrad|seed|populat|collectstatic|setup|load)", re.IGNORECASE)
_NAMED = 2
_CHANGES = regex(r"migrat|deploy|db:|release", re.IGNORECASE)
_WAITS = frozenset({"wait", "waits", "waiting", "stable", "stability", "await", "rollout", "watch"})
_WAITING = frozenset(
    {"wait", "rollout", "test", "ps:wait", "docker-stack-wait", "docker-stack-wait.sh"}
)


@dataclass(frozen=True, slots=True)
class Start:
    """Something that goes on when its command is done."""

    what: str
    location: Location
    moment: Moment
    row: Row
    does: str
    """`deploys`, `migrates` or `runs` a task, for the reader."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for it; `holds` is None where that cannot be told."""

    holds: bool | None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


@fact("job.started")
def started_in(ctx: Context, job: Job) -> Fact[tuple[Start, ...]]:
    """What a job starts in production and does not wait for by its own options."""
    return known((*_deployments(ctx, job), *_tasks(ctx, job)))


def _deployments(ctx: Context, job: Job) -> Iterator[Start]:
    if asks_for_job_failure(job.condition):
        return
    for each in production_deployments_of(ctx, job).known:
        command, performed = each.command, each.performed
        if only_after_failure(performed.conditions):
            continue  # the run has failed already
        moment = Moment(job, performed, command)
        if command is None:
            row = table("waits")["actions"].get(each.what)
            if row and performed.step.input(row["needs"]):
                given = performed.step.input(row["wait"])
                if given is None or given.text.strip().lower() == "false":
                    yield Start(each.what, each.location, moment, row, "deploys", each.evidence)
            continue
        row = None if only_scales(command) else matching_start(command)
        if row and row.get("task"):
            continue  # told among the tasks
        row = table("waits")["hook"] if each.what == HOOK else row
        if row is None:
            if not _in_background(ctx, command):
                continue
            row = {"words": each.what, "waits": ["wait"], "background": True}
        if brings_workloads(ctx, command):
            does = "migrates" if each.does == "migrates" else "deploys"
            yield Start(each.what, each.location, moment, row, does, each.evidence)


def _tasks(ctx: Context, job: Job) -> Iterator[Start]:
    """What runs once in production: a part of a deployment, or named for one or a migration."""
    for performed, command in commands_in(ctx, job):
        row = matching_start(command)
        if row is None or not row.get("task") or passes_by(ctx, command):
            continue
        moment = Moment(job, performed, command)
        step = performed.step
        said = " ".join((command.text, step.name.text if step.name else ""))
        deployed = production_deployments_of(ctx, job).known
        migrates = migrating(ctx, performed, command) is not None or runs_migration(ctx, command)
        changes = migrates or _CHANGES.search(said) is not None
        if not changes and not (deployed and _PREPARES.search(said)):
            continue
        sign = stages_of(ctx, job, moment.performed, command)
        if sign is None and deployed:
            evidence = deployed[0].evidence
        elif sign and "production" in sign.stages:
            evidence = (sign.evidence,)
        else:
            continue
        place = origin_of(ctx, command).location
        does = "migrates" if migrates else "deploys" if changes else "runs"
        links = (*moment.performed.via, *links_to(ctx, command))
        yield Start(row["words"], place, moment, row, does, (*links, *evidence))


def matching_start(command: Command) -> Row | None:
    """The row of the table that says how a command only starts something."""
    for row in rows("waits", "start").get(command.tool, ()):
        if not runs(command, row["words"]) or any(
            w in command.words for w in row.get("unless", ())
        ):
            continue
        wanted = row.get("with", ())
        if not wanted or any(word in wanted for word in command.words):
            return row
    return None


def waiting_for(ctx: Context, job: Job, start: Start) -> Waiting:
    """Whether something behind it waits until it is there, and fails where it is not."""
    if start.row.get("background"):
        return _waits_in_script(ctx, start)
    index = index_of(ctx, job, start.moment.performed, start.moment.command)
    best = Waiting(False)
    for moment in moments_after(ctx, job, index):
        behind = moment.job.id != job.id and asks_for_job_failure(moment.job.condition)
        if behind or only_after_failure(moment.performed.conditions):
            continue  # it waits for the version before
        found = _waits(ctx, moment, start.row)
        if found and found.holds:
            return found
        if found and (found.holds is None or not best.reason):
            best = found if best.holds is not None else best
    return best


def _waits(ctx: Context, moment: Moment, row: Row) -> Waiting | None:
    command, step = moment.command, moment.performed.step
    if command is None:
        use = parse_use(step.uses) if step.uses else None
        if use and use.kind != "local" and words_in(use.name) & _WAITS:
            return Waiting(None, f"what {use.name} waits for is not known")
        return None
    words = next((words for words in row["waits"] if runs(command, words)), "")
    if words and (_is_waiting(words) or _is_read(ctx, command)):
        return _judged(ctx, moment, command)
    opaque = followed_of(ctx, step).known.opaque
    program = (command.argv[0] or "").rpartition("/")[2]
    named = "/" in (command.argv[0] or "") or any(o.command.id == command.id for o in opaque)
    if named and words_in(program) & _WAITS and not is_followed(ctx, command):
        return Waiting(None, f"what {command.tool} waits for is not known")
    return None


def _is_waiting(words: str) -> bool:
    """Whether a program waits, and does not only show how far it is."""
    return not _WAITING.isdisjoint(words.split())


def _is_read(ctx: Context, command: Command) -> bool:
    """Whether the script does something with what it shows: a loop, a comparison."""
    if command.embedded:
        return True  # its script is read by another shell: how it is used is not known
    readers = (shell.While, shell.For, shell.ForArithmetic, shell.Substitution, shell.Pipeline)
    return any(isinstance(node, readers) for node in _path(ctx, command))


def _judged(ctx: Context, moment: Moment, command: Command) -> Waiting:
    tolerance = tolerated(moment)
    if tolerance[0] is not True:
        return Waiting(*tolerance)
    fact = failure_of(ctx, command)
    swallowed = fact.state == "known" and fact.known.verdict == "swallowed"
    waits = not _WAITING.isdisjoint(command.words)
    if swallowed and waits and not _in_background(ctx, command):
        return Waiting(False, f"the failure of `{_called(command)}` is swallowed", fact.evidence)
    return Waiting(True)


def _called(command: Command) -> str:
    """`aws ecs wait`: the program and the words before its first option."""
    words = takewhile(lambda word: word and not word.startswith("-"), command.words)
    return " ".join((command.tool, *islice(words, _NAMED)))


def _in_background(ctx: Context, command: Command) -> bool:
    return any(isinstance(n, shell.Item) and n.background for n in _path(ctx, command))


def _waits_in_script(ctx: Context, start: Start) -> Waiting:
    command = start.moment.command
    script = script_with(ctx, command) if command else None
    if command is None or script is None or script.tree is None:
        return Waiting(None, "its script is not read")
    for offset, path in paths_of(ctx, script).known.commands.items():
        node = path[-1]
        if (
            offset > command.start
            and isinstance(node, shell.Command)
            and node.argv[:1] == ("wait",)
        ):
            # `wait` alone succeeds whatever the jobs did.
            if len(node.argv) > 1:
                return Waiting(True)
            return Waiting(False, "`wait` without a process succeeds whatever became of it")
    return Waiting(False, "it runs in the background")


def _path(ctx: Context, command: Command) -> tuple[shell.Node, ...]:
    script = script_with(ctx, command)
    if script is None or script.tree is None:
        return ()
    return paths_of(ctx, script).known.commands.get(command.start, ())
