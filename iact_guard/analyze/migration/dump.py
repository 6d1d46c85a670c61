"""Migrations with their facts, in the shape of the JSON contract."""

from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.effect import Effect, OldCode
from iact_guard.analyze.migration.history.labels import plain
from iact_guard.analyze.migration.replay import effect, replay
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Migration, MigrationName, Operation


def migrations(ctx: Context) -> list[dict[str, Any]]:
    """Every migration in the order of execution, those that are not executed last.

    Plain values; the texts in them are as they stand in the files, for the caller to redact.
    """
    found = replay(ctx, ctx.project.entities("repository")[0])
    everything: tuple[Migration, ...] = ctx.project.entities("migration")
    if found.state != "known":
        return [_migration(ctx, migration, migration.package, None) for migration in everything]
    graph = found.known.graph
    executed = {migration.id for migration in graph.order}
    ordered = [*graph.order, *(m for m in everything if m.id not in executed)]
    return [_migration(ctx, m, plain(graph.label[m.id]), graph.replaced.get(m.id)) for m in ordered]


def _migration(
    ctx: Context, migration: Migration, app: str, instead: Migration | None
) -> dict[str, Any]:
    return {
        "path": migration.path,
        "app": app,
        "name": migration.name,
        "atomic": migration.atomic,
        "dependencies": [_dependency(name) for name in migration.dependencies],
        "run_before": [_dependency(name) for name in migration.run_before],
        "replaces": [_dependency(name) for name in migration.replaces],
        "replaced_by": instead.name if instead else None,
        "unread": [
            {"part": part.part, "reason": part.reason, "line": part.location.line}
            for part in migration.unread
        ],
        "operations": [_operation(ctx, operation) for operation in migration.operations],
    }


def _dependency(name: MigrationName) -> list[str]:
    return [name.swappable or name.app, name.name]


def _operation(ctx: Context, operation: Operation) -> dict[str, Any]:
    found = effect(ctx, operation)
    known = found.state == "known"
    what = found.known if known else Effect()
    row: dict[str, Any] = {
        "kind": operation.kind,
        "line": operation.location.line,
        "table": what.table,
        "sql": list(what.sql),
        "locks": {table: list(modes) for table, modes in what.locks.items()},
        "impact": what.impact if known else "unknown",
        "old_code": _old_code(what.old_code if known else None),
        "reversible": what.way_back.possible if known else None,
        "released": what.released,
        "reason": operation.reason or what.reason or found.reason or None,
        "evidence": [_evidence(item) for item in what.evidence],
    }
    if operation.kind == "SeparateDatabaseAndState":
        row["database_operations"] = [_operation(ctx, inner) for inner in operation.database]
    if operation.state:
        row["state_operations"] = [_operation(ctx, inner) for inner in operation.state]
    return row


def _old_code(found: OldCode | None) -> dict[str, str]:
    kinds = ("insert", "select", "update", "delete")
    return {kind: getattr(found, kind) if found else "unknown" for kind in kinds}


def _evidence(item: Evidence) -> dict[str, Any]:
    place = item.location
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "message": item.message,
    }
