"""Rules on branches and tags that the repository declares for itself, and what they prove.

What is in force is the union of all sources. A rule proves nothing where somebody may bypass it,
where it only reports, or where what it says is computed: each such reason is a doubt.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.rules.declared import (
    doubts_of,
    first_block,
    flag,
    github_resources,
    texts,
)
from iact_guard.analyze.owners.pattern import Pattern
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.value import Value

if TYPE_CHECKING:  # without Terraform nothing of it is asked
    from iact_guard.analyze.terraform.instances import Instance, Nested

DEFAULT = "~DEFAULT_BRANCH"
ALL = "~ALL"
_USUAL = frozenset({"main", "master"})


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check that must have passed on a commit."""

    context: str
    app: str
    """The app that must report it, as written; empty where any may."""
    location: Location


@dataclass(frozen=True, slots=True)
class Reviews:
    """What a rule asks of reviewers."""

    count: int | None = 0
    """Approvals; None where they are asked for and their number is computed."""
    code_owners: bool | None = False
    last_push: bool | None = False
    doubts: tuple[Evidence, ...] = ()
    """Why they may not hold for everybody."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one resource asks of the refs that it names."""

    source: str
    """The resource's address."""
    location: Location
    target: str
    """`branch`, `tag`, `push`; empty where it is computed."""
    patterns: tuple[str, ...]
    excluded: tuple[str, ...]
    all_patterns: bool
    """Whether every pattern is known."""
    checks: tuple[RequiredCheck, ...] = ()
    strict: bool | None = False
    """Whether a branch must be up to date before it is merged."""
    reviews: Reviews = Reviews()
    merge_queue: bool = False
    scanners: tuple[str, ...] = ()
    """Tools whose code scanning results are required."""
    doubts: tuple[Evidence, ...] = ()
    """Why the checks may not hold for everybody."""

    def concerns(self, ctx: Context, name: str, target: str = "branch") -> bool | None:
        """Whether it speaks of a branch or a tag; None where that cannot be told."""
        if self.target and self.target != target:
            return False
        excluded = [_matches(ctx, pattern, name, target) for pattern in self.excluded]
        if True in excluded:
            return False
        included = [_matches(ctx, pattern, name, target) for pattern in self.patterns]
        if not self.target or None in excluded:
            return None
        if True in included:
            return True
        return False if self.all_patterns and None not in included else None


@fact("repository.declared_rules")
def declared_rules(ctx: Context, repository: Repository) -> Fact[tuple[Rule, ...]]:
    """Every rule on branches and tags that Terraform declares, those that are off left out."""
    found = []
    for declared in github_resources(ctx, repository).known:
        instance = declared.instance
        if instance.type in ("github_branch_protection", "github_branch_protection_v3"):
            found.append(_classic(ctx, instance))
        elif instance.type == "github_repository_ruleset":
            found += _ruleset(ctx, instance)
    return known(tuple(found))


@fact("repository.default_branch")
def default_branch(ctx: Context, repository: Repository) -> Fact[str]:
    """The default branch, where Terraform sets it."""
    for declared in github_resources(ctx, repository).known:
        if declared.instance.type == "github_branch_default":
            value = declared.instance.attribute("branch")
            if value.text:
                return known(value.text, evidence=value.trail)
    return unknown("the repository does not say which branch is its default one")


def rules_on(ctx: Context, name: str, target: str = "branch") -> tuple[Rule, ...]:
    """The rules that speak of a branch or a tag, or may do so."""
    (repository,) = ctx.project.entities("repository")
    rules = declared_rules(ctx, repository).known
    return tuple(rule for rule in rules if rule.concerns(ctx, name, target) is not False)


def is_default(ctx: Context, name: str) -> bool | None:
    """Whether a branch is the default one; by its name where nothing declares it."""
    (repository,) = ctx.project.entities("repository")
    declared = default_branch(ctx, repository)
    if declared.state == "known":
        return declared.known == name
    return True if name in _USUAL else None


def _matches(ctx: Context, pattern: str, name: str, target: str) -> bool | None:
    if pattern == ALL:
        return True
    if pattern == DEFAULT:
        return is_default(ctx, name) if target == "branch" else False
    prefix = "refs/heads/" if target == "branch" else "refs/tags/"
    return ref_matches(pattern.removeprefix(prefix), name)


def ref_matches(pattern: str, name: str) -> bool | None:
    """Whether a pattern of branch protection means a branch: `*` stops at a slash, `**/` does not.

    None for character ranges and alternatives, which are not worked out.
    """
    if set("[]{}\\") & set(pattern):
        return None
    *folders, last = pattern.split("/")
    # Only a whole `**` before a slash stands for folders.
    segments = (*folders, "*" if last == "**" else last)
    return Pattern(segments, below=False, exact=True).matches(name)


