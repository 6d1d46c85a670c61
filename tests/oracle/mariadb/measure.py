"""Run a case on MariaDB, statement by statement, and note what each needs."""

from typing import Any

from tests.oracle.case import APP, Case
from tests.oracle.fill import free
from tests.oracle.mariadb import statements
from tests.oracle.old_code import OldCode, value_of
from tests.oracle.truth import MigrationTruth, OperationTruth, worst

FEW = 10
"""Rows besides those that are kept free."""


class UnsuitedError(Exception):
    """A case of what only PostgreSQL has, or of rows that a function writes."""


def measure(connection: Any, case: Case) -> list[MigrationTruth]:
    """What each migration of the release does, as long as they succeed."""
    from django.db import DatabaseError, transaction
    from django.db.migrations.state import ProjectState

    migrations = [_load(name, text) for name, text in case.migrations]
    for migration in migrations:
        _refuse_unsuited(migration)
    _empty(connection)
    state = ProjectState()
    for migration in migrations[: case.base]:
        try:
            with connection.schema_editor(atomic=False) as editor:
                state = migration.apply(state, editor)
        except DatabaseError as error:
            raise UnsuitedError(str(error)) from error
    old = [m for m in state.clone().apps.get_models(include_auto_created=True) if _kept(m)]
    tables = {model._meta.db_table for model in old}
    with transaction.atomic():
        depths = _fill(old)
    queries = OldCode(connection, old, depths)
    found = []
    for migration in migrations[case.base :]:
        truth = MigrationTruth(migration.name)
        found.append(truth)
        for operation in migration.operations:
            state = _operation(connection, operation, state, tables, truth)
            if truth.failed:
                missing = len(migration.operations) - len(truth.operations)
                truth.operations += [OperationTruth() for _ in range(missing)]
                return found
            truth.old_code |= queries.broken()
    return found


def _operation(
    connection: Any, operation: Any, state: Any, tables: set[str], truth: MigrationTruth
) -> Any:
    after = state.clone()
    operation.state_forwards(APP, after)
    done = OperationTruth()
    truth.operations.append(done)
    impacts = []
    try:
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            operation.database_forwards(APP, editor, state, after)
        for sql in editor.collected_sql:
            if not sql.startswith("--"):
                with connection.cursor() as cursor:
                    impacts.append(statements.run(cursor, sql, tables))
    except Exception as error:  # noqa: BLE001  # whatever Django or the database say
        done.error = f"{type(error).__name__}: {error}".partition("\n")[0]
        impacts = ["fails"]
    done.impact = worst(impacts)
    return after


def _load(name: str, text: str) -> Any:
    namespace: dict[str, Any] = {"__name__": f"{APP}.migrations.{name}"}
    exec(compile(text, name, "exec"), namespace)  # written by `variants`
    return namespace["Migration"](name, APP)


def _refuse_unsuited(migration: Any) -> None:
    for operation in migration.operations:
        inner = getattr(operation, "database_operations", ())
        for one in (operation, *inner):
            foreign = type(one).__module__.startswith("django.contrib.postgres")
            if foreign or type(one).__name__ in ("RunPython", "RunSQL"):
                raise UnsuitedError(type(one).__name__)
            for part in (*vars(one).values(), *dict(getattr(one, "fields", ())).values()):
                if type(part).__module__.startswith("django.contrib.postgres"):
                    raise UnsuitedError(type(part).__name__)


def _kept(model: Any) -> bool:
    return bool(model._meta.managed) and not model._meta.proxy


def _empty(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE `{name}`")
        cursor.execute("SET FOREIGN_KEY_CHECKS = 1")


def _fill(models: list[Any]) -> dict[str, int]:
    """Rows for every table, and the depth of each as `fill` has it."""
    depths = {model: int(bool(_parents(model))) for model in models}
    for _ in models:
        for model in models:
            others = [depths[parent] for parent in _parents(model) - {model}]
            depths[model] = min(5, max([depths[model], *(other + 1 for other in others)]))
    last = free(5)[-1]
    for model in sorted(models, key=lambda m: depths[m]):
        for number in (*range(1, FEW), *range(free(depths[model])[0], last + 1)):
            own = [f for f in model._meta.local_concrete_fields if not _made(f)]
            row = model(**{f.attname: _value(f, number) for f in own})
            row.save_base(raw=True, force_insert=True)
    return {model._meta.db_table: depth for model, depth in depths.items()}


def _parents(model: Any) -> set[Any]:
    return {f.related_model for f in model._meta.local_concrete_fields if f.is_relation}


def _made(field: Any) -> bool:
    return bool(getattr(field, "generated", False))


def _value(field: Any, number: int) -> Any:
    if not field.is_relation:
        return value_of(field, number)
    return _value(field.target_field, number)
