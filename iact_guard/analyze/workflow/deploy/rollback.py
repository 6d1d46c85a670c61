"""What brings the version before back, where a deployment turns out to be broken."""

import re
from collections.abc import Iterator
from itertools import groupby

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of, is_followed, origin_of
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.around import Moment, later_jobs, moments_of
from iact_guard.analyze.workflow.deploy.branches import handles_failure
from iact_guard.analyze.workflow.deploy.deployments import Deployment, deployments_of
from iact_guard.analyze.workflow.deploy.probes import words_in
from iact_guard.analyze.workflow.performed import commands_in, work_of
from iact_guard.data.tables import rows, table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.hcl import Block, Literal
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Workflow

_SPEAKS = frozenset({"echo", "printf", "sleep", "true", ":", "date", "cat", "exit", "curl", "gh"})
_ROLL_BACK = regex(r"\broll(?:s|ed|ing)?[ _-]back", re.IGNORECASE)
_SPEAKS_OF_IT = (
    "rollback", "roll back", "roll-back", "rolls back", "rolling back", "undo", "revert",
    "restore-db", "pg_restore", "deshacer", "abort",
)  # fmt: skip
_IN_TERRAFORM = {"deployment_circuit_breaker": "rollback", "auto_rollback_configuration": "enabled"}


@dataclass(frozen=True, slots=True)
class Rollback:
    """A step or a command that brings the version before back, or is meant to."""

    what: str
    location: Location
    moment: Moment
    conditions: tuple[Authored, ...]
    """Every `if` on the way to it, the job's included."""
    deployment: Deployment | None = None
    """Where it deploys again."""


@fact("job.rollbacks")
def rollbacks_in(ctx: Context, job: Job) -> Fact[tuple[Rollback, ...]]:
    """What a job does to go back, in order."""
    return known(tuple(_rollbacks(ctx, job)) if _may_go_back(ctx, job) else ())


def _may_go_back(ctx: Context, job: Job) -> bool:
    """Whether anything in the files that it stands in speaks of it, or asks for a failure."""
    uses = (job.uses, *(step.uses for step in job.steps))
    if any(each.text.startswith("./") for each in uses if each):
        return True
    speaks, fails = _speaks_of_it(ctx, ctx.project.workflow_of(job)).known
    return speaks or (fails and bool(deployments_of(ctx, job).known))


@fact("workflow.speaks_of_rollback")
def _speaks_of_it(ctx: Context, workflow: Workflow) -> Fact[tuple[bool, bool]]:
    """Whether its file speaks of going back, and of failures."""
    text = ctx.project.text(workflow.path).text.lower()
    return known((any(word in text for word in _SPEAKS_OF_IT), "failure" in text))


def rollbacks_after(ctx: Context, job: Job) -> Iterator[Rollback]:
    """What goes back in a job and in those that run after it."""
    for each in (job, *later_jobs(ctx, job).known):
        yield from rollbacks_in(ctx, each).known


def goes_back_after(ctx: Context, job: Job) -> bool:
    """Whether something in a job, or behind it, goes back, or is named for it and not followed."""
    if next(rollbacks_after(ctx, job), None) is not None or _goes_back_in_script(ctx, job):
        return True
    return any(
        bool(work_of(ctx, each).known.opaque) and says_rollback(each.key, each.name, each.uses)
        for each in later_jobs(ctx, job).known
    )


def _goes_back_in_script(ctx: Context, job: Job) -> bool:
    """Whether a script that deploys deploys again where one of its own commands fails."""
    deployed: dict[str, frozenset[int]] = {}
    for each in deployments_of(ctx, job).known:
        if (command := each.command) and each.does == "deploys to":
            before = deployed.get(command.step, frozenset())
            if before and handles_failure(ctx, command, before):
                return True
            deployed[command.step] = before | {command.start}
    return any(
        matching(command, rows("rollbacks", "rollback")) is not None
        and handles_failure(ctx, command)
        for _, command in commands_in(ctx, job)
    )


def says_rollback(*names: Authored | str | None) -> bool:
    """Whether a name says that something goes back."""
    names_of_it = frozenset(table("rollbacks")["names"])
    for name in names:
        text = name.text if isinstance(name, Authored) else name or ""
        words = words_in(text)
        if words.isdisjoint(names_of_it) and not _ROLL_BACK.search(text):
            continue
        if words.isdisjoint(table("rollbacks")["about"]):
            return True
    return False


def goes_back_by_itself(ctx: Context, deployment: Deployment) -> bool:
    """Whether the platform does so: by the deployment's options, or by what Terraform declares."""
    command = deployment.command
    if command:
        options = table("rollbacks")["automatic"].get(command.tool, ())
        if any(word in options for word in command.words):
            return True
    return _declared(ctx, Repository()).known


