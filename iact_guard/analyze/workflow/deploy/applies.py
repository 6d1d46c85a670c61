"""Applies of Terraform in production: which plan each of them applies."""

import posixpath
from fnmatch import fnmatchcase
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of, words_of
from iact_guard.analyze.shell.matching import matching, runs
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.around import Moment, index_of, moments_before
from iact_guard.analyze.workflow.deploy.applied import folder_of, written
from iact_guard.analyze.workflow.deploy.deployments import Deployment
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.performed import Performed
from iact_guard.data.tables import rows, table
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job

State = Literal["saved", "none", "unsaved", "remote", "unclear", "elsewhere"]
_PROGRAMS = frozenset({"terraform", "tofu", "terragrunt"})


@dataclass(frozen=True, slots=True)
class Apply:
    """An apply, and what it applies.

    `saved`: a plan made before. `none`: nothing was planned. `unsaved`: a plan was shown, and
    another one is made and applied. `remote`: a service plans. `unclear`: a file that nothing is
    seen to write. `elsewhere`: its outputs are read, and what it applies is not in the repository.
    """

    deployment: Deployment
    state: State
    what: str
    evidence: tuple[Evidence, ...] = ()


@fact("job.production_applies")
def applies_of(ctx: Context, job: Job) -> Fact[tuple[Apply, ...]]:
    """The applies of Terraform that change production, in order."""
    found = production_deployments_of(ctx, job).known
    return known(tuple(a for d in found if (a := _apply(ctx, job, d))))


def _apply(ctx: Context, job: Job, deployment: Deployment) -> Apply | None:
    command = deployment.command
    if command is None:
        return _by_action(deployment)
    if command.tool not in _PROGRAMS or matching(command, rows("terraform_runs", "destroy")):
        return None
    index = index_of(ctx, job, deployment.performed, command)
    before = tuple(moments_before(ctx, job, index))
    plans = [moment for moment in before if moment.command and is_plan(moment.command)]
    shown = tuple(_at(moment, "a plan is made here") for moment in plans[:1])
    if handed := _handed(ctx, plans, command):
        return Apply(deployment, "saved", "", (_at(handed, "the plan is written here"),))
    file = plan_file(command)
    if file is not None and not (file != "*" and file.endswith("/")):
        return _with_file(deployment, file, plans, before)
    if _has_folder(command) and any(_out(p.command) for p in plans if p.command):
        return Apply(deployment, "saved", "", shown)
    if remote := _remote(ctx, deployment.performed, command):
        return Apply(deployment, "remote", "", (remote,))
    if _is_read(ctx, deployment.performed, command):
        return Apply(deployment, "elsewhere", "", ())
    return Apply(deployment, "unsaved" if plans else "none", "", shown)


def _with_file(
    deployment: Deployment, file: str, plans: list[Moment], before: tuple[Moment, ...]
) -> Apply:
    """An apply of a file that is named: who wrote it."""
    for plan in plans:
        out = _out(plan.command) if plan.command else None
        if out is not None and _same(out, file):
            return Apply(deployment, "saved", file, (_at(plan, "the plan is written here"),))
    brought = next((moment for moment in before if _brings(moment)), None)
    if brought:
        return Apply(deployment, "saved", file, (_at(brought, "the plan comes from here"),))
    return Apply(deployment, "unclear", file, tuple(_at(p, "a plan is made here") for p in plans))


def _handed(ctx: Context, plans: list[Moment], command: Command) -> Moment | None:
    """The plan whose file the script around an apply is called with: `apply.sh infra "$PLAN"`."""
    given = {word for word in _around(ctx, command) if word.strip("*")}
    for plan in plans if given else ():
        for word in _around(ctx, plan.command) if plan.command else ():
            option, equals, file = word.partition("=")
            if equals and option in table("terraform_runs")["options"]["out"] and file in given:
                return plan
    return None


def _around(ctx: Context, command: Command) -> tuple[str, ...]:
    """The words behind the command that runs a command, with `*` for what is not known."""
    every = all_commands_of(ctx, command.step) if command.outer else ()
    outer = next((each for each in every if each.id == command.outer), None)
    return tuple(written(word) for word in words_of(ctx, outer)[1:]) if outer else ()


