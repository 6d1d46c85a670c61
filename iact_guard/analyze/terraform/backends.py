"""Where state is kept: what a backend promises about encryption and locks."""

from dataclasses import replace

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.terraform.instances import Nested
from iact_guard.analyze.terraform.modules import (
    ModuleInstance,
    World,
    root_arguments,
)
from iact_guard.analyze.terraform.references import reference_text, references
from iact_guard.analyze.terraform.roots import folders, role
from iact_guard.analyze.terraform.terragrunt import governed
from iact_guard.model import hcl
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.terraform import TerraformModule
from iact_guard.model.value import Value

# What a complete configuration names; without it the rest comes from `-backend-config`.
_REQUIRED = {"s3": ("bucket", "key"), "oss": ("bucket",), "cos": ("bucket",), "http": ("address",)}
_ENCRYPTED = frozenset({"gcs", "azurerm", "cloud", "remote"})
_LOCKED = frozenset({"gcs", "azurerm", "cloud", "remote", "consul", "kubernetes", "pg", "cos"})


@dataclass(frozen=True, slots=True)
class Promise:
    """Whether the state is protected in some way; None where the file does not tell."""

    kept: bool | None
    reason: str
    location: Location
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A name within a backend's configuration."""

    name: str
    attribute: str
    location: Location
    declared: Evidence | None


@dataclass(frozen=True, slots=True)
class Backend:
    """The `backend` or `cloud` block of a module."""

    type: str
    location: Location
    opentofu: bool
    references: tuple[Reference, ...]
    encryption: Promise
    locking: Promise


@fact("terraform-module.backend")
def backend(ctx: Context, module: TerraformModule) -> Fact[Backend]:
    """The backend of a module, wherever it stands."""
    for type in ("backend", "cloud"):
        for block in module.settings(type):
            outside = governed(ctx, module)
            world = World(folders(ctx), outside=outside)
            instance = ModuleInstance(module, world, root_arguments(module, world))
            return known(_backend(module, block, instance, outside))
    return not_applicable("it configures no backend")


def is_applied(ctx: Context, module: TerraformModule) -> bool:
    """Whether the module's backend is ever used: Terraform ignores those of child modules."""
    return role(ctx, module).known == "root"


def _backend(
    module: TerraformModule,
    block: hcl.Block,
    instance: ModuleInstance,
    outside: Evidence | None,
) -> Backend:
    type = block.labels[0] if block.type == "backend" and block.labels else block.type
    body = Nested(block.body, instance, block.header)
    return Backend(
        type,
        block.header,
        block.location.path.endswith(".tofu"),
        tuple(_references(module, block.body)),
        _unless(outside, _encryption(type, body)),
        _unless(outside, _locking(type, body)),
    )


def _unless(outside: Evidence | None, promise: Promise) -> Promise:
    """What a file does not promise, Terragrunt may: it writes the backend anew."""
    if outside is None or promise.kept is not False:
        return promise
    reason = f"{promise.reason}; {outside.message}"
    return replace(promise, kept=None, reason=reason, evidence=(*promise.evidence, outside))


def _references(module: TerraformModule, body: hcl.Body) -> list[Reference]:
    found = []
    for attribute in body.attributes:
        for node in references(attribute.expression):
            name = reference_text(node)
            found.append(Reference(name, attribute.name, node.location, _declared(module, name)))
    for block in body.blocks:
        found += _references(module, block.body)
    return found


def _declared(module: TerraformModule, name: str) -> Evidence | None:
    kind, _, rest = name.partition(".")
    if kind == "var":
        for block in module.of("variable", rest.partition(".")[0]):
            return Evidence(block.header, f"{name} is declared here")
    if kind == "local":
        for attribute in module.locals():
            if attribute.name == rest.partition(".")[0]:
                return Evidence(attribute.name_location, f"{name} is set here")
    return None


def _missing(type: str, body: Nested) -> str:
    """`bucket and key come`, what `-backend-config` adds; empty where nothing is missing."""
    missing = [name for name in _REQUIRED.get(type, ()) if body.attribute(name).nothing]
    if not missing:
        return ""
    return f"{' and '.join(missing)} {'comes' if len(missing) == 1 else 'come'}"


def _encryption(type: str, body: Nested) -> Promise:
    if type in _ENCRYPTED:
        return Promise(True, f"{type} always encrypts", body.location)
    if type not in ("s3", "oss", "cos"):
        what = f"whether the state in {type} is encrypted is not written in its configuration"
        return Promise(None, what, body.location)
    return _flag(type, body, "encrypt")


def _flag(type: str, body: Nested, name: str) -> Promise:
    value = body.attribute(name)
    place = value.trail[0].location if value.trail else body.location
    if value.content is True or value.text == "true":
        return Promise(True, f"{name} is set", place, value.trail)
    if value.state == "known":
        return Promise(False, f"{name} is off for the state in {type}", place, value.trail)
    if value.state == "unknown":
        return Promise(None, f"{name} is not known: {value.reason}", place, value.trail)
    missing = _missing(type, body)
    if missing:
        reason = f"{missing} from elsewhere, so {name} may too: see -backend-config"
        return Promise(None, reason, body.location)
    return Promise(False, f"{name} is not set for the state in {type}", body.location)


def _locking(type: str, body: Nested) -> Promise:
    if type in _LOCKED:
        return Promise(True, f"{type} locks by itself", body.location)
    names = {
        "s3": ("use_lockfile", "dynamodb_table"),
        "oss": ("tablestore_table",),
        "http": ("lock_address",),
    }.get(type)
    if names is None:
        what = f"whether {type} locks is not written in its configuration"
        return Promise(None, what, body.location)
    values = {name: body.attribute(name) for name in names}
    return _any_of(type, body, values)


def _any_of(type: str, body: Nested, values: dict[str, Value]) -> Promise:
    for name, value in values.items():
        place = value.trail[0].location if value.trail else body.location
        if value.content is True or value.text not in (None, "", "false"):
            return Promise(True, f"{name} is set", place, value.trail)
    for name, value in values.items():
        if value.state == "unknown":
            place = value.trail[0].location if value.trail else body.location
            return Promise(None, f"{name} is not known: {value.reason}", place, value.trail)
    missing = _missing(type, body)
    names = " or ".join(values)
    if missing:
        reason = f"{missing} from elsewhere, so {names} may too: see -backend-config"
        return Promise(None, reason, body.location)
    written = [step for value in values.values() for step in value.trail]
    place = written[0].location if written else body.location
    what = f"two runs may write the state in {type} at the same time: {names} is not set"
    return Promise(False, what, place, tuple(written))
