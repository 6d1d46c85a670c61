"""What the replay could not work out of a migration, part by part."""

import posixpath
from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.migration.history.graph import Graph, graph
from iact_guard.analyze.migration.history.labels import plain
from iact_guard.analyze.migration.history.released import Released
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import Unclear, WriteRows
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.location import Evidence, Location
from iact_guard.model.migration import Migration, Operation
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that is not known, or (`certain`) cannot be."""

    message: str
    location: Location
    evidence: tuple[Evidence, ...] = ()
    anchor: str = ""
    """The entity id of the operation that it is about."""
    certain: bool = False
    """Nobody can work it out: Django refuses."""


@fact("migration.doubts")
def doubts(ctx: Context, migration: Migration) -> Fact[tuple[Doubt, ...]]:
    """All of them, in order of the file; of what the base has as well none."""
    found = graph(ctx, ctx.project.entities("repository")[0]).known
    if migration.id in found.replaced:
        return not_applicable(f"{found.replaced[migration.id].name} is executed instead")
    every = [*_cycles(found, migration), *_around(ctx, found, migration)]
    every += [
        Doubt(f"`{part.part}` cannot be read: {part.reason}", part.location)
        for part in migration.unread
        if part.part != "operations"  # told by an operation that stands for them
    ]
    for operation in migration.every_operation:
        every += _operation(ctx, operation)
    return known(tuple(every))


def _cycles(graph: Graph, migration: Migration) -> Iterator[Doubt]:
    """A cycle, told once, by its first migration."""
    for cycle in graph.cycles:
        if migration is min(cycle, key=lambda each: each.id):
            start = cycle.index(migration)
            walked = (*cycle[start:], *cycle[:start], migration)
            names = [f"{plain(graph.label[each.id])}.{each.name}" for each in walked]
            steps = pairwise(walked)
            yield Doubt(
                f"the order runs in a circle: {' needs '.join(names)}; `migrate` stops with"
                " CircularDependencyError before it does anything",
                migration.location,
                tuple(
                    Evidence(
                        graph.needs[one.id][other.id].location, f"{one.name} needs {other.name}"
                    )
                    for one, other in steps
                ),
                certain=True,
            )


def _around(ctx: Context, graph: Graph, migration: Migration) -> Iterator[Doubt]:
    """What is odd about its folder, told by the first migration in it that is new."""
    firsts = _firsts(ctx, ctx.project.entities("repository")[0]).known
    folder = posixpath.dirname(migration.path)
    if firsts[folder] != migration.id or Released(ctx.project).migration(migration):
        return
    if not ctx.project.exists(f"{folder}/__init__.py"):
        message = f"{folder} has no `__init__.py`: Django takes no migration of it"
        yield Doubt(message, migration.location)
    label = graph.label[migration.id]
    if label != plain(label):
        first = next(m for m in graph.order if graph.label[m.id] == plain(label))
        yield Doubt(
            f"{first.package} is called {plain(label)} too: Django takes one of them, and what the"
            " migrations of others mean by the name is taken to be the nearest",
            migration.location,
            (Evidence(first.location, f"a migration of the other {plain(label)}"),),
        )


@fact("repository.first_migrations")
def _firsts(ctx: Context, repository: Repository) -> Fact[dict[str, str]]:
    """The first migration of each folder that is executed, by entity id."""
    found: dict[str, str] = {}
    for migration in graph(ctx, repository).known.order:
        found.setdefault(posixpath.dirname(migration.path), migration.id)
    return known(found)


def _operation(ctx: Context, operation: Operation) -> Iterator[Doubt]:
    found = outcomes(ctx, operation)
    if found.state == "unknown":
        yield Doubt(found.reason, operation.location, found.evidence, operation.id)
    told: set[str] = set()
    for outcome in found.known if found.state == "known" else ():
        cost, step = outcome.cost, outcome.step
        if isinstance(step, WriteRows) or (isinstance(step, Unclear) and not step.schema):
            continue  # rows are no part of what later migrations rest on
        old = cost.old_code
        unsure = "unknown" in (cost.impact, old.insert, old.select, old.update, old.delete)
        reason = (step.reason if isinstance(step, Unclear) else cost.reason) or "it is not known"
        if (unsure or isinstance(step, Unclear)) and reason not in told:
            told.add(reason)
            yield Doubt(reason, operation.location, outcome.evidence, operation.id)
