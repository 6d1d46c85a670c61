"""Which roots of Terraform a pull request formats, validates, plans and scans."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.terraform_folders import folders_of, resolved
from iact_guard.analyze.shell.followed import all_commands_of, followed_of
from iact_guard.analyze.shell.matching import runs
from iact_guard.analyze.terraform.roots import role
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.change_runs import Run, runs_step, texts
from iact_guard.analyze.workflow.filters import lets_through
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.data.tables import Row, rows, table
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.repository import Repository
from iact_guard.model.terraform import TerraformModule
from iact_guard.model.workflow import Job
from iact_guard.syntax import yaml

Part = Literal["format", "validate", "plan", "scan"]
PARTS: tuple[Part, ...] = ("format", "validate", "plan", "scan")
_HOOKS = ".pre-commit-config.yaml"


@dataclass(frozen=True, slots=True)
class Cover:
    """Something that a pull request does to the Terraform of a folder."""

    part: Part
    folder: str
    """Empty for the root of the repository; `*` stands for what is only known when it runs."""
    recursive: bool
    run: Run

    def reaches(self, module: TerraformModule) -> bool | None:
        """Whether it does so to a module; None where only a run can tell."""
        if not self._below(module.folder) or not _starts(self.run, module):
            return False
        certain = "*" not in self.folder and self.run.state == "runs"
        return True if certain else None

    def _below(self, folder: str) -> bool:
        if self.recursive and (not self.folder or fnmatchcase(folder, f"{self.folder}/*")):
            return True
        return fnmatchcase(folder, self.folder)


def _starts(run: Run, module: TerraformModule) -> bool:
    """Whether a change of a module starts the workflow, by the paths of its triggers."""
    return not run.triggers or any(
        lets_through(texts(each.paths), texts(each.paths_ignore), (module.path,))
        for each in run.triggers
    )


@dataclass(frozen=True, slots=True)
class Checks:
    """All that pull requests do to Terraform."""

    covers: tuple[Cover, ...]
    perhaps: tuple[Evidence, ...]
    """What may do more, and is not followed."""


@fact("repository.terraform_checks")
def checks_of(ctx: Context, repository: Repository) -> Fact[Checks]:
    """What the workflows do on pull requests, hooks of pre-commit included."""
    covers: list[Cover] = []
    perhaps: list[Evidence] = []
    for job in ctx.project.entities("job"):
        work = work_of(ctx, job).known
        for performed in work.steps:
            found = list(_of_step(ctx, performed))
            opaque = list(_opaque(ctx, performed))
            if found or opaque:
                run = runs_step(ctx, job, performed)
                if run.state != "never":
                    covers += [Cover(part, folder, deep, run) for part, folder, deep in found]
                    perhaps += opaque
        perhaps += _called(job)
    return known(Checks(tuple(covers), tuple(perhaps)))


def _of_step(ctx: Context, performed: Performed) -> Iterator[tuple[Part, str, bool]]:
    if performed.step.uses:
        yield from _by_action(ctx, performed)
    for command in all_commands_of(ctx, performed.step.id):
        if command.tool in ("pre-commit", "prek"):
            yield from _hooks(ctx)
        for part in PARTS:
            for row in rows("terraform_checks", part).get(command.tool, ()):
                if runs(command, row["words"]) and _fits(command, row):
                    deep = _deep(command, row)
                    for folder in folders_of(ctx, performed, command, row):
                        yield part, folder, deep
                    break


def _fits(command: Command, row: Row) -> bool:
    wanted = tuple(row.get("with", ()))
    return not wanted or any(word.startswith(wanted) for word in command.beginnings)


def _deep(command: Command, row: Row) -> bool:
    wanted = row.get("recursive", False)
    if isinstance(wanted, bool):
        return wanted
    return any(word.startswith(tuple(wanted)) for word in command.beginnings)


def _by_action(ctx: Context, performed: Performed) -> Iterator[tuple[Part, str, bool]]:
    step = performed.step
    name = parse_use(step.uses).name.lower() if step.uses else ""
    if name == "pre-commit/action":
        yield from _hooks(ctx)
    row = table("terraform_checks")["actions"].get(name)
    if row is None:
        return
    for key, values in row.get("with", {}).items():
        given = step.input(key)
        if given is None or given.text.strip().lower() not in values:
            return
    path = step.input(row.get("path", ""))
    for folder in resolved(ctx, performed, path) if path else ("",):
        for part in row["parts"]:
            yield part, folder, bool(row.get("recursive"))


def _hooks(ctx: Context) -> Iterator[tuple[Part, str, bool]]:
    for part in _hook_parts(ctx, Repository()).known:
        yield part, "", True


@fact("repository.terraform_hooks")
def _hook_parts(ctx: Context, repository: Repository) -> Fact[tuple[Part, ...]]:
    if _HOOKS not in ctx.project.discovery.files:
        return known(())
    try:
        documents = yaml.parse(ctx.project.text(_HOOKS))
    except UnreadableError:
        return known(())
    data = yaml.plain(documents[0].root) if documents and documents[0].root else {}
    repos = data.get("repos") if isinstance(data, dict) else None
    hooks = table("terraform_checks")["hooks"]
    found: list[Part] = []
    for repo in repos if isinstance(repos, list) else ():
        listed = repo.get("hooks") if isinstance(repo, dict) else None
        for hook in listed if isinstance(listed, list) else ():
            name = str(hook.get("id")) if isinstance(hook, dict) else ""
            if name in hooks:
                found.append(hooks[name])
    return known(tuple(found))


def _opaque(ctx: Context, performed: Performed) -> Iterator[Evidence]:
    """What a step does that may look at Terraform, and cannot be followed."""
    step = performed.step
    if step.uses and _speaks(step.uses.text) and "setup" not in step.uses.text:
        name = parse_use(step.uses).name.lower()
        if (
            name not in table("terraform_checks")["actions"]
            and parse_use(step.uses).kind != "local"
        ):
            yield Evidence(step.uses.location, "what this action does is not known")
    for each in followed_of(ctx, step).known.opaque:
        if _speaks(f"{each.what} {each.command.text} {step.name.text if step.name else ''}"):
            yield Evidence(each.command.location, f"{each.what}: {each.reason}")


def _called(job: Job) -> Iterator[Evidence]:
    if job.uses and parse_use(job.uses).kind == "workflow" and _speaks(job.uses.text):
        yield Evidence(job.uses.location, "what this workflow of another repository does")


def _speaks(text: str) -> bool:
    return any(word in text.lower() for word in table("terraform_checks")["services"]["words"])


@dataclass(frozen=True, slots=True)
class Gap:
    """What no pull request does to a root."""

    module: TerraformModule
    missing: tuple[Part, ...]
    unclear: tuple[Part, ...]


@fact("repository.unchecked_roots")
def gaps_of(ctx: Context, repository: Repository) -> Fact[tuple[Gap, ...]]:
    """The roots that lack something, in order of their folders."""
    covers = checks_of(ctx, repository).known.covers
    found: list[Gap] = []
    for module in ctx.project.entities("terraform-module"):
        if role(ctx, module).known != "root":
            continue
        states = {part: _state(ctx, part, module, covers) for part in PARTS}
        missing = tuple(part for part, state in states.items() if state is False)
        unclear = tuple(part for part, state in states.items() if state is None)
        if missing or unclear:
            found.append(Gap(module, missing, unclear))
    return known(tuple(found))


def _state(
    ctx: Context, part: Part, module: TerraformModule, covers: tuple[Cover, ...]
) -> bool | None:
    """Whether a part is done to a root: a plan validates, and a service may plan."""
    wanted = (part, "plan") if part == "validate" else (part,)
    states = [cover.reaches(module) for cover in covers if cover.part in wanted]
    if True in states:
        return True
    if None in states or (part == "plan" and _planned_elsewhere(ctx, module)):
        return None
    return False


def _planned_elsewhere(ctx: Context, module: TerraformModule) -> bool:
    backends = module.settings("backend")
    if any(module.settings("cloud")) or any(b.labels[:1] == ("remote",) for b in backends):
        return True
    files = ctx.project.discovery.files
    return any(path in files for path in table("terraform_checks")["services"]["files"])


def other_system(ctx: Context) -> Evidence | None:
    """The configuration of another system that may check what no workflow checks."""
    for path in table("terraform_checks")["services"]["elsewhere"]:
        if path in ctx.project.discovery.files:
            return Evidence(Location(path, 1, 1, 1, 2), "another system runs what this says")
    return None
