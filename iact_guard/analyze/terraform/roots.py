"""Which folders are roots, and what each root comes to with its variables files."""

from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.terraform.calls import source_folder
from iact_guard.analyze.terraform.expressions import Budget
from iact_guard.analyze.terraform.instances import Instance
from iact_guard.analyze.terraform.modules import (
    ModuleInstance,
    World,
    root_arguments,
)
from iact_guard.analyze.terraform.terragrunt import governed
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.hcl import Block
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.terraform import TerraformModule, VariablesFile

Role = Literal["root", "child", "example"]
MAX_VARIANTS = 12
MAX_INSTANCES = 6000
"""In all plans of a root together."""
_EXAMPLES = frozenset({"example", "examples", "sample", "samples", "fixtures"})
_TESTS = frozenset({"test", "tests", "testing", "testdata"})


@dataclass(frozen=True, slots=True)
class Caller:
    """A call of a local module."""

    module: TerraformModule
    block: Block


@dataclass(frozen=True, eq=False)
class Root:
    """A root as it is planned: with the variables files that Terraform reads, and one chosen."""

    definition: TerraformModule
    module: ModuleInstance
    chosen: VariablesFile | None = None
    most: int = MAX_INSTANCES
    """How many instances are looked at."""

    @property
    def id(self) -> str:
        """The module's, with the variables file."""
        return f"{self.definition.id}#{self.chosen.path}" if self.chosen else self.definition.id

    @property
    def path(self) -> str:
        """The module's."""
        return self.definition.path

    @property
    def location(self) -> Location:
        """The module's."""
        return self.definition.location

    @cached_property
    def modules(self) -> tuple[ModuleInstance, ...]:
        """The root and every module that it calls."""
        return tuple(self.module.everything())

    @cached_property
    def instances(self) -> tuple[Instance, ...]:
        """Every resource and data source, in all modules, up to `most`."""
        return self._instances[: self.most]

    @cached_property
    def types(self) -> frozenset[str]:
        """The types of its instances."""
        return frozenset(instance.type for instance in self.instances)

    @cached_property
    def _instances(self) -> tuple[Instance, ...]:
        found = (instance for module in self.modules for instance in module.instances())
        return tuple(islice(found, self.most + 1))

    @cached_property
    def limits(self) -> tuple[Evidence, ...]:
        """The bounds of ours that leave instances out, each with the first place left out."""
        called = (called for module in self.modules for called in module.calls.values())
        found = [call.limit for calls in called for call in calls if call.limit]
        what = f"the analysis stops after {self.most} resources"
        found += (Evidence(more.location, what) for more in self._instances[self.most :])
        return _each_once(found)


def folders(ctx: Context) -> dict[str, TerraformModule]:
    """Every module by its folder."""
    return {module.folder: module for module in ctx.project.entities("terraform-module")}


@fact("repository.terraform_callers")
def callers(ctx: Context, repository: Repository) -> Fact[dict[str, tuple[Caller, ...]]]:
    """Who calls the module of a folder."""
    found: dict[str, list[Caller]] = {}
    for module in ctx.project.entities("terraform-module"):
        for block in module.of("module"):
            folder = source_folder(module.folder, block)
            if folder is not None and folder != module.folder:
                found.setdefault(folder, []).append(Caller(module, block))
    return known({folder: tuple(calls) for folder, calls in found.items()})


@fact("terraform-module.role")
def role(ctx: Context, module: TerraformModule) -> Fact[Role]:
    """`root`: it is applied; `child`: others use it; `example`: it shows how to."""
    if _is_example(module):
        return known("example", "its path says that it is an example or a test")
    (repository,) = ctx.project.entities("repository")
    calls = callers(ctx, repository).known.get(module.folder, ())
    serious = [call for call in calls if not _is_example(call.module)]
    if serious:
        first = serious[0]
        place = Evidence(first.block.header, f"{module.folder or '.'} is called here")
        return known("child", "another module calls it", (place,))
    if any(module.settings("backend")) or any(module.settings("cloud")):
        return known("root", "it configures its state")
    if calls or "modules" in module.folder.split("/"):
        return known("child", "it is a module for others")
    configured = any(block.body.attributes for block in module.of("provider"))
    if configured or module.automatic or module.chosen or _is_named(ctx, module):
        return known("root", "it configures a provider, or gives values to its variables")
    if any(module.of("output")) and any(not b.body.get("default") for b in module.of("variable")):
        return known("child", "it needs arguments, gives outputs and configures nothing")
    if not any(block.type in ("resource", "module") for block in module.blocks):
        return known("child", "it makes nothing")
    return known("root", "nothing calls it")


def _is_example(module: TerraformModule) -> bool:
    parts = module.folder.lower().split("/")
    words = {word for part in parts for word in part.replace("_", "-").split("-")}
    return bool(words & _EXAMPLES or _TESTS & set(parts))


def _is_named(ctx: Context, module: TerraformModule) -> bool:
    settings = ctx.project.config.environments.values()
    return any(module.folder == root.rstrip("/") for s in settings for root in s.roots)


@fact("terraform-module.plans")
def plans(ctx: Context, module: TerraformModule) -> Fact[tuple[Root, ...]]:
    """The root without a chosen variables file first, then one for each file that may be chosen."""
    if role(ctx, module).known != "root":
        return not_applicable(f"no root: {role(ctx, module).reason}")
    budget = Budget()
    chosen = variants(module)[:MAX_VARIANTS]
    most = MAX_INSTANCES // max(len(chosen), 1)
    return known(tuple(_plan(ctx, module, file, budget, most) for file in (None, *chosen)))


def variants(module: TerraformModule) -> tuple[VariablesFile, ...]:
    """The variables files that somebody may choose: those that set what the module declares."""
    declared = {block.labels[0] for block in module.of("variable") if block.labels}
    return tuple(
        file
        for file in module.chosen
        if not any(word in file.name.lower() for word in ("example", "sample", "template"))
        and any(value.name in declared for value in file.values)
    )


def _plan(
    ctx: Context,
    module: TerraformModule,
    chosen: VariablesFile | None,
    budget: Budget,
    most: int,
) -> Root:
    world = World(folders(ctx), budget, outside=governed(ctx, module))
    arguments = root_arguments(module, world, chosen.path if chosen else "")
    return Root(module, ModuleInstance(module, world, arguments), chosen, most)


def deployed(ctx: Context, module: TerraformModule) -> tuple[Root, ...]:
    """The plans that somebody applies: with a chosen file, where there are any."""
    fact = plans(ctx, module)
    found = fact.known if fact.state == "known" else ()
    return found[1:] or found


def left_out(ctx: Context, module: TerraformModule) -> tuple[Evidence, ...]:
    """The bounds of ours that keep a part of a root from being looked at, each once."""
    found = [limit for root in deployed(ctx, module) for limit in root.limits]
    what = f"the analysis stops after {MAX_VARIANTS} variables files"
    found += (Evidence(more.location, what) for more in variants(module)[MAX_VARIANTS:])
    return _each_once(found)


def _each_once(limits: Iterable[Evidence]) -> tuple[Evidence, ...]:
    first: dict[str, Evidence] = {}
    for limit in limits:
        first.setdefault(limit.message, limit)
    return tuple(first.values())
