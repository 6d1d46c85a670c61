"""Run a case on MariaDB, statement by statement, and note what each needs."""

from typing import Any

from tests.oracle.case import APP, Case
from tests.oracle.mariadb import statements
from tests.oracle.old_code import OldCode, value_of
from tests.oracle.truth import MigrationTruth, OperationTruth, worst

ROWS = 40


class UnsuitedError(Exception):
    """A case of what only PostgreSQL has, or of rows that a function writes."""


def measure(connection: Any, case: Case) -> list[MigrationTruth]:
    """What each migration of the release does, as long as they succeed."""
    from django.db import transaction
    from django.db.migrations.state import ProjectState

    migrations = [_load(name, text) for name, text in case.migrations]
    for migration in migrations:
        _refuse_unsuited(migration)
    _empty(connection)
    state = ProjectState()
    for migration in migrations[: case.base]:
        with connection.schema_editor(atomic=False) as editor:
            state = migration.apply(state, editor)
    old = [m for m in state.clone().apps.get_models(include_auto_created=True) if _kept(m)]
    tables = {model._meta.db_table for model in old}
    with transaction.atomic():
        _fill(old)
    queries = OldCode(connection, old)
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


def _fill(models: list[Any]) -> None:
    """Rows for every table, those that others refer to first, each with more than it is used."""
    waiting = list(models)
    keys: dict[Any, list[Any]] = {}
    while waiting:
        ready = [m for m in waiting if not (_parents(m) - {m} - set(keys))] or waiting[:1]
        for model in ready:
            waiting.remove(model)
            own = [f for f in model._meta.local_concrete_fields if not _made(f)]
            rows = ROWS - 10 * len(_parents(model) - {model})
            made = []
            for number in range(1, rows + 1):
                values = {f.attname: _value(f, number, keys) for f in own}
                made.append(model(**values))
            for row in made:
                row.save_base(raw=True, force_insert=True)
            keys[model] = [row.pk for row in made]


def _parents(model: Any) -> set[Any]:
    return {f.related_model for f in model._meta.local_concrete_fields if f.is_relation}


def _made(field: Any) -> bool:
    return bool(getattr(field, "generated", False))


def _value(field: Any, number: int, keys: dict[Any, list[Any]]) -> Any:
    if not field.is_relation:
        return value_of(field, number)
    found = keys.get(field.related_model)
    return found[number - 1] if found else None
