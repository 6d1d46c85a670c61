"""Run a case with Django's executor on filled tables, and note what the database shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.oracle.case import APP, Case
from tests.oracle.fill import fill
from tests.oracle.impact import operation_truth
from tests.oracle.old_code import OldCode
from tests.oracle.probe import Probe, Seen
from tests.oracle.truth import MigrationTruth


class Oracle:
    """A database to try migrations on. `database` is Django's description of it."""

    def __init__(self, database: dict[str, Any]) -> None:
        import django
        from django.conf import settings
        from django.db import connections

        if not settings.configured:
            settings.configure(
                DATABASES={"default": database},
                USE_TZ=True,
                DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            )
            django.setup()
        import psycopg

        connections.settings["default"].update(database)
        self.connection = connections["default"]
        self.connection.ensure_connection()
        self.raw = self.connection.connection.cursor()
        # Nothing is kept, and nothing else may read the tables meanwhile.
        for setting in ("fsync = off", "autovacuum = off", "max_parallel_workers_per_gather = 0"):
            self.raw.execute(f"ALTER SYSTEM SET {setting}")
        self.raw.execute("SELECT pg_reload_conf()")
        self.other = psycopg.connect(
            host=database["HOST"],
            port=database["PORT"] or None,
            user=database["USER"],
            dbname=database["NAME"],
            autocommit=True,
        )

    @property
    def django(self) -> tuple[int, int]:
        """The series of Django."""
        import django

        return django.VERSION[0], django.VERSION[1]

    @property
    def versions(self) -> dict[str, str]:
        """Of Django and of the database."""
        import django

        row = self.raw.execute("SHOW server_version").fetchone()
        return {"django": django.get_version(), "postgresql": str(row[0]).partition(" ")[0]}

    def measure(self, case: Case) -> list[MigrationTruth]:
        """What each migration of the release does, as long as they succeed."""
        apart = self._apart(case)
        run = _Run(self, case)
        found: list[MigrationTruth] = []
        for migration in run.migrations[case.base :]:
            truth = run.judge(migration, apart.get(migration.name, []))
            found.append(truth)
            if truth.failed:
                break
        self._may_fail(case, found)
        if case.backwards:
            self._backwards(case, found)
        return found

    def _backwards(self, case: Case, truths: list[MigrationTruth]) -> None:
        """Apply the release once more, and take it back, the last migration first."""
        run = _Run(self, case)
        states = []
        for migration in run.migrations[case.base :]:
            states.append(run.state.clone())
            run.state = run.executor.apply_migration(run.state, migration)
        release = run.migrations[case.base :]
        for migration, state, truth in reversed(list(zip(release, states, truths, strict=True))):
            try:
                run.executor.unapply_migration(state, migration)
                truth.back = ""
            except Exception as error:  # noqa: BLE001  # whatever Django or the database say
                truth.back = f"{type(error).__name__}: {error}".partition("\n")[0]
                return

    def build(self, case: Case) -> None:
        """The schema in which all migrations of a case end."""
        _Run(self, replace(case, base=len(case.migrations)))

    def close(self) -> None:
        """Leave the database, before it goes."""
        self.other.close()
        self.connection.close()

    def clean(self) -> None:
        """An empty schema, whatever a case has left behind."""
        self.connection.connection.rollback()
        self.raw.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def _apart(self, case: Case) -> dict[str, list[Seen]]:
        """The statements of migrations of several operations, with a transaction each.

        In one transaction, a lock that is held already does not show again.
        """
        release = [_load(name, text) for name, text in case.migrations[case.base :]]
        if all(len(migration.operations) == 1 for migration in release):
            return {}
        run, found = _Run(self, case), {}
        for migration in run.migrations[case.base :]:
            migration.atomic = False
            found[migration.name], error = run.apply(migration, MigrationTruth(""), old_code=False)
            if error:
                break
        return found

    def _may_fail(self, case: Case, truths: list[MigrationTruth]) -> None:
        """Once more, on rows that have whatever the schema lets them have."""
        run = _Run(self, case, dirty=True)
        for migration, truth in zip(run.migrations[case.base :], truths, strict=False):
            again = run.judge(migration, old_code=False)
            for before, now in zip(truth.operations, again.operations, strict=True):
                before.may_fail = now.error
            if again.failed:
                return


