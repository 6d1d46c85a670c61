"""Why a rollback cannot work: what it refers to, runs, aims at, brings, and when it runs."""

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import followed_of, origin_of, script_with, way_to, words_of
from iact_guard.analyze.shell.matching import matching, runs
from iact_guard.analyze.shell.scripts import paths_of, script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.after_failure import asks_for_failure, status_functions
from iact_guard.analyze.workflow.around import earlier_jobs, index_of, moments_of
from iact_guard.analyze.workflow.deploy.deployments import Deployment, deployments_of
from iact_guard.analyze.workflow.deploy.images import images_in, pushed_as
from iact_guard.analyze.workflow.deploy.probes import words_in
from iact_guard.analyze.workflow.deploy.rollback import Rollback, says_rollback
from iact_guard.analyze.workflow.deploy.staging import words_of as stages_in_words
from iact_guard.analyze.workflow.references.dangling import dangling_in
from iact_guard.data.tables import rows, table
from iact_guard.model.command import Command
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell

_MANUAL = ("inputs.", "github.event.", "github.ref", "vars.", "matrix.")
_BRANCHES = (shell.If, shell.AndOr, shell.Case, shell.Function, shell.While)
_VERSION = re.compile(r"task-definition|image|tag|version|package|revision|manifests")
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
_DRILLS = frozenset({"test", "tests", "drill", "dr", "chaos", "exercise", "simulation", "e2e"})
_OTHER_VERSION = frozenset({"checkout", "revert", "reset", "switch", "worktree"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason why it cannot work."""

    reason: str
    location: Location
    evidence: tuple[Evidence, ...] = ()


def faults_of(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    """What is wrong with a rollback of a job, in the order of its severity."""
    step = rollback.moment.performed.step
    if rollback.moment.performed.outer is step and step.parent == job.id:
        for each in dangling_in(ctx, job, step):
            reason = f"it uses {each.text}, which is empty: {each.reason}"
            yield Fault(reason, each.location)
        yield from _unset_variables(ctx, job, rollback)
        # A title alone may speak of something around it.
        if rollback.moment.command or rollback.deployment:
            yield from _never_runs(ctx, job, rollback)
    yield from _missing_scripts(ctx, job, rollback)
    deployed = _deployed_before(ctx, job, rollback)
    yield from _same_version(ctx, rollback, deployed)
    yield from _asked_too_late(ctx, job, rollback, deployed)
    yield from _taken_name(ctx, job, rollback)
    yield from _never_pushed(ctx, job, rollback)
    yield from _other_target(ctx, job, rollback, deployed)


def _unset_variables(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
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
    for command in _commands(rollback):
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


def _deployed_before(ctx: Context, job: Job, rollback: Rollback) -> list[Deployment]:
    index = index_of(ctx, job, rollback.moment.performed, rollback.moment.command)
    back = says_rollback(job.key, job.name)  # it brings the version before in several steps
    own = [
        each
        for each in (() if back else deployments_of(ctx, job).known)
        if index_of(ctx, job, each.performed, each.command) < index
        and each.performed is not rollback.moment.performed
    ]
    for each in earlier_jobs(ctx, job).known:
        if each.path == job.path:
            own += deployments_of(ctx, each).known
    return own


def _commands(rollback: Rollback) -> list[Command]:
    if rollback.moment.command:
        return [rollback.moment.command]
    again = rollback.deployment
    return [again.command] if again and again.command else []


# When it runs


def _never_runs(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    moment = rollback.moment
    deploys = deployments_of(ctx, job).known
    earlier = [e for e in earlier_jobs(ctx, job).known if deployments_of(ctx, e).known]
    before = _deployed_before(ctx, job, rollback)
    step = moment.performed.step
    if _handled_in_script(ctx, rollback):
        return
    functions = [status_functions(each) for each in rollback.conditions]
    if any(each is None for each in functions):
        return
    called = frozenset().union(*(each for each in functions if each is not None))
    if step.condition is not None and asks_for_failure(step.condition):
        others = [d for d in deploys if d.performed is not moment.performed]
        if others and not before and not earlier:
            yield Fault("it stands before the deployment, whose failure comes later",
                        step.condition.location)  # fmt: skip
        return
    if job.condition is not None and asks_for_failure(job.condition):
        yield from _failure_of_nothing(ctx, job, deploys_before=bool(before or earlier))
        return
    if called - {"success"} or not before or _is_drill(ctx, job):
        return
    yield from _implicit_success(job, rollback, step)


def _is_drill(ctx: Context, job: Job) -> bool:
    """Whether the job tries a rollback, and is meant to run it in any case."""
    workflow = ctx.project.workflow_of(job)
    names = (job.key, workflow.path, *(text.text for text in (job.name, workflow.name) if text))
    return bool(words_in(" ".join(names)) & _DRILLS)


def _handled_in_script(ctx: Context, rollback: Rollback) -> bool:
    """Whether the script itself decides whether to go back."""
    step = rollback.moment.performed.step
    command = rollback.moment.command
    if command is None:
        text = step.run.text if step.run else ""
        return any(word in text for word in ("if ", "||", "trap ", "case "))
    if way_to(ctx, command):
        return True
    script = script_with(ctx, command)
    if script is None or script.tree is None:
        return True
    path = paths_of(ctx, script).known.commands.get(command.start, ())
    return any(isinstance(node, _BRANCHES) for node in path) or "trap" in script.source.text


def _failure_of_nothing(ctx: Context, job: Job, *, deploys_before: bool) -> Iterator[Fault]:
    condition = job.condition
    if condition is None or deploys_before:
        return
    workflow = ctx.project.workflow_of(job)
    others = [j for j in workflow.jobs if j.id != job.id and deployments_of(ctx, j).known]
    if not job.needs:
        reason = "the job needs no other one, so that `failure()` is never true"
        yield Fault(reason, condition.location)
    elif others and not deployments_of(ctx, job).known:
        reason = f"the job does not wait for {others[0].key}, which deploys"
        yield Fault(reason, job.needs[0].location, (Evidence(others[0].location, "it deploys"),))


def _implicit_success(job: Job, rollback: Rollback, step: Step) -> Iterator[Fault]:
    """Without a status function it runs only where everything before succeeded."""
    conditions = [c for c in rollback.conditions if c.text.strip()]
    if any(word in c.text for c in conditions for word in _MANUAL):
        return
    if job.environment and says_rollback(job.environment.name):
        return
    if not says_rollback(step.name, step.key, job.key, job.name) and not rollback.moment.command:
        return
    text = " ".join(c.text for c in conditions)
    if not conditions or all(
        status_functions(each) == frozenset({"success"}) for each in conditions
    ):
        reason = "it has no `if: failure()`: it runs after every deployment that worked, and after"
        yield Fault(f"{reason} none that did not", rollback.location)
    elif ".outcome" in text or ".conclusion" in text:
        tolerant = [s for s in job.steps if s.continue_on_error and s.key
                    and f"steps.{s.key.text}." in text]  # fmt: skip
        if not tolerant and "failure" in text:
            reason = "a failed step ends the job before its `if` can be true: it lacks `failure()`"
            yield Fault(reason, conditions[0].location)
    elif ("job.status" in text or ".result" in text) and "failure" in text:
        reason = "without `failure()` or `always()` it is skipped where something failed"
        yield Fault(reason, conditions[0].location)


# What it runs


def _missing_scripts(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
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


# What it brings


def _same_version(ctx: Context, rollback: Rollback, deployed: list[Deployment]) -> Iterator[Fault]:
    for command in _commands(rollback):
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


def _asked_too_late(
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


_CURRENT = re.compile(r"services\[0\]\.(?:deployments\[0\]\.)?taskDefinition")
_COMPUTES = ("((", "expr ", "list-task-definitions", "describe-task-definition", "sed ", "awk ")


def _taken_name(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
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


def _never_pushed(ctx: Context, job: Job, rollback: Rollback) -> Iterator[Fault]:
    """It brings an image of a name that nothing in the repository pushes, and others it does."""
    for command in _commands(rollback):
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


_SWITCHES = frozenset({
    "az webapp deployment slot swap", "aws lambda update-alias",
    "gcloud run services update-traffic",
})  # fmt: skip


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
    last = next(iter(_commands(rollback)), None)
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


# What it aims at


def _other_target(
    ctx: Context, job: Job, rollback: Rollback, deployed: list[Deployment]
) -> Iterator[Fault]:
    for command in _commands(rollback):
        same = [d for d in deployed if d.command and d.command.tool == command.tool]
        for row in table("rollbacks")["target"]:
            if command.tool in row["tools"]:
                yield from _compared(command, same, row["what"], row["options"])
        yield from _compared_names(command, same)
        yield from _compared_stages(ctx, job, rollback, command, same)


def _compared(
    command: Command, deployed: list[Deployment], what: str, options: list[str]
) -> Iterator[Fault]:
    mine = _option(command, options)
    theirs = {_option(each.command, options): each for each in deployed if each.command}
    if mine and theirs and None not in theirs and "" not in theirs and mine not in theirs:
        other, each = next(iter(theirs.items()))
        reason = f"it goes back in the {what} {mine}, and {other} was deployed to"
        yield Fault(reason, command.location, (Evidence(each.location, "this deploys"),))


def _option(command: Command, options: list[str]) -> str | None:
    """The value of an option; empty without it, None where only a run can tell."""
    words = command.argv[1:]
    for word, after in pairwise((*words, None)):
        if word in options:
            return after
        if word:
            name, given, value = word.partition("=")
            if given and name in options:
                return value
    begun = {each.partition("=")[0] for each in command.beginnings if each}
    return None if begun & set(options) else ""


def _compared_names(command: Command, deployed: list[Deployment]) -> Iterator[Fault]:
    """`deployment/web`, the release of Helm, the app of Cloud Foundry."""
    mine = _named(command)
    theirs = {_named(each.command): each for each in deployed if each.command}
    if mine and theirs and "" not in theirs and mine not in theirs:
        other, each = next(iter(theirs.items()))
        reason = f"it brings back {mine}, and {other} was deployed"
        yield Fault(reason, command.location, (Evidence(each.location, "this deploys"),))


_VALUED = frozenset({
    "-n", "--namespace", "-f", "--values", "--set", "--set-string", "--set-file", "--version",
    "--timeout", "--kube-context", "--context", "--cluster", "-s", "--strategy", "-i", "-m", "-k",
    "--kubeconfig", "--repo", "--description", "--history-max",
})  # fmt: skip


def _named(command: Command) -> str:
    """What a command works on; empty where that is not written out."""
    if command.tool in ("kubectl", "oc"):
        kinds = ("deployment/", "deploy/", "statefulset/", "sts/", "daemonset/", "deployments/")
        names = [word for word in command.words if word.startswith(kinds)]
        return names[0].partition("/")[2] if len(names) == 1 else ""
    if command.tool not in ("helm", "cf") or None in command.argv:
        return ""
    rest = [
        word
        for before, word in pairwise(command.words)
        if not word.startswith("-") and (before not in _VALUED or before == "-i")
    ]
    subcommand = command.words[0] if command.words else ""
    rest = [word for word in rest if word != subcommand]
    return rest[0] if rest and subcommand in ("upgrade", "rollback", "push") else ""


def _compared_stages(
    ctx: Context, job: Job, rollback: Rollback, command: Command, deployed: list[Deployment]
) -> Iterator[Fault]:
    said = frozenset().union(*stages_in_words(ctx, job, rollback.moment.performed, command))
    places = [each.stages for each in deployed if each.stages]
    if len(said) != 1 or not places or len(places) != len(deployed):
        return
    if all(len(each) == 1 and each != said for each in places):
        names = {"production": "production", "other": "another environment"}
        mine, theirs = next(iter(said)), next(iter(places[0]))
        reason = f"it goes back in {names[mine]}, and {names[theirs]} was deployed to"
        yield Fault(reason, command.location, (Evidence(deployed[0].location, "this deploys"),))
