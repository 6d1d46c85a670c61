"""Which Django runs the migrations, as far as requirements and lock files tell.

    found = django_version(ctx, operation)         # or a migration
    if found.state == "known" and found.known.always(5, 0): ...

`always(5, 0)`: whatever is installed has what came with 5.0. `maybe(5, 0)`: it may have it; where
nothing is known, both must be assumed. `lowest` and `highest` are release series such as (4, 2).
"""

from collections import defaultdict
from functools import cache

from iact_guard.analyze.context import Context, fact
from iact_guard.load.dependencies import Asked, asked, is_asking
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Migration, Operation
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.syntax.versions import within

Series = tuple[int, int]
"""`(4, 2)`: every release 4.2.x."""

_PATCHES = 50
"""More than any series has had."""
_SERIES: tuple[Series, ...] = (
    *((1, minor) for minor in range(8, 12)),
    *((major, minor) for major in range(2, 10) for minor in range(3)),
)
"""Those of the past, and of the years to come: since 2.0 each major version has three."""
_HOLDS = frozenset({"requirement", "requirements", "reqs", "deps", "dependencies", "pip"})
"""Names of folders that hold requirement files of the folder above."""
_WEIGHT = {"lock": 2, "requirement": 1, "option": 0}


@dataclass(frozen=True, slots=True)
class DjangoVersion:
    """The release series that may be installed, in order; there is one at least."""

    series: tuple[Series, ...]

    @property
    def lowest(self) -> Series:
        """The oldest that may be installed."""
        return self.series[0]

    @property
    def highest(self) -> Series | None:
        """The newest that may be installed; None where nothing bounds it."""
        return None if self.series[-1] == _SERIES[-1] else self.series[-1]

    def always(self, major: int, minor: int) -> bool:
        """Whether it is this series or a later one in any case."""
        return self.lowest >= (major, minor)

    def maybe(self, major: int, minor: int) -> bool:
        """Whether it may be this series or a later one."""
        return self.series[-1] >= (major, minor)


ANY = DjangoVersion(_SERIES)
"""Where nothing is known."""


@fact("django.version")
def django_version(ctx: Context, entity: Migration | Operation) -> Fact[DjangoVersion]:
    """The Django that runs a migration: what the files nearest above it ask for.

    A lock file or a pinned requirement counts more than a range, a range more than an extra.
    """
    folders = _asking(ctx, ctx.project.entities("repository")[0]).known
    near = entity.path
    while near and near not in folders:
        near = near.rpartition("/")[0]
    files = folders.get(near) or [file for found in folders.values() for file in found]
    if not files:
        return unknown("no file of the repository asks for a version of Django")
    weight = max(_WEIGHT[each.how] for file in files for each in file)
    wanted = [[each for each in file if _WEIGHT[each.how] == weight] for file in files]
    wanted = [file for file in wanted if file]
    evidence = tuple(
        Evidence(each.location, f"asks for Django{each.specifier}")
        for file in wanted
        for each in file
    )
    allowed = [frozenset(s for each in file for s in _series(each.specifier)) for file in wanted]
    # Files of one environment narrow one another; those of several may each be the one.
    both = frozenset.intersection(*allowed) or frozenset.union(*allowed)
    if not both or len(both) == len(_SERIES):
        return unknown("what asks for Django does not say which version", evidence)
    return known(DjangoVersion(tuple(sorted(both))), evidence=evidence)


@fact("repository.asking_for_django")
def _asking(ctx: Context, repository: Repository) -> Fact[dict[str, list[tuple[Asked, ...]]]]:
    """What each file asks, by the folder that it speaks for."""
    found: dict[str, list[tuple[Asked, ...]]] = defaultdict(list)
    for path in sorted(filter(is_asking, ctx.project.discovery.files)):
        try:
            wants = asked(ctx.project.text(path), "django")
        except UnreadableError:
            continue  # whoever checks such files says so
        if wants:
            folder = path.rpartition("/")[0]
            above, _, name = folder.rpartition("/")
            found[above if name.lower() in _HOLDS else folder].append(wants)
    return known(dict(found))


@cache
def _series(specifier: str) -> tuple[Series, ...]:
    """The series of which some release lies within a specifier."""
    return tuple(
        (major, minor)
        for major, minor in _SERIES
        if any(within(f"{major}.{minor}.{patch}", specifier) for patch in range(_PATCHES))
    )
