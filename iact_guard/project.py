"""A tree with its entities, each kind loaded wholly, once, on first access."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from iact_guard.discover import Discovery, discover, kind_of
from iact_guard.model.errors import UnreadableError, crash_place
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.repository import Repository
from iact_guard.model.source import Kind, Problem
from iact_guard.model.text_file import TextFile
from iact_guard.model.workflow import Action, Job, Step, Workflow
from iact_guard.redact import Redactor
from iact_guard.settings import Config
from iact_guard.syntax.text import Text, decode
from iact_guard.tree import Tree

if TYPE_CHECKING:  # a run on a workflow does without them
    from iact_guard.load.python_modules import Modules
    from iact_guard.load.script import Script
    from iact_guard.model.command import Command
    from iact_guard.model.migration import Migration, Operation
    from iact_guard.model.terraform import TerraformModule


class Entity(Protocol):
    """What every entity has."""

    @property
    def id(self) -> str:
        """Stable: it holds no line number."""

    @property
    def path(self) -> str:
        """The file that it stands in."""

    @property
    def location(self) -> Location:
        """Where it begins."""


E = TypeVar("E")
MAX_PROBLEMS = 100
"""Of one file, described one by one."""

# Files that are searched on their own, for secrets.
SEARCHED = (
    Kind.WORKFLOW,
    Kind.ACTION,
    Kind.TERRAFORM,
    Kind.TFVARS,
    Kind.MIGRATION,
    Kind.PYTHON,
    Kind.DOTENV,
)

# One file to entities: `load(source: Text) -> Loaded`, with `modules` for those in FOLLOWING.
LOADERS: dict[str, tuple[tuple[Kind, ...], str]] = {
    "workflow": ((Kind.WORKFLOW,), "iact_guard.load.workflow:load"),
    "action": ((Kind.ACTION,), "iact_guard.load.action:load"),
    "terraform-file": ((Kind.TERRAFORM,), "iact_guard.load.terraform:load"),
    "tfvars": ((Kind.TFVARS,), "iact_guard.load.tfvars:load"),
    "migration": ((Kind.MIGRATION,), "iact_guard.load.migration:load"),
    "owners": ((Kind.CODEOWNERS,), "iact_guard.load.codeowners:load"),
    "requirements": ((Kind.REQUIREMENTS,), "iact_guard.load.requirements:load"),
    "coverage-config": ((Kind.COVERAGE_CONFIG,), "iact_guard.load.coverage_config:load"),
}

# What is loaded with the modules that its files import from.
FOLLOWING = frozenset({"migration"})

# Entities within entities: `f(project) -> tuple of entities`.
DERIVED: dict[str, tuple[tuple[Kind, ...], str]] = {
    "repository": ((), "iact_guard.project:_repository"),
    "job": ((Kind.WORKFLOW,), "iact_guard.project:_jobs"),
    "step": ((Kind.WORKFLOW, Kind.ACTION), "iact_guard.project:_steps"),
    "script": ((Kind.WORKFLOW, Kind.ACTION), "iact_guard.project:_scripts"),
    "command": ((Kind.WORKFLOW, Kind.ACTION), "iact_guard.project:_commands"),
    "file": (SEARCHED, "iact_guard.project:_files"),
    "operation": ((Kind.MIGRATION,), "iact_guard.project:_operations"),
    "terraform-module": ((Kind.TERRAFORM, Kind.TFVARS), "iact_guard.project:_terraform_modules"),
}


def resolve(reference: str) -> Callable[..., Any]:
    """The function behind `module:function`, imported on use."""
    module, _, name = reference.partition(":")
    return cast(Callable[..., Any], getattr(import_module(module), name))


def kinds_behind(entity: str) -> tuple[Kind, ...]:
    """The kinds of file that entities of a kind are loaded from."""
    table = LOADERS | DERIVED
    return table[entity][0] if entity in table else ()


class Project:
    """Everything the analysis may ask of a repository. Reads lazily, remembers what failed."""

    def __init__(
        self,
        tree: Tree,
        config: Config | None = None,
        base: Tree | None = None,
        named: frozenset[str] = frozenset(),
        release: Tree | None = None,
    ) -> None:
        self.tree = tree
        self.named = named
        self.base_tree = base
        self.release_tree = release
        self.config = config or Config()
        self.redactor = Redactor()
        self.remarks: list[Problem] = []
        self._problems: dict[Problem, None] = {}
        self._texts: dict[str, Text] = {}
        self._entities: dict[str, tuple[Any, ...]] = {}

    @cached_property
    def discovery(self) -> Discovery:
        """Every file with its kind."""
        found = discover(self.tree, self.config.exclude, self.named)
        for problem in found.problems:
            self.note(problem)
        return found

    @cached_property
    def base(self) -> "Project | None":
        """The same repository at the base revision, with this configuration."""
        return Project(self.base_tree, self.config) if self.base_tree else None

    @cached_property
    def release(self) -> "Project | None":
        """The same repository as it was released last, with this configuration."""
        return Project(self.release_tree, self.config) if self.release_tree else None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read so far, in order of discovery."""
        return tuple(self._problems)

    def note(self, problem: Problem) -> None:
        """Remember something that could not be read or computed, once."""
        self._problems.setdefault(problem)

    def text(self, path: str) -> Text:
        """A decoded file, kept; UnreadableError where it is none, or discovery did not list it."""
        if path not in self._texts:
            if path not in self.discovery.files:
                raise UnreadableError(Location(path), "no such file")
            self._texts[path] = decode(path, self.tree.read(path))
        return self._texts[path]

    def mentions(self, path: str, text: str) -> bool:
        """Whether a file holds an ASCII text; UnreadableError where it cannot be read."""
        known = self._texts.get(path)
        return text in known.text if known else text.encode() in self.tree.read(path)

    def kind(self, path: str) -> Kind:
        """The kind of a file, by its path."""
        return kind_of(path)

    def exists(self, path: str) -> bool:
        """Whether a file or a folder of that path is in the tree."""
        files = self.discovery.files
        return path in files or path.rstrip("/") in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        found = {""}
        for path in self.discovery.files:
            while "/" in path:
                path = path.rpartition("/")[0]
                if path in found:
                    break
                found.add(path)
        return frozenset(found)

    def entities(self, kind: str) -> tuple[Any, ...]:
        """All entities of a kind, in order of their files."""
        if kind not in self._entities:
            if kind in LOADERS:
                kinds, _ = LOADERS[kind]
                paths = self.discovery.paths(*kinds)
                # Without a file of the kind its loader need not be imported.
                self._entities[kind] = tuple(self._load(paths, self._loader(kind))) if paths else ()
            else:
                self._entities[kind] = tuple(resolve(DERIVED[kind][1])(self))
        return self._entities[kind]

    def _loader(self, kind: str) -> Callable[[Text], Loaded[Any]]:
        load = resolve(LOADERS[kind][1])
        if kind not in FOLLOWING:
            return load
        return partial(load, modules=self.modules)

    @cached_property
    def modules(self) -> "Modules":
        """The Python of the repository, as migrations import it."""
        from iact_guard.load.python_modules import Modules

        return Modules(self)

    def load_everything(self) -> None:
        """Load every kind, so that each file is accounted for."""
        for kind in LOADERS:
            self.entities(kind)

    def _load(self, paths: Iterable[str], load: Callable[[Text], Loaded[E]]) -> Iterable[E]:
        for path in paths:
            try:
                loaded = load(self.text(path))
            except UnreadableError as error:
                self.note(Problem(error.location, error.reason, remedy=error.remedy))
                continue
            except (RecursionError, MemoryError) as error:
                reason = f"too large or too deeply nested to be read ({type(error).__name__})"
                self.note(Problem(Location(path), reason))
                continue
            except Exception as error:  # noqa: BLE001  # one file must not cost the others
                reason = f"the file could not be loaded: {crash_place(error)}"
                self.note(Problem(Location(path), reason, rule="IG003"))
                continue
            for problem in _bounded(path, loaded.problems):
                self.note(problem)
            self.remarks += loaded.remarks
            yield from loaded.entities

    @cached_property
    def by_id(self) -> dict[str, Any]:
        """Workflows, actions, jobs and steps by their id."""
        kinds = ("workflow", "action", "job", "step")
        return {entity.id: entity for kind in kinds for entity in self.entities(kind)}

    @property
    def workflows(self) -> tuple[Workflow, ...]:
        """The workflows."""
        return self.entities("workflow")

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions that the repository defines."""
        return self.entities("action")

    def workflow_of(self, job: Job) -> Workflow:
        """The workflow of a job."""
        return cast(Workflow, self.by_id[job.workflow])

    @cached_property
    def executed(self) -> "dict[str, Workflow | Action]":
        """Workflows, then actions, by path."""
        workflows = {workflow.path: workflow for workflow in self.workflows}
        return workflows | {action.path: action for action in self.actions}

    def file_of(self, step: str) -> Workflow | Action:
        """The workflow or action of a step, by the step's id."""
        return self.executed[self.by_id[step].path]

    def scripts(self, path: str) -> "tuple[Script, ...]":
        """The scripts of a workflow or action."""
        from iact_guard.load.script import scripts

        file = self.executed[path]
        if isinstance(file, Workflow):
            return scripts((step, job, file) for job in file.jobs for step in job.steps)
        return scripts((step, None, None) for step in file.steps)


