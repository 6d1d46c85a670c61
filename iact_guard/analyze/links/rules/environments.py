"""Environments that the repository declares for itself: who must approve, and from where."""

from typing import TYPE_CHECKING

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.rules.declared import (
    count_of,
    doubts_of,
    first_block,
    flag,
    github_resources,
)
from iact_guard.analyze.links.rules.protection import ref_matches, rules_on
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.value import Value

if TYPE_CHECKING:  # without Terraform nothing of it is asked
    from iact_guard.analyze.terraform.instances import Instance

_POLICIES = (
    "github_repository_environment_deployment_policy",
    "github_repository_deployment_branch_policy",
)


@dataclass(frozen=True, slots=True)
class RefPolicy:
    """Branches or tags that may deploy to an environment."""

    branch: str | None
    """A pattern; None where the policy speaks of tags, or is computed."""
    tag: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class DeclaredEnvironment:
    """An environment with its rules, as Terraform sets it."""

    name: str | None
    """None where it is computed."""
    source: str
    location: Location
    reviewers: int | None
    """How many users and teams may approve, one of whom suffices; None where it is computed."""
    prevent_self_review: bool | None
    admins_may_bypass: bool | None
    protected_branches: bool | None
    """Only branches with protection may deploy."""
    custom_policies: bool | None
    """Only what `policies` name may deploy."""
    policies: tuple[RefPolicy, ...] = ()
    doubts: tuple[Evidence, ...] = ()


@fact("repository.declared_environments")
def declared_environments(
    ctx: Context, repository: Repository
) -> Fact[tuple[DeclaredEnvironment, ...]]:
    """Every environment that Terraform declares, in order."""
    resources = [each.instance for each in github_resources(ctx, repository).known]
    policies = [each for each in resources if each.type in _POLICIES]
    return known(
        tuple(
            _environment(ctx, each, policies)
            for each in resources
            if each.type == "github_repository_environment"
        )
    )


def environment_named(ctx: Context, name: str) -> tuple[DeclaredEnvironment, ...]:
    """The declarations of an environment; names are compared without case, as GitHub does."""
    (repository,) = ctx.project.entities("repository")
    every = declared_environments(ctx, repository).known
    return tuple(each for each in every if each.name and each.name.lower() == name.lower())


def lets_deploy(
    ctx: Context, environment: DeclaredEnvironment, name: str, target: str
) -> bool | None:
    """Whether a branch or a tag may deploy to an environment; None where that is not written."""
    if environment.protected_branches is None or environment.custom_policies is None:
        return None
    if environment.protected_branches:
        return _is_protected(ctx, name) if target == "branch" else False
    if not environment.custom_policies:
        return True
    answers: set[bool | None] = set()
    for policy in environment.policies:
        pattern = policy.branch if target == "branch" else policy.tag
        if policy.branch is None and policy.tag is None:
            answers.add(None)
        elif pattern is not None:
            answers.add(ref_matches(pattern, name))
    if True in answers:
        return True
    return None if None in answers else False


def _is_protected(ctx: Context, branch: str) -> bool | None:
    """What no resource protects, the settings may."""
    sure = any(rule.concerns(ctx, branch) and not rule.doubts for rule in rules_on(ctx, branch))
    return True if sure else None


def _environment(
    ctx: Context, instance: "Instance", policies: "list[Instance]"
) -> DeclaredEnvironment:
    name = instance.attribute("environment").text
    reviewers = [
        count_of(block.attribute(kind))
        for block in instance.blocks("reviewers")
        for kind in ("users", "teams")
    ]
    limits = first_block(instance, "deployment_branch_policy")
    admins = instance.attribute("can_admins_bypass")
    return DeclaredEnvironment(
        name,
        instance.address,
        instance.location,
        _sum(reviewers),
        flag(instance.attribute("prevent_self_review")),
        True if admins.nothing else flag(admins),
        flag(limits.attribute("protected_branches")) if limits else False,
        flag(limits.attribute("custom_branch_policies")) if limits else False,
        tuple(_policy(each) for each in policies if _is_for(each, name, instance)),
        tuple(doubts_of(ctx, instance)),
    )


def _sum(counts: list[int | None]) -> int | None:
    found = sum(count for count in counts if count)
    return None if found == 0 and None in counts else found


def _policy(instance: "Instance") -> RefPolicy:
    branch = instance.attribute("branch_pattern")
    branch = instance.attribute("name") if branch.nothing else branch
    return RefPolicy(branch.text, instance.attribute("tag_pattern").text, instance.location)


def _is_for(policy: "Instance", name: str | None, environment: "Instance") -> bool:
    wanted = policy.attribute("environment")
    wanted = policy.attribute("environment_name") if wanted.nothing else wanted
    return _names(wanted, name) or environment.address in _origins(policy)


def _names(value: Value, name: str | None) -> bool:
    return value.text is not None and value.text == name


def _origins(policy: "Instance") -> set[str]:
    """The resources that a policy's `environment` refers to."""
    from iact_guard.analyze.terraform.references import reference_text, references

    found = set()
    for name in ("environment", "environment_name"):
        if attribute := policy.block.body.get(name):
            for node in references(attribute.expression):
                found.add(".".join(reference_text(node).split(".")[:2]))
    return found