class _Run:
    """One case in an empty schema, filled when the base is there."""

    def __init__(self, oracle: Oracle, case: Case, *, dirty: bool = False) -> None:
        from django.db.migrations.executor import MigrationExecutor
        from django.db.migrations.state import ProjectState

        self.oracle, self.connection = oracle, oracle.connection
        oracle.clean()
        self.executor = MigrationExecutor(self.connection)
        self.executor.recorder.ensure_schema()
        self.migrations = [_load(name, text) for name, text in case.migrations]
        self.state = ProjectState()
        for migration in self.migrations[: case.base]:
            self.state = self.executor.apply_migration(self.state, migration)
        self.tables = self._tables()
        depths = fill(oracle.raw, case.values, dirty=dirty)
        models = self.state.clone().apps.get_models(include_auto_created=True)
        kept = [model for model in models if _kept(model)]
        self.old = None if dirty else OldCode(self.connection, kept, depths)

    def judge(
        self, migration: Any, own: list[Seen] | None = None, *, old_code: bool = True
    ) -> MigrationTruth:
        """Apply one, and see what it does. `own` are its statements, each on its own."""
        truth = MigrationTruth(migration.name)
        seen, error = self.apply(migration, truth, old_code=old_code)
        for number in range(len(migration.operations)):
            truth.operations.append(operation_truth(number, seen, own or []))
        if error:
            # What was put off until the end of the migration fails there.
            failed = seen[-1].operation if seen and seen[-1].error else self.last
            truth.operations[failed].error = error
            truth.operations[failed].impact = "fails"
        elif old_code and self.old is not None:
            truth.old_code |= self.old.broken()
        return truth

    def apply(
        self, migration: Any, truth: MigrationTruth, *, old_code: bool
    ) -> tuple[list[Seen], str]:
        """Apply one: the statements, and how it failed."""
        probe = Probe(self.connection, self.oracle.other, frozenset(self.tables))
        error = ""
        with self._numbered(migration, probe, truth, old_code), probe.watching():
            try:
                self.state = self.executor.apply_migration(self.state, migration)
            except Exception as caught:  # noqa: BLE001  # whatever Django or the database say
                error = f"{type(caught).__name__}: {caught}".partition("\n")[0]
        return probe.seen, error

    @contextmanager
    def _numbered(
        self, migration: Any, probe: Probe, truth: MigrationTruth, old_code: bool
    ) -> Iterator[None]:
        """Tell the probe whose statement it sees; deferred ones are those of who deferred them."""
        deferred: list[tuple[Any, int]] = []
        self.last = 0

        def numbered(number: int, operation: Any) -> Any:
            forwards = operation.database_forwards

            def run(app: str, editor: Any, before: Any, after: Any) -> None:
                self.last = number
                probe.rename(self.names())
                known = len(editor.deferred_sql)
                forwards(app, editor, before, after)
                deferred.extend((statement, number) for statement in editor.deferred_sql[known:])
                if old_code and self.old and not self.connection.in_atomic_block:
                    with probe.paused():
                        truth.old_code |= self.old.broken()

            return run

        def whose(sql: str) -> int:
            return next((n for statement, n in deferred if str(statement) == sql), self.last)

        for number, operation in enumerate(migration.operations):
            operation.database_forwards = numbered(number, operation)
        probe.operation = whose
        yield

    def names(self) -> dict[int, str]:
        """What the tables from before the release are called now."""
        rows = self.oracle.raw.execute(
            "SELECT oid::bigint, relname FROM pg_class WHERE oid = ANY(%s)", (list(self.tables),)
        ).fetchall()
        return dict(rows)

    def _tables(self) -> dict[int, str]:
        rows = self.oracle.raw.execute(
            "SELECT oid::bigint, relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND relname <> 'django_migrations'"
        ).fetchall()
        return dict(rows)


def _load(name: str, text: str) -> Any:
    namespace: dict[str, Any] = {"__name__": f"{APP}.migrations.{name}"}
    exec(compile(text, name, "exec"), namespace)  # written by `variants`
    return namespace["Migration"](name, APP)


def _kept(model: Any) -> bool:
    return bool(model._meta.managed) and not model._meta.proxy
