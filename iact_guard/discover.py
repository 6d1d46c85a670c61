"""From a tree to sources: which file is of which kind, by its path alone."""

import re
from collections.abc import Iterable
from functools import cached_property

from iact_guard.globs import matches, matching
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.source import SECRETS_ONLY, Kind, Problem, Source
from iact_guard.tree import Tree

# The first that matches decides. GitHub runs workflows of the root's own folder only.
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, regex(pattern, re.DOTALL))
    for kind, pattern in (
        (Kind.WORKFLOW, r"\.github/workflows/[^/]+\.ya?ml"),
        (Kind.ACTION, r"(.*/)?action\.ya?ml"),
        (Kind.CODEOWNERS, r"(\.github/|docs/)?CODEOWNERS"),
        (Kind.TERRAFORM, r".*\.(tf|tofu)"),
        (Kind.TFVARS, r".*\.tfvars"),
        (Kind.MIGRATION, r"(.*/)?migrations/(?!__init__\.py)[^/]+\.py"),
        (Kind.REQUIREMENTS, r"(.*/)?(requirements[^/]*|[^/]*[-_.]requirements)\.txt"),
        (Kind.REQUIREMENTS, r"(.*/)?requirements/[^/]+\.txt"),
        (
            Kind.COVERAGE_CONFIG,
            r"(.*/)?(\.coveragerc|setup\.cfg|tox\.ini|pytest\.ini|pyproject\.toml|package\.json"
            r"|\.nycrc(\.json)?|(jest|vitest|vite)\.config\.[cm]?[jt]s)",
        ),
        # The service reads it in these folders only: another repository's copy is a file like any.
        (Kind.COVERAGE_CONFIG, r"(\.github/|dev/)?\.?codecov\.ya?ml"),
        (Kind.DOTENV, r"(.*/)?\.env(\.[^/]+)?"),
        (Kind.PYTHON, r".*\.pyi?"),
    )
)


# `{{ cookiecutter.name }}/settings.py` is text to be filled in, whatever its name says.
_TEMPLATE = regex(r"(^|/)[^/]*(\{\{|\{%)[^/]*/")


def kind_of(path: str) -> Kind:
    """The kind of a file, `other` when no loader reads it."""
    if "{" in path and _TEMPLATE.search(path):
        return Kind.OTHER
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(path)), Kind.OTHER)


@dataclass(frozen=True)
class Discovery:
    """Every file of a tree with its kind, and what could not be looked at."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    excluded: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()

    @cached_property
    def _by_kind(self) -> dict[Kind, tuple[str, ...]]:
        found: dict[Kind, list[str]] = {}
        for source in self.sources:
            found.setdefault(source.kind, []).append(source.path)
        return {kind: tuple(paths) for kind, paths in found.items()}

    def paths(self, *kinds: Kind) -> tuple[str, ...]:
        """Paths of the kinds, in order."""
        return tuple(sorted(path for kind in kinds for path in self._by_kind.get(kind, ())))

    @cached_property
    def files(self) -> frozenset[str]:
        """Every path, for questions of existence."""
        return frozenset(source.path for source in self.sources)

    @property
    def has_something_to_check(self) -> bool:
        """Whether a loader reads any file, for more than secrets."""
        return any(kind not in SECRETS_ONLY and kind != Kind.OTHER for kind in self._by_kind)


def discover(
    tree: Tree, exclude: Iterable[str] = (), named: frozenset[str] = frozenset()
) -> Discovery:
    """List the tree and give each file its kind.

    `exclude` holds patterns of the configuration; `named` files count although git ignores them.
    """
    listing = tree.listing()
    patterns = tuple(exclude)
    files = sorted({*listing.files, *named})
    excluded = frozenset(matching(files, patterns))
    return Discovery(
        sources=tuple(Source(path, kind_of(path)) for path in files if path not in excluded),
        problems=tuple(p for p in listing.problems if not matches(p.location.path, patterns)),
        excluded=tuple(sorted(excluded)),
        nested=listing.nested,
    )
