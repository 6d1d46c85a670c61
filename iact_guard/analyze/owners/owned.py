"""Who must review a change of a file, by the owners file in force."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.owners.pattern import compiled
from iact_guard.model.fact import Fact, known, not_applicable, unknown
from iact_guard.model.owners import PLACES, IgnoredLine, OwnerRule, Owners
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository


@dataclass(frozen=True, slots=True)
class Ownership:
    """The owners of a file, and the line that decides it."""

    path: str
    rule: OwnerRule | None = None
    """The last one that matches; None where none does."""
    ignored: IgnoredLine | None = None
    """A line that would give it owners, after the rule, if GitHub did not skip it."""

    @property
    def owners(self) -> tuple[str, ...]:
        """Users, teams and addresses as written."""
        return tuple(owner.text for owner in self.rule.owners) if self.rule else ()


@fact("repository.owners_in_force")
def owners_in_force(ctx: Context, repository: Repository) -> Fact[Owners]:
    """The first owners file that GitHub finds; the others have no effect."""
    path = next((place for place in PLACES if place in ctx.project.discovery.files), None)
    if path is None:
        return not_applicable("there is no CODEOWNERS")
    found = next((file for file in ctx.project.entities("owners") if file.path == path), None)
    if found is None:
        return unknown(f"{path} could not be read")
    return known(found)


def owner_of(ctx: Context, path: str) -> Fact[Ownership]:
    """Who owns a file: the last rule that matches decides, also one without owners."""
    (repository,) = ctx.project.entities("repository")
    file = owners_in_force(ctx, repository)
    if file.state == "unknown":
        return unknown(file.reason)
    return known(ownership(file.value, path) if file.value else Ownership(path))


def ownership(owners: Owners, path: str) -> Ownership:
    """Who owns a file by an owners file."""
    rule = next((rule for rule in reversed(owners.rules) if _speaks_of(rule, path)), None)
    line = rule.line if rule else 0
    ignored = next(
        (
            ignored
            for ignored in reversed(owners.ignored)
            if ignored.rule.line > line and _speaks_of(ignored.rule, path)
        ),
        None,
    )
    return Ownership(path, rule, ignored)


def _speaks_of(rule: OwnerRule, path: str) -> bool:
    return compiled(rule.pattern.text).matches(path)
