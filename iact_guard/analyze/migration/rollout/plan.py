"""The plan of what is not released: each migration and operation, in order, with its phase."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.migration.databases.engine import engine
from iact_guard.analyze.migration.effect import Effect
from iact_guard.analyze.migration.history.graph import Graph, graph
from iact_guard.analyze.migration.history.labels import plain
from iact_guard.analyze.migration.history.released import Released
from iact_guard.analyze.migration.replay import effect
from iact_guard.analyze.migration.rollout.commands import after, back, before, early
from iact_guard.analyze.migration.rollout.pending import Pending, ancestors
from iact_guard.analyze.migration.rollout.phase import EITHER, Timing, joined, of_operation
from iact_guard.model.fact import Fact, known
from iact_guard.model.migration import Migration, Operation
from iact_guard.model.plan import Plan, PlannedMigration, PlannedOperation
from iact_guard.model.repository import Repository


@fact("repository.migration_plan")
def plan(ctx: Context, repository: Repository) -> Fact[Plan]:
    """What the base lacks; without a base all migrations."""
    found = graph(ctx, repository).known
    released = Released(ctx.project)
    pending = [
        Pending(migration, EITHER, new=False)
        if released.migration(migration)
        else Pending(migration, _phase(ctx, migration), new=True)
        for migration in found.order
        if not _is_old(released, migration)
    ]
    first = early(found, pending)
    held = [each for each in pending if each.timing.phase in ("after", "with")]
    database = engine(ctx.project.config.database)
    version = ".".join(map(str, database.version))
    migrations = tuple(
        _migration(ctx, found, each, held, database.transactional) for each in pending
    )
    return known(
        Plan(
            engine=f"{database.name} {version}",
            migrations=migrations,
            before=tuple(before(found, pending, first)),
            after=tuple(after(found, pending, first)),
            stopped=any(each.timing.phase == "with" for each in pending),
            back=tuple(back(ctx, found, pending)),
        )
    )


def _is_old(released: Released, migration: Migration) -> bool:
    """Whether the base has a migration, and each of its operations as it is now."""
    return released.migration(migration) and all(
        released.operation(migration, operation) for operation in migration.every_operation
    )


def _phase(ctx: Context, migration: Migration) -> Timing:
    return joined(_operation_phase(ctx, operation) for operation in migration.operations)


def _operation_phase(ctx: Context, operation: Operation) -> Timing:
    found = effect(ctx, operation)
    if found.state != "known":
        return Timing("unknown", found.reason)
    return EITHER if found.known.released else of_operation(found.known)


def _migration(
    ctx: Context, graph: Graph, pending: Pending, held: list[Pending], transactional: bool
) -> PlannedMigration:
    migration = pending.migration
    timing = pending.timing
    return PlannedMigration(
        app=plain(graph.label[migration.id]),
        name=migration.name,
        path=migration.path,
        location=migration.location,
        transaction=transactional and migration.atomic is not False,
        phase=timing.phase,
        phase_reason=timing.reason,
        operations=tuple(_operation(ctx, operation) for operation in migration.operations),
        edited=not pending.new,
        waits_for=tuple(_held_up(graph, pending, held)),
    )


def _held_up(graph: Graph, pending: Pending, held: list[Pending]) -> Iterator[str]:
    """What must run before a migration that must run before the code, and may not run yet."""
    if pending.timing.phase == "before" and held:
        above = ancestors(graph, pending.migration)
        for other in held:
            if other.migration.id in above:
                yield f"{plain(graph.label[other.migration.id])}.{other.migration.name}"


def _operation(ctx: Context, operation: Operation) -> PlannedOperation:
    found = effect(ctx, operation)
    what = found.known if found.state == "known" else Effect()
    timing = _operation_phase(ctx, operation)
    costs = [outcome.cost for outcome in what.outcomes]
    old = what.old_code
    states = {kind: getattr(old, kind) for kind in ("insert", "select", "update", "delete")}
    return PlannedOperation(
        kind=operation.kind,
        location=operation.location,
        table=what.table or "",
        sql=what.sql,
        locks=what.locks,
        impact=what.impact if found.state == "known" else "unknown",
        old_code=states if found.state == "known" else dict.fromkeys(states, "unknown"),
        phase=timing.phase,
        phase_reason=timing.reason,
        reversible=what.way_back.possible if found.state == "known" else None,
        no_way_back=what.way_back.reason,
        loses=tuple(dict.fromkeys(cost.loses for cost in costs if cost.loses)),
        may_fail=tuple(dict.fromkeys(cost.may_fail for cost in costs if cost.may_fail)),
        reason=operation.reason or what.reason or found.reason,
        released=what.released,
    )
