"""What a rollback names and nothing provides: variables, scripts."""

import posixpath
from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import followed_of, origin_of, way_to, words_of
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.around import moments_of
from iact_guard.analyze.workflow.deploy.rollback import Rollback
from iact_guard.analyze.workflow.deploy.rollback_fault import Fault, commands_of
from iact_guard.model.command import Command
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell

_RUNNERS = (
    "GITHUB_",
    "RUNNER_",
    "ACTIONS_",
    "HOME",
    "PATH",
    "USER",
    "CI",
    "HOSTNAME",
    "PWD",
    "TMP",
)


def unset_variables(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    """Variables of the shell that no `env`, no script and no step before sets."""
    step = rollback.moment.performed.step
    script = script_of(ctx, step.id)
    hosted = all("self-hosted" not in each.text for each in job.runs_on) and not job.container
    if script is None or script.tree is None or script.remote or not hosted:
        return
    workflow = ctx.project.workflow_of(job)
    defined = {pair.key.text for pair in (*workflow.env, *job.env, *step.env)}
    before = [each for each in job.steps if each.index < step.index]
    said = " ".join(each.run.text for each in before if each.run)
    if any(each.uses and not each.uses.text.startswith("actions/") for each in before):
        return  # it may set variables for later steps
    for command in commands_of(rollback):
        if command.embedded or way_to(ctx, command):
            continue
        for word in words_of(ctx, command):
            for part in word.parts:
                name = part.name if isinstance(part, shell.Variable) and not part.operator else ""
                preset = name.startswith(_RUNNERS) or name.endswith("_HOME")
                if not name.isupper() or name in defined or preset:
                    continue
                if name in said or script.source.text.count(name) > 1:
                    continue
                yield Fault(f"it uses ${name}, which nothing sets", command.location)
                return


def missing_scripts(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    """Scripts that it runs and that are not in the repository, or not checked out."""
    step = rollback.moment.performed.step
    followed = followed_of(ctx, step).known
    script = script_of(ctx, step.id)
    own = origin_of(ctx, rollback.moment.command) if rollback.moment.command else None
    for command in [own] if own else followed.commands:
        program = command.argv[0]
        if program is None or way_to(ctx, command) or not _is_script(command, program):
            continue
        folder = followed.folders.get(command.id)
        if folder is None or folder.startswith(("/", "..", "~")) or (script and script.remote):
            continue
        if folder not in ("", ".") and not ctx.project.exists(posixpath.normpath(folder)):
            continue  # what was made or fetched there is not known
        path = posixpath.normpath(posixpath.join(folder, program))
        known = ctx.project.exists(path)
        if not known and not _brought(ctx, job, rollback, program):
            yield Fault(f"it runs {program}, which is not in the repository", command.location)
        elif known and not _checked_out(ctx, job):
            reason = f"it runs {program} in a job that checks nothing out"
            yield Fault(reason, command.location)


def _is_script(command: Command, program: str) -> bool:
    if program.startswith(("/", "~", "-")) or "$" in program or ".." in program or command.embedded:
        return False
    if any(part in program for part in ("node_modules", "venv", "gradlew", "mvnw", "bin/rails")):
        return False
    if "/" in program:
        return True
    return bool(command.outer) and program.endswith((".sh", ".py")) and program != "manage.py"


def _brought(ctx: Context, job: Job, rollback: Rollback, program: str) -> bool:
    """Whether something else may have put the file there."""
    name = program.rpartition("/")[2]
    for moment in moments_of(ctx, job).known:
        step = moment.performed.step
        if step.uses and (
            _other_checkout(step) or "artifact" in step.uses.text or "cache" in step.uses.text
        ):
            return True
        if moment.performed is rollback.moment.performed:
            break
        if moment.command and name in moment.command.text:
            return True
    runs = rollback.moment.performed.step.run
    return bool(runs) and runs is not None and runs.text.count(name) > 1


def _other_checkout(step: Step) -> bool:
    uses = parse_use(step.uses) if step.uses else None
    checkout = uses is not None and uses.name.startswith("actions/checkout")
    return checkout and bool(step.input("repository") or step.input("path") or step.input("ref"))


def _checked_out(ctx: Context, job: Job) -> bool:
    for moment in moments_of(ctx, job).known:
        step, command = moment.performed.step, moment.command
        if step.uses and any(w in step.uses.text for w in ("checkout", "artifact", "cache", "./")):
            return True
        if command and command.tool in ("git", "gh", "curl", "wget", "ssh", "scp", "rsync"):
            return True
    return "self-hosted" in " ".join(each.text for each in job.runs_on) or bool(job.container)
