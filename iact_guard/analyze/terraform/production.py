"""Which environment a root, or one of its instances, belongs to."""

import fnmatch
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.terraform.instances import Instance
from iact_guard.analyze.terraform.references import references
from iact_guard.analyze.terraform.roots import Root, role
from iact_guard.analyze.terraform.tags import tags_of
from iact_guard.model import hcl
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.terraform import TerraformModule
from iact_guard.model.value import Value

VARIABLES = ("environment", "env", "stage", "environment_name", "env_name", "target_env")
_TAGS = ("environment", "env", "stage")
_WORD = regex(r"[a-z0-9]+")
_OTHERS = frozenset(
    {"dev", "develop", "development", "staging", "stage", "stg", "test", "testing", "qa", "uat"}
    | {"preview", "previews", "sandbox", "demo", "nonprod", "nonproduction", "preprod"}
    | {"preproduction", "ci", "local", "lab", "poc", "integration", "review", "nightly"}
)


@dataclass(frozen=True, slots=True)
class Environment:
    """`production`, or the name of another one."""

    name: str

    @property
    def production(self) -> bool:
        """Whether users depend on it."""
        return self.name == "production"


def classify(text: str, patterns: tuple[str, ...]) -> Environment | None:
    """What a name says: `acme-prod-eu` is production, `pre-prod` another one, `products` none."""
    words = _WORD.findall(text.lower())
    for before, word in zip(["", *words], words, strict=False):
        if word in _OTHERS:
            return Environment(word)
        # `prod*` is meant for prod, prod2, production: not for products and producers.
        goods = word.startswith(("produc", "prodi")) and not word.startswith("production")
        if not goods and any(fnmatch.fnmatchcase(word, pattern.lower()) for pattern in patterns):
            return Environment(
                f"{before}{word}" if before in ("non", "pre", "not") else "production"
            )
    whole = text.lower()
    if any("*" not in p and p.lower() == whole for p in patterns):
        return Environment("production")
    return None


def _patterns(ctx: Context) -> tuple[str, ...]:
    setting = ctx.project.config.environments.get("production")
    return setting.names if setting else ()


@fact("root.environment")
def environment_of(ctx: Context, root: Root) -> Fact[Environment]:
    """The environment of a root: by configuration, path, variables, or as the only one."""
    patterns = _patterns(ctx)
    folder = root.definition.folder
    for name, setting in ctx.project.config.environments.items():
        roots = [entry.rstrip("/") for entry in setting.roots]
        if any(folder == entry or folder.startswith(f"{entry}/") for entry in roots):
            return known(Environment(name), f"the configuration says so of {folder}")
    if root.chosen:
        found = classify(root.chosen.name, patterns)
        if found:
            place = Evidence(root.chosen.location, f"{root.chosen.path} is for {found.name}")
            return known(found, "its variables file says so", (place,))
    for part in reversed(folder.split("/")):
        found = classify(part, patterns)
        if found:
            return known(found, f"its path says so: {folder}")
    return _by_values(ctx, root, patterns)


def _by_values(ctx: Context, root: Root, patterns: tuple[str, ...]) -> Fact[Environment]:
    declared = root.module.names("variable")
    for name in VARIABLES:
        if name not in declared:
            continue
        value = root.module.variable(name)
        if value.state == "unknown":
            return unknown(f"which environment it is hangs on var.{name}", value.trail)
        found = classify(value.text or "", patterns)
        if found:
            return known(found, f"its variable {name} says so", value.trail)
    if _uses_workspace(root.definition):
        return unknown("which environment it is hangs on terraform.workspace")
    if not any(
        module is not root.definition and role(ctx, module).known == "root"
        for module in ctx.project.entities("terraform-module")
    ):
        return known(Environment("production"), "it is the only root of the repository")
    return unknown(
        "nothing says which environment it is: name its folder in environments.production.roots, "
        "or give it a variable `environment`"
    )


def _uses_workspace(module: TerraformModule) -> bool:
    body = hcl.Body(blocks=module.blocks)
    return any(
        isinstance(node, hcl.Traversal)
        and isinstance(node.root, hcl.Variable)
        and node.root.name == "terraform"
        for node in references(body)
    )


def environment_of_instance(ctx: Context, root: Root, instance: Instance) -> Fact[Environment]:
    """The environment of one resource: what its tags, arguments and names say, else its root's."""
    patterns = _patterns(ctx)
    for value, what in _signs(instance):
        found = classify(value.text or "", patterns)
        if found:
            return known(found, what, value.trail)
    return environment_of(ctx, root)


def _signs(instance: Instance) -> Iterator[tuple[Value, str]]:
    merged = tags_of(instance).merged
    for key, value in merged.items():
        if key.lower() in _TAGS:
            yield value, f"its tag {key} says so"
    for module in instance.module.lineage():
        for name in VARIABLES:
            if module.parent and name in module.arguments:
                yield module.variable(name), f"its module's argument {name} says so"
    for attribute in ("identifier", "cluster_identifier", "name"):
        value = instance.attribute(attribute)
        if value.text:
            yield value, f"its {attribute} says so"
    for part in reversed(instance.address.split(".")):
        yield Value("known", part), f"its address says so: {instance.address}"
