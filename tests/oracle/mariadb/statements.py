"""What a statement costs: the least that MariaDB accepts to do it with."""

import re
from typing import Any

from tests.oracle.truth import worst

_LEVELS = (
    ("INSTANT", "", "brief_full_block"),
    ("INPLACE", "NONE", "nonblocking_scan"),
    ("NOCOPY", "NONE", "nonblocking_scan"),
    ("INPLACE", "SHARED", "write_block_scan"),
    ("COPY", "NONE", "nonblocking_scan"),
    ("COPY", "SHARED", "write_block_scan"),
    ("COPY", "EXCLUSIVE", "full_block_scan"),
)
_REFUSED = (1221, 1845, 1846)
"""Errors that only say that it needs more than it was allowed."""
_TABLE = re.compile(r"(?:ALTER TABLE|UPDATE|RENAME TABLE|DROP TABLE|CREATE TABLE|.* ON) `(\w+)`")
_INDEX = re.compile(r"DROP INDEX `(\w+)` ON `(\w+)`;?$")
_ONLY_DROPPED = re.compile(r"ALTER TABLE `\w+` DROP (?:INDEX|KEY) `\w+`;?$")
_RENAMED = re.compile(r"RENAME TABLE `(\w+)` TO `(\w+)`")
_PARENT = re.compile(r"REFERENCES `(\w+)`")


def run(cursor: Any, statement: str, old: set[str]) -> str:
    """Run one; its impact on the tables that were there before, which it may rename."""
    sql = _INDEX.sub(r"ALTER TABLE `\2` DROP INDEX `\1`", statement.rstrip(";"))
    found = _TABLE.match(sql)
    mine = found is not None and found[1] in old
    impacts = []
    if any(parent in old for parent in _PARENT.findall(sql)):
        impacts.append("brief_write_block")  # measured: a writer of the parent keeps it waiting
    if sql.startswith(("ALTER TABLE", "CREATE INDEX", "CREATE UNIQUE INDEX")):
        impact = _altered(cursor, sql)
        if _ONLY_DROPPED.match(sql):
            impact = "brief_full_block"  # online, and nothing is read
    else:
        cursor.execute(sql)
        verb = sql.partition(" ")[0]
        impact = {"UPDATE": "row_locks", "DELETE": "row_locks", "CREATE": "none"}.get(
            verb, "brief_full_block"
        )
    if (renamed := _RENAMED.match(sql)) and mine:
        old.discard(renamed[1])
        old.add(renamed[2])
    return worst([*impacts, *([impact] if mine else [])])


def _altered(cursor: Any, sql: str) -> str:
    between = ", " if sql.startswith("ALTER") else " "
    for algorithm, lock, impact in _LEVELS:
        asked = [sql, f"ALGORITHM={algorithm}", *([f"LOCK={lock}"] if lock else [])]
        try:
            cursor.execute(between.join(asked))
        except Exception as error:
            if not error.args or error.args[0] not in _REFUSED:
                raise
            continue
        return impact
    raise AssertionError(f"no algorithm does it: {sql}")