@fact("repository.automatic_rollback")
def _declared(ctx: Context, repository: Repository) -> Fact[bool]:
    blocks = [block for file in ctx.project.entities("terraform-file") for block in file.blocks]
    while blocks:
        block = blocks.pop()
        name = _IN_TERRAFORM.get(block.type, "")
        if name and _is_true(block, name):
            return known(True)
        blocks += block.body.blocks
    return known(False)


def _is_true(block: Block, name: str) -> bool:
    attribute = block.body.get(name)
    value = attribute.expression if attribute else None
    return not isinstance(value, Literal) or value.value is not False


def _rollbacks(ctx: Context, job: Job) -> Iterator[Rollback]:
    deployed = {id(each.performed): each for each in deployments_of(ctx, job).known}
    of_job = says_rollback(job.key, job.name)
    for _, group in groupby(moments_of(ctx, job).known, key=lambda each: id(each.performed)):
        whole = tuple(group)
        first = whole[0]
        conditions = _conditions(first)
        failing = only_after_failure(conditions)
        names = _names(first)
        named = says_rollback(*names)
        found = [each for each in whole if each.command and _goes_back(ctx, each.command, failing)]
        for each in found:
            if each.command:
                place = origin_of(ctx, each.command).location
                yield Rollback(_what(each.command), place, each, conditions)
        if found and (failing or named or of_job):
            yield from _images_again(ctx, job, first, conditions)
        if found:
            continue
        again = deployed.get(id(first.performed))
        if again and (failing or named or of_job):
            yield Rollback(again.what, again.location, first, conditions, again)
        elif named and (title_place := _place(ctx, first)):
            step = first.performed.step
            title = next((name.text for name in names if name), step.uses.text if step.uses else "")
            yield Rollback(title, title_place, first, conditions)
        elif failing and (script := _acting_script(ctx, whole)) and script.command:
            yield Rollback(_what(script.command), script.command.location, script, conditions)


def _acting_script(ctx: Context, moments: tuple[Moment, ...]) -> Moment | None:
    """A script of the repository named for it that does more than speak, with tools of its own."""
    for each in moments:
        command = each.command
        if command and command.id == origin_of(ctx, command).id and _is_named_script(command):
            inner = (c for c in all_commands_of(ctx, command.step) if c.id != command.id)
            if any(c.tool not in _SPEAKS and origin_of(ctx, c).id == command.id for c in inner):
                return each
    return None


def _images_again(
    ctx: Context, job: Job, first: Moment, conditions: tuple[Authored, ...]
) -> Iterator[Rollback]:
    """The first image that a step which goes back deploys beside, where somebody names one."""
    for each in deployments_of(ctx, job).known:
        command = each.command if each.performed is first.performed else None
        if command and command.tool != "aws" and matching(command, rows("images", "deployed")):
            moment = Moment(job, each.performed, command)
            yield Rollback(each.what, each.location, moment, conditions, each)
            return


def _conditions(moment: Moment) -> tuple[Authored, ...]:
    own = moment.performed.conditions
    of_job = moment.job.condition
    return (*own, of_job) if of_job and not any(of_job is each for each in own) else own


def _names(moment: Moment) -> tuple[Authored | None, ...]:
    step, outer = moment.performed.step, moment.performed.outer
    action = step.uses if step.uses and parse_use(step.uses).kind != "local" else None
    return (step.name, step.key, action, outer.name if outer else None)


def _goes_back(ctx: Context, command: Command, failing: bool) -> bool:
    row = matching(command, rows("rollbacks", "rollback"))
    if row:
        return failing or not row.get("failing")
    if command.tool == "gh":  # it starts another workflow
        return failing and "run" in command.words and says_rollback(" ".join(command.words))
    return not is_followed(ctx, command) and _is_named_script(command)


def _is_named_script(command: Command) -> bool:
    program = command.argv[0] or ""
    script = "/" in program or program.endswith((".sh", ".py"))
    return script and says_rollback(program.rpartition("/")[2])


def _what(command: Command) -> str:
    row = matching(command, rows("rollbacks", "rollback"))
    return row["words"] if row else command.argv[0] or command.tool


def _place(ctx: Context, moment: Moment) -> Location | None:
    """Where a step that is named for it stands; None where it only speaks of it."""
    step = moment.performed.step
    if step.uses:
        return None if parse_use(step.uses).kind == "local" else step.uses.location
    commands = all_commands_of(ctx, step.id)
    if commands and all(each.tool in _SPEAKS for each in commands):
        return None
    found = step.name.location if step.name else step.location
    if found.line == found.end_line:
        return found
    return Location(found.path, found.line, found.column, found.line, found.column + 1)
