"""Watches each statement: the locks after it, what it scanned, rewrote and indexed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.fill import ROWS

SCANNED = ROWS // 2
"""Reading or changing so many rows of a table counts as going through it."""
_SAMPLE = """
SELECT c.oid, pg_relation_filenode(c.oid), pg_stat_get_{xact}tuples_returned(c.oid),
    pg_stat_get_{xact}tuples_updated(c.oid) + pg_stat_get_{xact}tuples_deleted(c.oid)
        + pg_stat_get_{xact}tuples_inserted(c.oid),
    (SELECT array_agg(l.mode) FROM pg_locks l WHERE l.relation = c.oid AND l.granted
        AND l.pid = pg_backend_pid()),
    (SELECT array_agg(pg_relation_filenode(i.indexrelid))
        FROM pg_index i WHERE i.indrelid = c.oid),
    pg_current_xact_id_if_assigned()::text
FROM pg_class c WHERE c.oid = ANY(%s)
"""


@dataclass(frozen=True)
class Table:
    """A table at one moment."""

    file: int | None
    read: int
    written: int
    locks: frozenset[str]
    indexes: frozenset[int]
    """The files of its indexes: one that is only described anew keeps its own."""
    transaction: str
    """In which it was looked at; empty for one that has written nothing."""


Sample = dict[int, Table]


@dataclass
class Seen:
    """A statement, and what it did to tables that were there before the release."""

    sql: str
    operation: int
    names: dict[int, str]
    """What the tables were called when its operation began."""
    locks: dict[int, set[str]] = field(default_factory=dict)
    """Held by the transaction when it was done."""
    scanned: set[int] = field(default_factory=set)
    rewritten: set[int] = field(default_factory=set)
    written: dict[int, int] = field(default_factory=dict)
    transaction: str = ""
    error: str = ""


class Probe:
    """Wraps the statements that Django sends on one connection."""

    def __init__(self, connection: Any, other: Any, tables: frozenset[int]) -> None:
        self.connection = connection
        self.other = other
        """A second connection, for what may not stand in a transaction."""
        self.tables = tables
        self.seen: list[Seen] = []
        self.operation: Callable[[str], int] = lambda sql: 0
        self.names: dict[int, str] = {}
        self.off = False

    def rename(self, names: dict[int, str]) -> None:
        """Call the tables so from now on."""
        self.names = names

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Look away within the block."""
        self.off = True
        try:
            yield
        finally:
            self.off = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what is sent within the block."""
        with self.connection.execute_wrapper(self._wrap):
            yield

    def _wrap(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if self.off:
            return execute(sql, params, many, context)
        text = str(sql)
        seen = Seen(text, self.operation(text), self.names)
        self.seen.append(seen)
        try:
            if self.connection.in_atomic_block:
                return self._within(seen, lambda: execute(sql, params, many, context))
            if " CONCURRENTLY " in text.upper():
                return self._outside(seen, lambda: execute(sql, params, many, context))
            self._raw("BEGIN")
            try:
                result = self._within(seen, lambda: execute(sql, params, many, context))
            except Exception:
                self._raw("ROLLBACK")
                raise
            self._raw("COMMIT")
            return result
        except Exception as error:
            seen.error = f"{type(error).__name__}: {error}".partition("\n")[0]
            raise

    def _within(self, seen: Seen, run: Callable[[], Any]) -> Any:
        before = self.sample()
        result = run()
        self._compare(seen, before, self.sample())
        return result

    def _outside(self, seen: Seen, run: Callable[[], Any]) -> Any:
        """Run it while somebody writes to every table: it has to wait, and shows its locks."""
        before = self.sample(total=True)
        pid = self.connection.connection.info.backend_pid
        waiting: dict[int, set[str]] = {}
        self.other.execute("BEGIN")
        names = [row[0] for row in self._relations()]
        for name in names:
            self.other.execute(f"LOCK TABLE {name} IN ROW EXCLUSIVE MODE")
        watcher = threading.Thread(target=self._watch, args=(pid, waiting))
        watcher.start()
        try:
            result = run()
        finally:
            watcher.join()
        self._compare(seen, before, self.sample(total=True))
        for table, modes in waiting.items():
            seen.locks.setdefault(table, set()).update(modes)
        return result

    def _watch(self, pid: int, waiting: dict[int, set[str]]) -> None:
        """Note the locks that a process has or waits for, then let it go on."""
        try:
            for _ in range(500):
                rows = self.other.execute(
                    "SELECT l.relation::bigint, l.mode, a.wait_event_type FROM pg_stat_activity a"
                    " LEFT JOIN pg_locks l ON l.pid = a.pid AND l.relation = ANY(%s)"
                    " WHERE a.pid = %s",
                    (list(self.tables), pid),
                ).fetchall()
                for table, mode, _ in rows:
                    if table is not None:
                        waiting.setdefault(table, set()).add(mode)
                if any(event == "Lock" for _, _, event in rows):
                    break
                time.sleep(0.01)
        finally:
            self.other.execute("COMMIT")

    def _compare(self, seen: Seen, before: Sample, after: Sample) -> None:
        for table, now in after.items():
            was = before.get(table)
            if was is None:
                continue
            seen.locks[table] = set(now.locks)
            if now.file != was.file and now.read - was.read >= SCANNED:
                seen.rewritten.add(table)
            emptied = now.file != was.file and now.read - was.read < SCANNED
            if now.read - was.read >= SCANNED or (now.indexes - was.indexes and not emptied):
                seen.scanned.add(table)
            seen.written[table] = now.written - was.written
            seen.transaction = now.transaction
        for table, was in before.items():
            if table not in after:  # it was dropped
                seen.locks[table] = {*was.locks, "AccessExclusiveLock"}

    def sample(self, *, total: bool = False) -> Sample:
        """All tables now; `total`: counted over all transactions instead of in this one."""
        cursor = self.connection.connection.cursor()
        if total:
            cursor.execute("SELECT pg_stat_force_next_flush()")
        query = _SAMPLE.format(xact="" if total else "xact_")
        rows = cursor.execute(query, (list(self.tables),)).fetchall()
        return {
            oid: Table(
                file,
                read or 0,
                written or 0,
                frozenset(locks or ()),
                frozenset(found or ()),
                transaction or "",
            )
            for oid, file, read, written, locks, found, transaction in rows
        }

    def _relations(self) -> list[tuple[str]]:
        found = self.other.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE oid = ANY(%s)", (list(self.tables),)
        ).fetchall()
        return list(found)

    def _raw(self, sql: str) -> None:
        self.connection.connection.cursor().execute(sql)