def _by_action(deployment: Deployment) -> Apply | None:
    uses = deployment.performed.step.uses
    key = table("terraform_runs")["actions"].get(parse_use(uses).name.lower() if uses else "")
    if key is None:
        return None
    given = deployment.performed.step.input(key)
    approved = given is None or given.text.strip().lower() != "true"
    return Apply(deployment, "saved" if approved else "none", "")


def is_plan(command: Command) -> bool:
    """Whether a command plans."""
    return matching(command, rows("terraform_runs", "plan")) is not None


def plan_file(command: Command) -> str | None:
    """The file that an apply is given; `*` for one that is only known when it runs."""
    values = table("terraform_runs")["options"]["values"]
    words = list(zip(command.argv[1:], command.beginnings[1:], strict=True))
    names = [word for word, _ in words]
    if "apply" not in names:
        return None
    skip = False
    for word, beginning in words[names.index("apply") + 1 :]:
        if skip:
            skip = False
        elif word is None and not beginning.startswith("-"):
            return "*"
        elif word is None or word.startswith("-"):
            skip = word in values
        elif word not in ("run-all", "--"):
            return word
    return None


def _has_folder(command: Command) -> bool:
    """Whether it applies the plans of a folder, as Terragrunt can for many roots."""
    return any(
        word.startswith(("--out-dir", "--terragrunt-out-dir")) for word in command.beginnings
    )


def _out(command: Command | None) -> str | None:
    """The file that a plan is written to; `*` for one that is only known when it runs."""
    if command is None:
        return None
    options = table("terraform_runs")["options"]["out"]
    words = list(zip(command.argv[1:], command.beginnings[1:], strict=True))
    for index, (word, beginning) in enumerate(words):
        name, equals, value = beginning.partition("=")
        if name not in options:
            continue
        if equals:
            return value if word is not None else "*"
        following = words[index + 1][0] if index + 1 < len(words) else None
        return following or "*"
    return None


def _same(written: str, applied: str) -> bool:
    return "*" in (written, applied) or posixpath.basename(written) == posixpath.basename(applied)


def _brings(moment: Moment) -> bool:
    brings = table("terraform_runs")["brings"]
    uses, command = moment.performed.step.uses, moment.command
    if command is None:
        return uses is not None and parse_use(uses).name.lower() in brings["actions"].split()
    return any(runs(command, words) for words in brings["commands"])


def _is_read(ctx: Context, performed: Performed, command: Command) -> bool:
    """Whether an apply stands before a command that reads outputs of a folder that is not here."""
    chosen = next((word for word in command.beginnings if word.startswith("-chdir")), "")
    folder = folder_of(ctx, performed, command)
    here = any(fnmatchcase(f.folder, folder) for f in ctx.project.entities("terraform-file"))
    later = all_commands_of(ctx, performed.step.id)
    ids = [each.id for each in later]
    after = later[ids.index(command.id) + 1 :] if command.id in ids else ()
    return (
        bool(chosen)
        and not here
        and any(
            each.tool == command.tool and "output" in each.words and chosen in each.beginnings
            for each in after
        )
    )


def _remote(ctx: Context, performed: Performed, command: Command) -> Evidence | None:
    """The block that lets HCP Terraform plan and apply, in the folder that is applied."""
    folder = folder_of(ctx, performed, command)
    for file in ctx.project.entities("terraform-file"):
        if not fnmatchcase(file.folder, folder):
            continue
        for block in (block for block in file.blocks if block.type == "terraform"):
            for inner in (*block.body.all("cloud"), *block.body.all("backend")):
                if inner.type == "cloud" or inner.labels[:1] == ("remote",):
                    return Evidence(inner.header, "the run takes place in HCP Terraform")
    return None


def _at(moment: Moment, message: str) -> Evidence:
    step = moment.performed.step
    if moment.command:
        return Evidence(moment.command.location, message)
    return Evidence(step.uses.location if step.uses else step.location, message)


def approves_itself(command: Command) -> bool:
    """Whether an apply asks nobody."""
    return any(word.lstrip("-").startswith("auto-approve") for word in command.beginnings)
