"""What `init` finds in a repository."""

from pathlib import Path

from iact_guard import config as configuration
from iact_guard import vcs
from iact_guard.analyze.context import Context
from iact_guard.analyze.links.rules.protected_pulls import declared_branches
from iact_guard.analyze.terraform.production import environment_of
from iact_guard.analyze.terraform.roots import plans, role
from iact_guard.model.errors import VcsError
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.project import Project
from iact_guard.settings import Branches
from iact_guard.tree import DiskTree

_GITHUB = regex(r"[@/]github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
# Drivers of databases, as PyPI names them.
_DRIVERS = {
    "psycopg": "postgresql", "psycopg2": "postgresql", "psycopg2-binary": "postgresql",
    "mysqlclient": "mysql", "pymysql": "mysql",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Survey:
    """What is worth naming in a configuration."""

    branches: tuple[str, ...]
    """Those that changes go into: of the usual names, the default one, those Terraform protects."""
    apps: tuple[str, ...]
    """Folders of Django apps with migrations."""
    roots: tuple[str, ...]
    """Folders that Terraform is applied in."""
    production: tuple[str, ...]
    """Those of them that are production."""
    engine: str
    """The database of the driver among the requirements; empty where that is not plain."""
    slug: str
    """`owner/name` on github.com; empty elsewhere."""


def survey(root: Path) -> Survey:
    """Look at a root; GuardError where its configuration cannot be read."""
    tree = DiskTree(root)
    ctx = Context(Project(tree, configuration.load(tree)))
    roots = tuple(_terraform_roots(ctx))
    return Survey(
        branches=_branches(ctx, root),
        apps=tuple(sorted({each.package for each in ctx.project.entities("migration")})),
        roots=tuple(folder for folder, _ in roots),
        production=tuple(folder for folder, production in roots if production),
        engine=_engine(ctx),
        slug=_slug(root),
    )


def _branches(ctx: Context, root: Path) -> tuple[str, ...]:
    try:
        there, default = vcs.branches(root), vcs.default_branch(root)
    except VcsError:
        there, default = frozenset(), ""
    (repository,) = ctx.project.entities("repository")
    usual = [name for name in Branches().protected if name in there]
    named = [*([default] if default else []), *usual, *sorted(_declared(ctx, repository))]
    return tuple(dict.fromkeys(named)) or ("main",)


def _declared(ctx: Context, repository: Repository) -> frozenset[str]:
    fact = declared_branches(ctx, repository)
    return frozenset(fact.known if fact.state == "known" else ())


def _terraform_roots(ctx: Context) -> "list[tuple[str, bool]]":
    found = []
    for module in ctx.project.entities("terraform-module"):
        of = role(ctx, module)
        if of.state != "known" or of.known != "root":
            continue
        variants = plans(ctx, module)
        environments = [environment_of(ctx, root) for root in variants.value or ()]
        production = any(each.value and each.value.production for each in environments)
        found.append((module.folder or ".", production))
    return sorted(found)


def _engine(ctx: Context) -> str:
    files = ctx.project.entities("requirements")
    names = {each.name for file in files for each in file.requirements}
    engines = {_DRIVERS[name] for name in names if name in _DRIVERS}
    return engines.pop() if len(engines) == 1 else ""


def _slug(root: Path) -> str:
    try:
        found = _GITHUB.search(vcs.origin(root))
    except VcsError:
        return ""
    return found[1] if found else ""
