"""Resources of GitHub's Terraform provider: what a repository declares about its own settings."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iact_guard.analyze.context import Context, fact
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.value import Entries, Items, Value

if TYPE_CHECKING:  # without Terraform nothing of it is asked
    from iact_guard.analyze.terraform.instances import Instance, Nested

MAX_DECLARED = 500
"""Resources of one repository that are looked at."""
_TYPES = frozenset({
    "github_branch_default",
    "github_branch_protection",
    "github_branch_protection_v3",
    "github_repository_deployment_branch_policy",
    "github_repository_environment",
    "github_repository_environment_deployment_policy",
    "github_repository_ruleset",
})  # fmt: skip
_NAMES = ("repository", "repository_id")


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource, and the repository that it speaks of as far as that is written."""

    instance: "Instance"
    repository: str
    """Its name, or how the resource refers to it; empty where it is computed."""


@fact("repository.github_resources")
def github_resources(ctx: Context, repository: Repository) -> Fact[tuple[Declared, ...]]:
    """Every resource that declares protection, in order; of all roots and their variables files."""
    found: dict[tuple[str, str, str], Declared] = {}
    if _mentions(ctx):
        from iact_guard.analyze.terraform.roots import deployed

        for module in ctx.project.entities("terraform-module"):
            for root in deployed(ctx, module):
                chosen = root.chosen.path if root.chosen else ""
                names = _named(root.instances)
                for instance in root.instances:
                    if instance.type in _TYPES and not instance.data:
                        key = (root.definition.id, chosen, instance.address)
                        found[key] = Declared(instance, _repository_of(instance, names))
    return known(tuple(found.values())[:MAX_DECLARED])


def several_repositories(ctx: Context) -> bool:
    """Whether the Terraform speaks of more than one repository, so that it may not be this one."""
    (repository,) = ctx.project.entities("repository")
    return len({each.repository for each in github_resources(ctx, repository).known}) > 1


def doubts_of(ctx: Context, instance: "Instance") -> Iterator[Evidence]:
    """Why what a resource declares may not hold in this repository."""
    if instance.reason:
        yield Evidence(instance.location, instance.reason)
    if several_repositories(ctx):
        message = "the Terraform here speaks of several repositories, and this may be none of them"
        yield Evidence(instance.location, message)


def flag(value: Value) -> bool | None:
    """A boolean; what is not written is false, None what is computed."""
    if value.nothing:
        return False
    if value.content in (True, "true"):
        return True
    return False if value.content in (False, "false") else None


def texts(value: Value) -> tuple[tuple[str, ...], bool]:
    """The known strings of a list, and whether these are all of it."""
    if value.nothing:
        return (), True
    if not isinstance(value.content, Items):
        return (), False
    found = [each.text for each in value.content.values]
    return tuple(text for text in found if text is not None), None not in found


def count_of(value: Value) -> int | None:
    """How many elements a list has, known or not; None where even that is computed."""
    if value.nothing:
        return 0
    content = value.content
    if isinstance(content, Items):
        return len(content.values)
    return len(content.values) if isinstance(content, Entries) and not content.others else None


def first_block(nested: "Instance | Nested", type: str) -> "Nested | None":
    """The first nested block of a type."""
    return next(iter(nested.blocks(type)), None)


def _mentions(ctx: Context) -> bool:
    """Whether any file declares such a resource: evaluating Terraform costs more than looking."""
    return any(
        block.type == "resource" and block.labels and block.labels[0] in _TYPES
        for file in ctx.project.entities("terraform-file")
        for block in file.blocks
    )


def _named(instances: "tuple[Instance, ...]") -> dict[str, str]:
    """The names of the repositories that blocks without copies declare or look up."""
    found: dict[str, str] = {}
    for each in instances:
        if each.type == "github_repository":
            name = each.attribute("name").text or each.attribute("full_name").text
            if name:
                found[each.address] = name.rpartition("/")[2]
    return found


def _repository_of(instance: "Instance", repositories: dict[str, str]) -> str:
    from iact_guard.analyze.terraform.references import reference_text, references

    for name in _NAMES:
        value = instance.attribute(name)
        if value.text:
            return value.text.rpartition("/")[2]
        attribute = instance.block.body.get(name)
        if attribute:
            names = (reference_text(node) for node in references(attribute.expression))
            # `github_repository.web.node_id` and `.name` mean the same repository.
            block = next((name.rpartition(".")[0] for name in names), "")
            module = instance.address.removesuffix(f"{instance.type}.{instance.name}")
            return repositories.get(module + block, block)
    return ""
