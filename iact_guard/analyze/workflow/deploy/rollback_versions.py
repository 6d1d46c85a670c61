"""Which version a rollback brings: the one that failed, or none that there is."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import words_of
from iact_guard.analyze.shell.matching import matching, runs
from iact_guard.analyze.workflow.around import index_of, moments_of
from iact_guard.analyze.workflow.deploy.deployments import Deployment, deployments_of
from iact_guard.analyze.workflow.deploy.images import images_in, pushed_as
from iact_guard.analyze.workflow.deploy.rollback import Rollback, says_rollback
from iact_guard.analyze.workflow.deploy.rollback_fault import Fault, commands_of
from iact_guard.data.tables import rows
from iact_guard.model.command import Command
from iact_guard.model.location import Evidence
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell

_VERSION = regex(r"task-definition|image|tag|version|package|revision|manifests")
_OTHER_VERSION = frozenset({"checkout", "revert", "reset", "switch", "worktree"})
_CURRENT = regex(r"services\[0\]\.(?:deployments\[0\]\.)?taskDefinition")
_COMPUTES = ("((", "expr ", "list-task-definitions", "describe-task-definition", "sed ", "awk ")
_SWITCHES = frozenset({
    "az webapp deployment slot swap", "aws lambda update-alias",
    "gcloud run services update-traffic",
})  # fmt: skip


def same_version(ctx: Context, rollback: Rollback, deployed: list[Deployment]) -> Iterator[Fault]:
    """It deploys again what was deployed before it."""
    for command in commands_of(rollback):
        here = command.location
        restarts = matching(command, rows("rollbacks", "restart")) is not None
        if restarts and not _other_source(ctx, rollback) and not _brought_before(ctx, rollback):
            yield Fault(f"`{command.tool}` starts the same version again", here)
            return
    if rollback.deployment is None or _other_source(ctx, rollback):
        return
    again = rollback.deployment
    for each in deployed:
        if each.what != again.what or again.what in _SWITCHES or _folder(each) != _folder(again):
            continue
        first = Evidence(each.location, "this deploys it")
        if again.command and each.command:
            if _text(again.command) == _text(each.command):
                yield Fault("it deploys the same version again", again.location, (first,))
                return
            if _this_commit(ctx, again.command) and _this_commit(ctx, each.command):
                reason = "it deploys this commit again, the one that failed"
                yield Fault(reason, again.location, (first,))
                return
        elif again.command is None and each.command is None:
            one, two = _versions(again.performed.step), _versions(each.performed.step)
            if one and one == two:
                yield Fault("it deploys the same version again", again.location, (first,))
                return


def _brought_before(ctx: Context, rollback: Rollback) -> bool:
    """Whether what goes back deploys something else first, which may be the version before."""
    moment = rollback.moment
    outer = moment.performed.outer
    alone = says_rollback(moment.job.key, moment.job.name)
    index = index_of(ctx, moment.job, moment.performed, moment.command)
    return any(
        index_of(ctx, moment.job, each.performed, each.command) < index
        and (alone or (each.performed.outer is outer and each.performed is not moment.performed))
        and not (each.command and matching(each.command, rows("rollbacks", "restart")))
        for each in deployments_of(ctx, moment.job).known
    )


def asked_too_late(
    ctx: Context, job: Job, rollback: Rollback, deployed: list[Deployment]
) -> Iterator[Fault]:
    """What runs is asked for behind the deployment: that is the new version."""
    again = rollback.moment.command or (
        rollback.deployment.command if rollback.deployment else None
    )
    if again is None or not runs(again, "aws ecs update-service"):
        return
    last = max((index_of(ctx, job, each.performed, each.command) for each in deployed
                if each.performed.job is job), default=-1)  # fmt: skip
    if not deployed:
        return
    for moment in moments_of(ctx, job).known[last + 1 :]:
        command, step = moment.command, moment.performed.step
        if command is None or not runs(command, "aws ecs describe-services"):
            continue
        if not any(_CURRENT.fullmatch(word or "") for word in command.argv):
            continue
        own = moment.performed is rollback.moment.performed
        key = step.key.text if step.key else ""
        used = own or (key and f"steps.{key}.outputs." in again.text)
        text = step.run.text if step.run else ""
        if used and not any(word in text for word in _COMPUTES):
            reason = "it goes back to what runs when it is asked, which is the version that failed"
            yield Fault(reason, command.location)
            return


def taken_name(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    """A snapshot is restored under the name of the instance that it was taken of."""
    again = rollback.moment.command
    if again is None or not runs(again, "aws rds restore-db-instance-from-db-snapshot"):
        return
    mine = _behind(again, "--db-instance-identifier")
    for moment in moments_of(ctx, job).known:
        command = moment.command
        if command is again:
            return
        if command is None:
            continue
        if runs(command, "aws rds delete-db-instance") or runs(
            command, "aws rds modify-db-instance"
        ):
            return
        if runs(command, "aws rds create-db-snapshot"):
            theirs = _behind(command, "--db-instance-identifier")
            if mine and mine == theirs:
                reason = (
                    "it restores under the name of the instance that is still there: AWS refuses"
                )
                yield Fault(reason, again.location, (Evidence(command.location, "it is there"),))
                return


def never_pushed(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    """It brings an image of a name that nothing in the repository pushes, and others it does."""
    for command in commands_of(rollback):
        for name in images_in(ctx, job, rollback.moment.performed.step, command):
            if pushed_as(ctx, name) is False:
                reason = f"it brings {name}, and no workflow makes an image of that name"
                yield Fault(reason, command.location)
                return


def _behind(command: Command, option: str) -> str:
    """The words behind an option as written, up to the next one."""
    words = _text(command).split()
    if option not in words:
        return ""
    rest = words[words.index(option) + 1 :]
    end = next((index for index, word in enumerate(rest) if word.startswith("--")), len(rest))
    return " ".join(rest[:end])


def _folder(deployment: Deployment) -> str:
    folder = deployment.performed.step.working_directory
    return folder.text if folder else ""


def _versions(step: Step) -> list[tuple[str, str]]:
    """The inputs of a deploying action that name what is deployed."""
    pairs = ((pair.key.text.lower(), pair.value.text.strip()) for pair in step.with_)
    return [pair for pair in pairs if _VERSION.search(pair[0])]


def _text(command: Command) -> str:
    return " ".join(command.text.replace("\\\n", " ").split())


def _this_commit(ctx: Context, command: Command) -> bool:
    """Whether it names the commit of this run: `github.sha`."""
    for word in words_of(ctx, command):
        for part in word.parts:
            if isinstance(part, shell.Placeholder) and part.expression.strip() == "github.sha":
                return True
            if isinstance(part, shell.Variable) and part.name == "GITHUB_SHA":
                return True
    return False


def _other_source(ctx: Context, rollback: Rollback) -> bool:
    """Whether the files are those of another version: another ref is checked out before."""
    last = next(iter(commands_of(rollback)), None)
    for moment in moments_of(ctx, rollback.moment.job).known:
        step, command = moment.performed.step, moment.command
        if step.uses and "checkout" in step.uses.text and step.input("ref"):
            return True
        if step.uses and "artifact" in step.uses.text:
            return True
        if command and command.tool == "git" and _OTHER_VERSION & set(command.words):
            return True
        if moment.performed is rollback.moment.performed and command is last:
            break
    return False
