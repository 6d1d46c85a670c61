"""Which commands bring a database forward, and back again."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.effect import WayBack
from iact_guard.analyze.migration.history.graph import Graph
from iact_guard.analyze.migration.history.labels import plain
from iact_guard.analyze.migration.replay import effect
from iact_guard.analyze.migration.rollout.pending import Pending, ancestors
from iact_guard.analyze.migration.steps import AddColumn, CreateTable
from iact_guard.model.migration import Migration
from iact_guard.model.plan import Command

_MIGRATE = "python manage.py migrate"


def early(graph: Graph, every: Sequence[Pending]) -> list[Pending]:
    """Those that hurt no old code, and need nothing that does; none where no new code needs one."""
    held: set[str] = set()
    found = []
    for each in (e for e in every if e.new):  # in the order of execution
        needs = graph.needs[each.migration.id]
        if each.timing.phase in ("before", "any") and held.isdisjoint(needs):
            found.append(each)
        else:
            held.add(each.migration.id)
    return found if any(each.timing.phase == "before" for each in found) else []


def before(graph: Graph, every: Sequence[Pending], early: Sequence[Pending]) -> Iterator[Command]:
    """What is run before the new code starts."""
    if early and len(early) == sum(each.new for each in every):
        yield Command(_MIGRATE, tuple(_name(graph, each.migration) for each in early))
        return
    left = {each.migration.id: each.migration for each in early}
    found: list[Command] = []
    for each in reversed(early):
        if each.migration.id in left:
            taken = {each.migration.id, *ancestors(graph, each.migration)}
            own = [m for id, m in left.items() if id in taken]
            left = {id: m for id, m in left.items() if id not in taken}
            names = tuple(_name(graph, migration) for migration in own)
            found.append(Command(_target(graph, each.migration), names))
    yield from reversed(found)


def after(graph: Graph, every: Sequence[Pending], early: Sequence[Pending]) -> Iterator[Command]:
    """What is left for the time when no old code runs."""
    done = {each.migration.id for each in early}
    late = [each.migration for each in every if each.new and each.migration.id not in done]
    if late:
        yield Command(_MIGRATE, tuple(_name(graph, migration) for migration in late))


def back(ctx: Context, graph: Graph, every: Sequence[Pending]) -> Iterator[Command]:
    """The last migration first; those of one app that follow one another in one command."""
    fresh = [each.migration for each in every if each.new]
    by_id = {migration.id: migration for migration in graph.order}
    for _, run in groupby(reversed(fresh), key=lambda migration: graph.label[migration.id]):
        undone = list(run)
        first = undone[-1]
        remarks = dict.fromkeys(r for migration in undone for r in _remarks(ctx, migration))
        names = tuple(_name(graph, migration) for migration in undone)
        yield Command(_target(graph, first, _before(graph, first, by_id)), names, tuple(remarks))


def _before(graph: Graph, migration: Migration, by_id: dict[str, Migration]) -> str:
    """The name of the migration of the same app that it follows; `zero` for the first."""
    label = graph.label[migration.id]
    own = [by_id[need].name for need in graph.needs[migration.id] if graph.label[need] == label]
    return max(own, default="zero")


def _target(graph: Graph, migration: Migration, name: str = "") -> str:
    return f"{_MIGRATE} {plain(graph.label[migration.id])} {name or migration.name}"


def _name(graph: Graph, migration: Migration) -> str:
    return f"{plain(graph.label[migration.id])}.{migration.name}"


def _remarks(ctx: Context, migration: Migration) -> Iterator[str]:
    """What stands in the way of taking a migration back, and what is lost by it."""
    for operation in reversed(migration.operations):
        found = effect(ctx, operation)
        what = f"`{operation.kind}` in {migration.name}, line {operation.location.line}"
        way = found.known.way_back if found.state == "known" else WayBack(None, found.reason)
        if way.possible is None:
            yield f"whether {what}, can be reversed is not known: {way.reason}"
        elif not way.possible:
            yield f"{what}, cannot be reversed ({way.reason}): all before it stays"
        else:
            for outcome in found.known.outcomes:
                if outcome.cost.loses:
                    yield f"{outcome.cost.loses}: lost by then, and not brought back"
            yield from _written(outcome.step for outcome in found.known.outcomes)


def _written(steps: Iterable[object]) -> Iterator[str]:
    for step in steps:
        match step:
            case CreateTable(table=table):
                yield f"what was written to {table} is lost"
            case AddColumn(table=table, column=column):
                yield f"what was written to {table}.{column.name} is lost"
