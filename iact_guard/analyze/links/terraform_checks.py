"""Which roots of Terraform a pull request formats, validates, plans and scans."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.terraform_folders import folders_of, resolved
from iact_guard.analyze.shell.followed import all_commands_of, followed_of
from iact_guard.analyze.shell.matching import runs
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.analyze.workflow.triggers.change_runs import Run, runs_step, texts
from iact_guard.analyze.workflow.triggers.filters import lets_through
from iact_guard.data.tables import Row, rows, table
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.terraform import TerraformModule
from iact_guard.model.workflow import Job, Step
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

    def looks_at(self, module: TerraformModule) -> bool:
        """Whether it works in a module's folder, or may do so."""
        return self._below(module.folder)

    def starts_with(self, module: TerraformModule) -> bool:
        """Whether a change of a module starts it."""
        return _starts(self.run, module)

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
    # The service of pre-commit runs the hooks on pull requests, where it is installed.
    covers += [Cover(part, folder, deep, Run("perhaps")) for part, folder, deep in _hooks(ctx)]
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
    if row.get("says", "") not in command.text:
        return False
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
    if not _given(step, row):
        return
    path = step.input(row.get("path", ""))
    for folder in resolved(ctx, performed, path) if path else ("",):
        for part in row["parts"]:
            yield part, folder, bool(row.get("recursive"))


def _given(step: Step, row: Row) -> bool:
    """Whether the inputs of an action make it do what its row says."""
    exact = [(step.input(key), values) for key, values in row.get("with", {}).items()]
    if all(text and text.text.strip().lower() in values for text, values in exact):
        return True
    parts = [(step.input(key), part) for key, part in row.get("or", {}).items()]
    return any(text and part in text.text for text, part in parts)


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
    step, services = performed.step, table("terraform_checks")["services"]
    use = parse_use(step.uses) if step.uses else None
    if use and use.kind == "action" and _may_check(use.name):
        yield Evidence(use.location, "what this action does is not known")
    for each in followed_of(ctx, step).known.opaque:
        said = f"{each.what} {each.command.text} {step.name.text if step.name else ''}".lower()
        named = any(word in each.what.lower() for word in services["names"])
        if named or any(word in said for word in services["words"]):
            yield Evidence(each.command.location, f"{each.what}: {each.reason}")
    for command in all_commands_of(ctx, step.id):
        named = any(word in command.text for word in services["words"])
        if command.tool in services["runners"] and named:
            what = f"what {command.tool} runs there is not read"
            yield Evidence(command.location, what)


def _called(job: Job) -> Iterator[Evidence]:
    use = parse_use(job.uses) if job.uses else None
    if use and use.kind == "workflow" and _may_check(use.name):
        yield Evidence(use.location, "what this workflow of another repository does is not known")


def _may_check(name: str) -> bool:
    """Whether the name of an action or workflow says so, that of its repository aside."""
    last = name.lower().rpartition("/")[2]
    tables = table("terraform_checks")
    if name.lower() in tables["actions"] or "setup" in last:
        return False
    return any(word in last for word in tables["services"]["names"])


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
    modules = ctx.project.entities("terraform-module")
    if not modules:
        return known(())
    from iact_guard.analyze.terraform.roots import role

    for module in modules:
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
    from iact_guard.analyze.terraform.terragrunt import governed

    # Terragrunt works in the folder that says where the module lies.
    return None if states and governed(ctx, module) else False


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
