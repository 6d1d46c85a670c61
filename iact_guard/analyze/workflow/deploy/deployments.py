"""What a job deploys, and whether that is production."""

from collections.abc import Iterator
from itertools import chain, islice

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.dispatch import passes_by
from iact_guard.analyze.shell.followed import (
    all_commands_of,
    is_followed,
    links_to,
    origin_of,
    outer_of,
)
from iact_guard.analyze.shell.matching import given, matching, runs
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.stages import Stage
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.around import earlier_jobs
from iact_guard.analyze.workflow.conditions import is_switched_off
from iact_guard.analyze.workflow.deploy.applied import only_computes
from iact_guard.analyze.workflow.deploy.hooks import is_hook
from iact_guard.analyze.workflow.deploy.migrating import migrating
from iact_guard.analyze.workflow.deploy.staging import Sign, stages_of
from iact_guard.analyze.workflow.performed import Performed, commands_in, work_of
from iact_guard.data.tables import Row, rows, table
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job

MAX_DEPLOYMENTS = 50
"""Of one job; more of them say nothing new."""
_WORD = regex(r"[a-z]+")
_ABOUT_DEPLOYING = frozenset({
    "check", "test", "tests", "notify", "status", "pre", "post", "docs", "wait", "verify", "plan",
    "validate", "record", "log", "before", "after", "setup", "build", "key", "lint", "prepare",
    "should", "config", "env", "message", "summary", "preview", "undeploy", "rollback", "smoke",
})  # fmt: skip
_INFRASTRUCTURE = frozenset({"infra", "infrastructure", "terraform", "tf", "stack", "network"})
_DEPLOYING = frozenset({"deploy", "deploys", "deployment", "release"})
_PREPARING = frozenset({"provision", "provisioning", "bootstrap", "setup", "patch", "hardening"})
_TEST_CLUSTERS = frozenset({"kind", "k3d", "k3s", "minikube", "microk8s", "ct"})
_REMOTE = frozenset({"ssh", "sshpass"})
HOOK = "deploy hook"
_HOOK: Row = {"words": HOOK, "live": []}
MAIN = frozenset({"main", "master", "production", "prod", "release"})
BY_PEOPLE = frozenset({"push", "workflow_dispatch", "schedule", "release"})
"""Events behind which somebody stands who may write."""
_BUILDS_PAGES = frozenset({
    "mkdocs", "sphinx-build", "mdbook", "docusaurus", "jekyll", "typedoc", "storybook",
    "build-storybook", "vitepress", "antora", "zensical",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deployment:
    """Something that changes what runs somewhere."""

    what: str
    """`terraform apply`, `azure/webapps-deploy`: as the table names it."""
    location: Location
    performed: Performed
    command: Command | None
    stages: frozenset[Stage]
    """Where it can go; empty where nothing says so."""
    evidence: tuple[Evidence, ...]
    """How the job comes to it, what it is, and what names the place."""
    does: str = "deploys to"
    """Or `migrates`."""
    infrastructure: bool = False
    """It changes what an application runs on; an application only where it names one."""

    @property
    def production(self) -> bool | None:
        """Whether it can change production; None where nothing says so."""
        return "production" in self.stages if self.stages else None


@fact("job.deployments")
def deployments_of(ctx: Context, job: Job) -> Fact[tuple[Deployment, ...]]:
    """Everything that a job deploys, in order; production is what is named for it.

    A job that is switched off by `false` in its `if` deploys nothing.
    """
    if job.condition and is_switched_off(job.condition):
        return known(())
    found = chain(_by_commands(ctx, job), _by_actions(ctx, job))
    return known(tuple(islice(found, MAX_DEPLOYMENTS)))


def _by_commands(ctx: Context, job: Job) -> Iterator[Deployment]:
    deploying = rows("deployments", "command")
    for performed, command in commands_in(ctx, job):
        row = (
            _migrates(ctx, performed, command)
            or matching(command, deploying)
            or _script(ctx, command)
            or (_HOOK if is_hook(performed, command) else None)
        )
        if row is None or (row.get("remote") and not _is_remote(ctx, job, command)):
            continue
        if "says" in row and not any(word in command.text for word in row["says"]):
            continue
        if passes_by(ctx, command):
            continue
        if command.tool in ("terraform", "tofu") and only_computes(ctx, performed, command):
            continue
        sign = stages_of(ctx, job, performed, command)
        found = _deployment(ctx, job, performed, command, row["words"], row, sign)
        if found:
            yield found


def _migrates(ctx: Context, performed: Performed, command: Command) -> Row | None:
    """A migration changes what runs, too: it counts where something names production."""
    row = migrating(ctx, performed, command)
    return {**row, "named": True, "migrates": True} if row else None


def _script(ctx: Context, command: Command) -> Row | None:
    """A script that is named for deploying and cannot be followed: on a server, or in Python."""
    program = command.argv[0] or ""
    name = program.rpartition("/")[2]
    if "/" not in program and not name.endswith((".sh", ".bash", ".py")):
        return None
    words = frozenset(_WORD.findall(name.lower()))
    if "deploy" not in words or words & _ABOUT_DEPLOYING or is_followed(ctx, command):
        return None
    return {"words": program, "named": True, "infrastructure": bool(words & _INFRASTRUCTURE)}


def _by_actions(ctx: Context, job: Job) -> Iterator[Deployment]:
    actions = table("deployments")["actions"]
    for performed in work_of(ctx, job).known.steps:
        step = performed.step
        name = parse_use(step.uses).name.lower() if step.uses else ""
        row = actions.get(name)
        if row is None:
            continue
        wanted = row.get("with", {}).items()
        inputs = {key: step.input(key) for key, _ in wanted}
        if any((text := inputs[key]) and value not in text.text.split() for key, value in wanted):
            continue
        if step.input(row.get("alone", "")):
            continue
        if "needs" in row and not step.input(row["needs"]):
            continue
        found = _deployment(
            ctx, job, performed, None, name, row, stages_of(ctx, job, performed, None)
        )
        if found:
            yield found


def _deployment(
    ctx: Context,
    job: Job,
    performed: Performed,
    command: Command | None,
    what: str,
    row: Row,
    sign: Sign | None,
) -> Deployment | None:
    if sign is None and "live" in row:
        sign = _live(ctx, job, command, row["live"])
    if sign is None and row.get("migrates"):
        sign = _follows_production(ctx, job)
    elsewhere = not (sign and "production" in sign.stages)
    if row.get("named") and elsewhere and not (row.get("remote") and _brings(ctx, job)):
        return None
    if row.get("cluster") and _test_cluster(ctx, job):
        return None
    uses = performed.step.uses
    place = uses.location if uses else performed.step.location
    links: tuple[Evidence, ...] = ()
    if command:
        place, links = origin_of(ctx, command).location, links_to(ctx, command)
    does = "migrates" if row.get("migrates") else "deploys"
    titled = bool(row.get("titled")) and _is_titled(ctx, job, performed)
    here = Evidence(command.location if command else place, f"`{what}` {does}")
    evidence = (*performed.via, *links, here)
    if sign:
        evidence = (*evidence, sign.evidence)
    return Deployment(
        what,
        place,
        performed,
        command,
        sign.stages if sign else frozenset(),
        evidence,
        "migrates" if row.get("migrates") else "deploys to",
        bool(row.get("infrastructure")) and not titled,
    )


def _is_titled(ctx: Context, job: Job, performed: Performed) -> bool:
    """Whether what may prepare machines is named for deploying alone."""
    workflow = ctx.project.workflow_of(job)
    names = (performed.step.name, job.name, workflow.name)
    titles = [job.key, workflow.path.rpartition("/")[2], *(name.text for name in names if name)]
    words = frozenset(_WORD.findall(" ".join(titles).lower()))
    return bool(words & _DEPLOYING) and words.isdisjoint(_INFRASTRUCTURE | _PREPARING)


def _live(ctx: Context, job: Job, command: Command | None, elsewhere: list[str]) -> Sign | None:
    """What says that a project which has one live place by default is deployed to it."""
    triggers = ctx.project.workflow_of(job).triggers
    pushed = next((each for each in triggers if each.event == "push"), None)
    branches = {each.text for each in (pushed.branches or ())} if pushed else set()
    if not branches or not branches <= MAIN or any(t.event not in BY_PEOPLE for t in triggers):
        return None
    if command and not _is_main(command, elsewhere):
        return None
    if any(each.tool in _BUILDS_PAGES for _, each in commands_in(ctx, job)):
        return None
    message = "what main brings goes live, as nothing names another place"
    return Sign(frozenset({"production"}), Evidence(pushed.location, message)) if pushed else None


def _follows_production(ctx: Context, job: Job) -> Sign | None:
    """What a workflow that runs behind the one which deploys to production works on."""
    triggers = ctx.project.workflow_of(job).triggers
    if not triggers or any(each.event != "workflow_run" for each in triggers):
        return None
    for before in earlier_jobs(ctx, job).known:
        if before.path == job.path or ("job.deployments", before.id) in ctx.running:
            continue
        if any(each.production for each in deployments_of(ctx, before).known):
            message = f"it runs behind {before.key}, which deploys to production"
            return Sign(frozenset({"production"}), Evidence(triggers[0].location, message))
    return None


def _is_main(command: Command, options: list[str]) -> bool:
    """Whether none of the options that name a place is there, or it names the main branch."""
    for option in options:
        index = given(command, option)
        if index is None:
            continue
        word = command.beginnings[index]
        after = command.beginnings[index + 1 : index + 2]
        value = word.partition("=")[2] if "=" in word else (after[0] if after else "")
        if value not in MAIN:
            return False
    return True


def _is_remote(ctx: Context, job: Job, command: Command) -> bool:
    """Whether what it starts outlives the job: on another machine, or on a runner that stays."""
    if any("self-hosted" in each.text for each in job.runs_on):
        return True
    script = script_of(ctx, command.step)
    if script and script.remote:
        return True
    outer = outer_of(command, all_commands_of(ctx, command.step))
    return any(each.tool in _REMOTE for each in outer)


def _brings(ctx: Context, job: Job) -> bool:
    """Whether a job brings something to another machine, to start it there."""
    words = table("deployments")["brings"]
    for _, command in commands_in(ctx, job):
        if any(runs(command, each) for each in words["commands"]):
            return True
        if any(option in command.words for option in words["options"]):
            return True
    used = (parse_use(p.step.uses).name for p in work_of(ctx, job).known.steps if p.step.uses)
    return not frozenset(words["actions"].split()).isdisjoint(name.lower() for name in used)


def _test_cluster(ctx: Context, job: Job) -> bool:
    """Whether a job makes a cluster of its own, to test in."""
    if any("self-hosted" in each.text for each in job.runs_on):
        return False
    if any(command.tool in _TEST_CLUSTERS for _, command in commands_in(ctx, job)):
        return True
    names = (parse_use(p.step.uses).name for p in work_of(ctx, job).known.steps if p.step.uses)
    return any(word in _TEST_CLUSTERS for name in names for word in _words(name))


def _words(name: str) -> list[str]:
    return name.lower().replace("/", "-").replace("_", "-").split("-")