def _classic(ctx: Context, instance: "Instance") -> Rule:
    name = instance.attribute("pattern")
    name = instance.attribute("branch") if name.nothing else name
    doubts = list(doubts_of(ctx, instance))
    checks: tuple[RequiredCheck, ...] = ()
    strict: bool | None = False
    if block := first_block(instance, "required_status_checks"):
        checks, complete = _classic_checks(block)
        strict = flag(block.attribute("strict"))
        doubts += _incomplete(block, checks, complete)
    admins = flag(instance.attribute("enforce_admins"))
    if admins is not True:
        word = "is not set" if admins is False else "is computed"
        message = f"enforce_admins {word}: administrators need no check"
        doubts.append(Evidence(instance.location, message))
    reviews = first_block(instance, "required_pull_request_reviews")
    return Rule(
        instance.address,
        instance.location,
        "branch",
        (name.text,) if name.text else (),
        (),
        name.text is not None,
        checks,
        strict,
        _reviews(reviews, "require_code_owner_reviews", (*doubts, *_bypassers(reviews))),
        doubts=tuple(doubts),
    )


def _classic_checks(block: "Nested") -> tuple[tuple[RequiredCheck, ...], bool]:
    found: list[RequiredCheck] = []
    complete = True
    for attribute in ("contexts", "checks"):
        value = block.attribute(attribute)
        names, whole = texts(value)
        complete &= whole
        place = value.trail[0].location if value.trail else block.location
        for name in names:
            context, _, app = name.rpartition(":")
            by_app = attribute == "checks" and context and app.lstrip("-").isdigit()
            found.append(RequiredCheck(context if by_app else name, app if by_app else "", place))
    return tuple(found), complete


def _bypassers(reviews: "Nested | None") -> Iterator[Evidence]:
    if reviews is None:
        return
    listed = not reviews.attribute("pull_request_bypassers").nothing
    if listed or reviews.blocks("bypass_pull_request_allowances"):
        yield Evidence(reviews.location, "somebody may merge without a review")


def _ruleset(ctx: Context, instance: "Instance") -> Iterator[Rule]:
    enforcement = instance.attribute("enforcement")
    rules = first_block(instance, "rules")
    if enforcement.text in ("disabled", "evaluate") or rules is None:
        return  # `evaluate` reports and stops nobody
    doubts = list(doubts_of(ctx, instance))
    if enforcement.text != "active":
        doubts.append(Evidence(instance.location, "its enforcement is computed"))
    actors = instance.blocks("bypass_actors")
    doubts += [Evidence(actor.location, "this actor may bypass it") for actor in actors]
    names = [
        nested
        for conditions in instance.blocks("conditions")
        for nested in conditions.blocks("ref_name")
    ]
    included = [texts(name.attribute("include")) for name in names]
    excluded = [texts(name.attribute("exclude")) for name in names]
    checks: tuple[RequiredCheck, ...] = ()
    strict: bool | None = False
    if block := first_block(rules, "required_status_checks"):
        checks, complete = _ruleset_checks(block)
        strict = flag(block.attribute("strict_required_status_checks_policy"))
        doubts += _incomplete(block, checks, complete)
    reviews = _reviews(
        first_block(rules, "pull_request"), "require_code_owner_review", tuple(doubts)
    )
    yield Rule(
        instance.address,
        instance.location,
        instance.attribute("target").text or "",
        tuple(text for found, _ in included for text in found),
        tuple(text for found, _ in excluded for text in found),
        all(whole for _, whole in (*included, *excluded)),
        checks,
        strict,
        reviews,
        bool(rules.blocks("merge_queue")),
        tuple(_scanners(rules)),
        tuple(doubts),
    )


def _ruleset_checks(block: "Nested") -> tuple[tuple[RequiredCheck, ...], bool]:
    found: list[RequiredCheck] = []
    complete = True
    for check in block.blocks("required_check"):
        context, app = check.attribute("context"), check.attribute("integration_id")
        complete &= context.text is not None and not check.reason
        if context.text is not None:
            app_id = "" if app.nothing or app.content in (0, "0") else _shown(app)
            found.append(RequiredCheck(context.text, app_id, check.location))
    return tuple(found), complete


def _shown(value: Value) -> str:
    return str(value.content) if value.state == "known" else "computed"


def _incomplete(
    block: "Nested", checks: tuple[RequiredCheck, ...], complete: bool
) -> Iterator[Evidence]:
    if block.reason:
        yield Evidence(block.location, block.reason)
    if not complete:
        yield Evidence(block.location, "which checks are required is computed")
    elif not checks:
        yield Evidence(block.location, "no check is required, so that a change merges at once")


def _scanners(rules: "Nested") -> Iterator[str]:
    for scanning in rules.blocks("required_code_scanning"):
        for tool in scanning.blocks("required_code_scanning_tool"):
            if text := tool.attribute("tool").text:
                yield text


def _reviews(block: "Nested | None", owners: str, doubts: tuple[Evidence, ...]) -> Reviews:
    if block is None:
        return Reviews()
    count = block.attribute("required_approving_review_count")
    number: int | None = 0
    if not count.nothing:
        number = int(count.content) if isinstance(count.content, int | float) else None
    return Reviews(
        number,
        flag(block.attribute(owners)),
        flag(block.attribute("require_last_push_approval")),
        doubts,
    )
