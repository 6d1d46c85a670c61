"""A module with its arguments: what its variables, locals, outputs and references come to."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from iact_guard.analyze.terraform.calls import LazyArguments, passed_providers, source_folder
from iact_guard.analyze.terraform.conversion import UnresolvedError
from iact_guard.analyze.terraform.expressions import Bound, Budget, Scope, evaluate, walk
from iact_guard.analyze.terraform.instances import Instance, Turn, turns
from iact_guard.analyze.terraform.types import convert
from iact_guard.model import hcl
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.terraform import TerraformModule
from iact_guard.model.value import Items, Value, known, unknown

MAX_DEPTH = 5
MAX_MODULES = 300
_DURING = unknown("it depends on itself")


@dataclass(slots=True)
class World:
    """What all modules of one root share."""

    folders: Mapping[str, TerraformModule]
    budget: Budget = field(default_factory=Budget)
    modules: int = 0
    outside: Evidence | None = None
    """What gives variables to the root besides variables files."""


@dataclass(frozen=True, slots=True, eq=False)
class Provider:
    """A provider configuration and the module that it stands in."""

    block: hcl.Block
    module: "ModuleInstance"


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """One turn of a module call; `module` is None where its source is not in the repository."""

    turn: Turn
    module: "ModuleInstance | None"
    reason: str = ""
    limit: Evidence | None = None
    """The bound of ours, rather than the repository, that leaves the module out."""


class ModuleInstance:
    """One use of a module. Evaluates on demand, each name once."""

    def __init__(
        self,
        definition: TerraformModule,
        world: World,
        arguments: Mapping[str, Value],
        parent: "ModuleInstance | None" = None,
        prefix: str = "",
        passed: Mapping[str, str] | None = None,
    ) -> None:
        self.definition = definition
        self.world = world
        self.arguments = arguments
        self.parent = parent
        self.prefix = prefix
        self.passed = passed or {}
        self.depth: int = parent.depth + 1 if parent else 0
        self._memo: dict[tuple[str, str], Value] = {}
        self._turns: dict[tuple[str, ...], tuple[Turn, ...]] = {}
        world.modules += 1

    @property
    def budget(self) -> Budget:
        """What evaluation may still cost, in all modules of the root."""
        return self.world.budget

    @cached_property
    def _blocks(self) -> dict[tuple[str, ...], hcl.Block]:
        found: dict[tuple[str, ...], hcl.Block] = {}
        for block in self.definition.blocks:
            found.setdefault((block.type, *block.labels), block)
        return found

    @cached_property
    def _locals(self) -> dict[str, hcl.Attribute]:
        return {attribute.name: attribute for attribute in self.definition.locals()}

    # Names

    def resolve(self, name: str, steps: Sequence[hcl.Step]) -> tuple[Value, int]:
        """The value of a reference, and how many of its steps that took."""
        first = steps[0].name if steps and isinstance(steps[0], hcl.GetAttr) else ""
        match name:
            case "var":
                return self.variable(first), 1
            case "local":
                return self.local(first), 1
            case "module":
                return self._module(first, steps)
            case "data":
                second = (
                    steps[1].name if len(steps) > 1 and isinstance(steps[1], hcl.GetAttr) else ""
                )
                return self._resource(("data", first, second), steps, 2)
            case "path":
                return self._path(first), 1
            case "terraform":
                return unknown(f"terraform.{first} is known at run time only"), 1
            case "each" | "count" | "self" | "ephemeral":
                return unknown(f"{name}.{first} is known at run time only"), 1
        return self._resource(("resource", name, first), steps, 1)

    def _once(self, kind: str, name: str, compute: Callable[[], Value]) -> Value:
        key = (kind, name)
        if key not in self._memo:
            self._memo[key] = _DURING
            self._memo[key] = compute()
        return self._memo[key]

    def variable(self, name: str) -> Value:
        """An argument, a value of a variables file, or the default."""
        return self._once("var", name, lambda: self._variable(name))

    def _variable(self, name: str) -> Value:
        block = self._blocks.get(("variable", name))
        if block is None:
            return unknown(f"the variable {name} is not declared")
        given = self.arguments.get(name)
        default = block.body.get("default")
        if given is not None and given.state == "null" and default and not self._nullable(block):
            given = None
        if given is None:
            outside = None if self.parent else self.world.outside
            if outside is not None:
                return unknown(f"var.{name} may be given by {outside.location.path}").behind(
                    outside
                )
            if default is None:
                what = "is not given" if self.parent else "has no default and no value in a file"
                step = Evidence(block.header, f"variable {name} {what}")
                return unknown(f"var.{name} {what}").behind(step)
            given = evaluate(default.expression, self)
            given = given.behind(Evidence(default.location, f"default of the variable {name}"))
        type = block.body.get("type")
        return convert(given, type.expression) if type else given

    def _nullable(self, block: hcl.Block) -> bool:
        nullable = block.body.get("nullable")
        return not (nullable and evaluate(nullable.expression, self).content is False)

    def local(self, name: str) -> Value:
        """A local value."""
        return self._once("local", name, lambda: self._local(name))

    def _local(self, name: str) -> Value:
        attribute = self._locals.get(name)
        if attribute is None:
            return unknown(f"the local {name} is not declared")
        value = evaluate(attribute.expression, self)
        return value.behind(Evidence(attribute.location, f"local.{name}"))

    def output(self, name: str) -> Value:
        """An output."""
        return self._once("output", name, lambda: self._output(name))

    def _output(self, name: str) -> Value:
        block = self._blocks.get(("output", name))
        attribute = block.body.get("value") if block else None
        if attribute is None:
            return unknown(f"the output {name} is not declared")
        value = evaluate(attribute.expression, self)
        return value.behind(Evidence(attribute.location, f"output {name}"))

    def names(self, type: str) -> tuple[str, ...]:
        """The declared variables or outputs."""
        return tuple(dict.fromkeys(b.labels[0] for b in self.definition.of(type) if b.labels))

    def local_names(self) -> tuple[str, ...]:
        """The declared locals."""
        return tuple(self._locals)

    def _path(self, name: str) -> Value:
        here: ModuleInstance = self
        while name == "root" and here.parent:
            here = here.parent
        if name in ("module", "root"):
            return known(here.definition.folder if name == "module" else ".")
        return unknown(f"path.{name} is known at run time only")

    # Resources

    def _resource(
        self, key: tuple[str, str, str], steps: Sequence[hcl.Step], used: int
    ) -> tuple[Value, int]:
        block = self._blocks.get(key)
        name = ".".join(part for part in key if part and part != "resource")
        if block is None:
            return unknown(f"{name} is not declared"), len(steps)
        rest = steps[used:]
        if not rest:
            return unknown(f"{name} as a whole is known after apply only"), used
        first = rest[0]
        if isinstance(first, hcl.Splat):
            inner = [self._attribute(block, turn, first.each, name) for turn in self.turns(block)]
            if any(turn.reason for turn in self.turns(block)):
                return unknown(f"how many {name} there are is not known"), len(steps)
            return known(Items(tuple(inner))), used + 1
        if isinstance(first, hcl.GetIndex):
            turn = self._chosen(block, evaluate(first.key, self))
            if turn is None:
                return unknown(f"which {name} is meant is not known"), len(steps)
            return self._attribute(block, turn, rest[1:], name), len(steps)
        return self._attribute(block, Turn("", {}), rest, name), len(steps)

    def _chosen(self, block: hcl.Block, key: Value) -> Turn | None:
        wanted = _key(key)
        return next((turn for turn in self.turns(block) if turn.key == wanted), None)

    def _attribute(
        self, block: hcl.Block, turn: Turn, steps: Sequence[hcl.Step], name: str
    ) -> Value:
        """An attribute of a resource: what is written is what it will be; the rest is not known."""
        first = steps[0] if steps else None
        attribute = block.body.get(first.name) if isinstance(first, hcl.GetAttr) else None
        shown = f"{name}.{first.name}" if isinstance(first, hcl.GetAttr) else name
        if attribute is None:
            return unknown(f"{shown} is known after apply only").behind(
                Evidence(block.header, f"{shown} is known after apply only")
            )
        place = f"{attribute.location.line}:{attribute.location.column}"
        key = f"{block.location.path}:{place}{turn.key}"
        value = self._once("attribute", key, lambda: self._written(attribute, turn, shown))
        try:
            return walk(value, steps[1:], self)
        except UnresolvedError as error:
            return error.value

    def _written(self, attribute: hcl.Attribute, turn: Turn, shown: str) -> Value:
        value = evaluate(attribute.expression, Bound(self, turn.names) if turn.names else self)
        if value.state == "null":
            return unknown(f"{shown} is left to the provider")
        return value.behind(Evidence(attribute.location, shown))

    def turns(self, block: hcl.Block) -> tuple[Turn, ...]:
        """The turns of a resource or a call, worked out once."""
        key = (block.type, *block.labels)
        if key not in self._turns:
            self._turns[key] = (Turn("[*]", {}, "it depends on itself"),)
            self._turns[key] = tuple(turns(block.body, self))
        return self._turns[key]

    def instances(self) -> Iterator[Instance]:
        """Every resource and data source of this module, not of those that it calls."""
        for block in self.definition.blocks:
            if block.type not in ("resource", "data") or len(block.labels) != 2:
                continue
            type, name = block.labels
            data = "data." if block.type == "data" else ""
            for turn in self.turns(block):
                scope: Scope = Bound(self, turn.names) if turn.names else self
                address = f"{self.prefix}{data}{type}.{name}{turn.key}"
                yield Instance(address, type, name, bool(data), block, self, scope, turn.reason)

    # Modules

    @cached_property
    def calls(self) -> dict[str, tuple[Called, ...]]:
        """What each module call comes to."""
        return {
            block.labels[0]: tuple(self._called(block, turn) for turn in self.turns(block))
            for block in self.definition.of("module")
            if block.labels
        }

    def _called(self, block: hcl.Block, turn: Turn) -> Called:
        name = block.labels[0]
        folder = source_folder(self.definition.folder, block)
        if folder is None:
            return Called(turn, None, f"module.{name} comes from outside of the repository")
        definition = self.world.folders.get(folder)
        if definition is None:
            return Called(turn, None, f"there is no module in {folder or '.'}")
        if any(definition is module.definition for module in self.lineage()):
            return Called(turn, None, f"module.{name} calls itself")
        for many, most, what in (
            (self.depth, MAX_DEPTH, "modules within each other"),
            (self.world.modules, MAX_MODULES, "module calls"),
        ):
            if many >= most:
                limit = Evidence(block.header, f"the analysis stops after {most} {what}")
                return Called(turn, None, f"module.{name}: {limit.message}", limit)
        scope: Scope = Bound(self, turn.names) if turn.names else self
        arguments = LazyArguments(block, scope)
        prefix = f"{self.prefix}module.{name}{turn.key}."
        module = ModuleInstance(
            definition, self.world, arguments, self, prefix, passed_providers(block)
        )
        return Called(turn, module)

    def _module(self, name: str, steps: Sequence[hcl.Step]) -> tuple[Value, int]:
        block = self._blocks.get(("module", name))
        if block is None:
            return unknown(f"module.{name} is not declared"), len(steps)
        calls = self.calls.get(name, ())
        match steps[1:2]:
            case [hcl.GetAttr() as attribute]:
                single = next((call for call in calls if call.turn.key == ""), None)
                return _output_of(single, name, attribute.name), 2
            case [hcl.GetIndex() as key]:
                wanted = _key(evaluate(key.key, self))
                chosen = next((call for call in calls if call.turn.key == wanted), None)
                if chosen and len(steps) > 2 and isinstance(steps[2], hcl.GetAttr):
                    return _output_of(chosen, name, steps[2].name), 3
                return unknown(f"which module.{name} is meant is not known"), len(steps)
            case [hcl.Splat(each=[hcl.GetAttr() as attribute, *rest])]:
                if any(call.turn.reason for call in calls):
                    return unknown(f"how many module.{name} there are is not known"), len(steps)
                values = (_output_of(call, name, attribute.name) for call in calls)
                return known(Items(tuple(walk(value, rest, self) for value in values))), 2
        return unknown(f"module.{name} as a whole is not followed"), len(steps)

    def lineage(self) -> Iterator["ModuleInstance"]:
        """Itself, and the modules that call it, the root last."""
        module: ModuleInstance | None = self
        while module:
            yield module
            module = module.parent

    def everything(self) -> Iterator["ModuleInstance"]:
        """Itself, and all that it calls."""
        yield self
        for calls in self.calls.values():
            for call in calls:
                if call.module:
                    yield from call.module.everything()

    # Providers

    @cached_property
    def _providers(self) -> dict[str, Provider]:
        found: dict[str, Provider] = {}
        for block in self.definition.of("provider"):
            alias = block.body.get("alias")
            name = block.labels[0] if block.labels else ""
            if alias:
                name += f".{evaluate(alias.expression, self).text or ''}"
            found.setdefault(name, Provider(block, self))
        return found

    def provider(self, key: str) -> Provider | None:
        """The configuration behind `aws` or `aws.alias`: its own, a passed one, or inherited."""
        if key in self._providers:
            return self._providers[key]
        if self.parent is None:
            return None
        if key in self.passed:
            return self.parent.provider(self.passed[key])
        return self.parent.provider(key) if "." not in key else None


def _key(value: Value) -> str:
    if isinstance(value.content, bool) or value.content is None:
        return "?"
    if isinstance(value.content, int):
        return f"[{value.content}]"
    return f"[{json.dumps(value.text, ensure_ascii=False)}]" if value.text is not None else "?"


def _output_of(call: Called | None, name: str, output: str) -> Value:
    if call is None:
        return unknown(f"which module.{name} is meant is not known")
    return call.module.output(output) if call.module else unknown(call.reason)


def root_arguments(module: TerraformModule, world: World, chosen: str = "") -> dict[str, Value]:
    """What the variables files give to a root; later files win."""
    scope = ModuleInstance(module, world, {})
    files = [*module.automatic, *(file for file in module.chosen if file.path == chosen)]
    return {
        attribute.name: evaluate(attribute.expression, scope).behind(
            Evidence(attribute.location, f"{attribute.name} is set in {file.path}")
        )
        for file in files
        for attribute in file.values
    }