def _bounded(path: str, problems: tuple[Problem, ...]) -> Iterable[Problem]:
    """The first problems of a file; thousands of them say no more."""
    yield from problems[:MAX_PROBLEMS]
    if (more := len(problems) - MAX_PROBLEMS) > 0:
        yield Problem(Location(path), f"and {more} more places of this file cannot be read")


def _repository(project: Project) -> tuple[Repository, ...]:
    return (Repository(),)


def _files(project: Project) -> tuple[TextFile, ...]:
    sources = (source for source in project.discovery.sources if source.kind in SEARCHED)
    return tuple(TextFile(f"file:{source.path}", source.path, source.kind) for source in sources)


def _jobs(project: Project) -> tuple[Job, ...]:
    return tuple(job for workflow in project.workflows for job in workflow.jobs)


def _steps(project: Project) -> tuple[Step, ...]:
    return tuple(step for file in project.executed.values() for step in file.steps)


def _scripts(project: Project) -> "tuple[Script, ...]":
    return tuple(script for path in project.executed for script in project.scripts(path))


def _commands(project: Project) -> "tuple[Command, ...]":
    from iact_guard.load.script import commands

    return commands(project.entities("script"))


def _operations(project: Project) -> "tuple[Operation, ...]":
    migrations: tuple[Migration, ...] = project.entities("migration")
    return tuple(operation for m in migrations for operation in m.every_operation)


def _terraform_modules(project: Project) -> "tuple[TerraformModule, ...]":
    files, variables = project.entities("terraform-file"), project.entities("tfvars")
    paths = project.discovery.paths(Kind.TERRAFORM, Kind.TFVARS)
    modules = resolve("iact_guard.load.terraform_module:modules")
    return cast("tuple[TerraformModule, ...]", modules(files, variables, paths))
