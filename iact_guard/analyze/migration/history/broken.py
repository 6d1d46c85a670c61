"""What makes Django refuse to run any migration: ends that rival, dependencies that are not there.

A file of the folder that could not be read may be what is looked for: then nothing is certain.
"""

import difflib
import posixpath

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.migration.history.graph import graph
from iact_guard.analyze.migration.history.labels import plain
from iact_guard.analyze.migration.history.released import Released
from iact_guard.model.fact import Fact, known, not_applicable, unknown
from iact_guard.model.location import Evidence, Location
from iact_guard.model.migration import Migration, MigrationName
from iact_guard.model.records import dataclass

_CONTRIB = frozenset({
    "admin", "auth", "contenttypes", "flatpages", "redirects", "sessions", "sites",
})  # fmt: skip
"""Apps of Django's own: one of the repository may only look as if it were called so."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A migration that another one names, and its app lacks."""

    name: MigrationName
    similar: str
    """One that the app has; empty where none looks alike."""


@fact("migration.missing_dependencies")
def missing(ctx: Context, migration: Migration) -> Fact[tuple[Missing, ...]]:
    """What a migration depends on (or must run before) of an app of the repository, in vain."""
    found = graph(ctx, ctx.project.entities("repository")[0]).known
    if migration.id in found.replaced:
        return not_applicable(f"{found.replaced[migration.id].name} is executed instead")
    gone = []
    for name in found.missing.get(migration.id, ()):
        every: tuple[Migration, ...] = ctx.project.entities("migration")
        members = [other for other in every if plain(found.label[other.id]) == name.app]
        folders = {posixpath.dirname(other.path) for other in members}
        files = (f"{folder}/{name.name}{end}" for folder in folders for end in (".py", ""))
        if name.app in _CONTRIB or any(_is_there(ctx, file) for file in files):
            continue
        names = [other.name for other in members]
        gone.append(Missing(name, next(iter(difflib.get_close_matches(name.name, names, 1)), "")))
    return known(tuple(gone))


@fact("migration.rival_leaves")
def rivals(ctx: Context, migration: Migration) -> Fact[tuple[Migration, ...]]:
    """The other migrations that end the app, of the one that came last; of all others none."""
    found = graph(ctx, ctx.project.entities("repository")[0]).known
    if migration.id in found.replaced:
        return not_applicable(f"{found.replaced[migration.id].name} is executed instead")
    label = found.label[migration.id]
    leaves = found.leaves.get(label, [])
    if not leaves:
        return not_applicable("each of its app needs another one of it: they run in a circle")
    released = Released(ctx.project)
    last = max(leaves, key=lambda leaf: (not released.migration(leaf), leaf.name, leaf.id))
    if migration is not last or len(leaves) == 1:
        return known(())
    doubts = _doubts(ctx, posixpath.dirname(migration.path))
    members = [other for other in found.order if found.label[other.id] == label]
    for member in members:
        if found.missing.get(member.id):
            return not_applicable("what comes after what is not certain: a dependency is missing")
        doubts += [
            Evidence(part.location, f"`{part.part}` could not be read: {part.reason}")
            for part in member.unread
            if part.part in ("dependencies", "run_before", "replaces")
        ]
    doubts += [
        Evidence(leaf.location, "it needs no other migration of the app: it may be another app's")
        for leaf in leaves
        if not (leaf.initial or leaf.name.startswith("0001"))
        and all(found.label[need] != label for need in found.needs[leaf.id])
    ]
    if doubts:
        return unknown(doubts[0].message, tuple(doubts))
    return known(tuple(leaf for leaf in leaves if leaf is not migration))


def _is_there(ctx: Context, path: str) -> bool:
    """Whether there is a file or a package, also one that could not be read or is left out."""
    return ctx.project.exists(path) or path in ctx.project.discovery.excluded


def _doubts(ctx: Context, folder: str) -> list[Evidence]:
    """Files of a folder of which nothing is known."""
    inside = f"{folder}/"
    found = [
        Evidence(problem.location, "a migration beside it could not be read")
        for problem in ctx.project.problems
        if problem.location.path.startswith(inside)
    ]
    return found + [
        Evidence(Location(path), "a migration beside it is left out by the configuration")
        for path in ctx.project.discovery.excluded
        if path.startswith(inside) and path.endswith(".py")
    ]
