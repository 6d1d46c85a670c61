"""Rows for every table, from what the catalogue says of its columns."""

import re
from dataclasses import dataclass
from typing import Any

ROWS = 2_000
"""Of each table, about."""
# SQL of a distinct value for row `g`, by the type's name in the catalogue.
_VALUES = {
    "bool": "g % 2 = 0",
    "date": "date '2000-01-01' + g",
    "time": "time '00:00' + g * interval '1 second'",
    "timestamptz": "timestamptz '2000-01-01' + g * interval '1 day'",
    "interval": "g * interval '1 second'",
    "inet": "inet '10.0.0.0' + g",
    "uuid": "lpad(g::text, 32, '0')::uuid",
    "json": "to_json(g)",
    "jsonb": "to_jsonb(g)",
    "bytea": "int4send(g)",
    "int4range": "int4range(g, g + 1)",
    "int8range": "int8range(g, g + 1)",
    "numrange": "numrange(g, g + 1)",
    "daterange": "daterange(date '2000-01-01' + g, date '2000-01-01' + g + 1)",
    "tstzrange": "tstzrange(timestamptz '2000-01-01' + g * interval '1 day',"
    " timestamptz '2000-01-02' + g * interval '1 day')",
    "tsvector": "to_tsvector('simple', g::text)",
}
_EXTREME = {
    "int2": "-(g / 2)",
    "int4": "-40000 - g / 2",
    "int8": "-3000000000 - g / 2",
    "text": "repeat('x', 300)",
}
_VIOLATES = "23"
"""SQLSTATE of what rules refuse."""
_COLUMNS = """
SELECT c.relname, a.attname, t.typname, e.typname, a.attidentity <> '', a.attnotnull,
    a.attname LIKE '%\\_id' OR EXISTS (SELECT FROM pg_constraint f
        WHERE f.contype = 'f' AND f.conrelid = c.oid AND a.attnum = ANY(f.conkey)),
    EXISTS (SELECT FROM pg_index i
        WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY(i.indkey))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> 'django_migrations'
ORDER BY c.relname, a.attnum
"""
_REFERENCES = """
SELECT c.relname, o.relname FROM pg_constraint f
JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class o ON o.oid = f.confrelid
WHERE f.contype = 'f' AND f.conrelid <> f.confrelid
"""


def free(depth: int) -> range:
    """Rows of a table that nobody refers to, for those that are added later.

    A table leaves out the rows which are free in those that it refers to, and so on; `depth`
    counts how far that goes.
    """
    return range(1_000 + 10 * depth, 1_010 + 10 * depth)


@dataclass(frozen=True)
class Column:
    """A column, as the catalogue has it."""

    name: str
    type: str
    element: str | None
    """The type of an array's elements."""
    identity: bool
    not_null: bool
    refers: bool
    unique: bool
    """Perhaps together with others."""


def fill(cursor: Any, values: dict[str, str], *, dirty: bool = False) -> dict[str, int]:
    """Fill every table, and tell the depth of each.

    `dirty`: with NULL and equal values wherever the schema lets them in.
    """
    cursor.execute(_COLUMNS)
    tables: dict[str, list[Column]] = {}
    for table, *column in cursor.fetchall():
        tables.setdefault(table, []).append(Column(*column))
    depths = _depths(cursor, tables)
    # What refers to what was worked out above: no need to have it checked row by row.
    cursor.execute("BEGIN; SET LOCAL session_replication_role = replica")
    for table, columns in tables.items():
        clean = [values.get(f"{table}.{c.name}") or _clean(c) for c in columns]
        if not (dirty and _insert(cursor, table, columns, _dirty(columns, clean), depths[table])):
            _insert(cursor, table, columns, clean, depths[table])
        for column in columns:
            if column.identity:
                sequence = f"""pg_get_serial_sequence('"{table}"', '{column.name}')"""
                cursor.execute(f"SELECT setval({sequence}, {5 * ROWS})")
    cursor.execute("COMMIT")
    return depths


def _depths(cursor: Any, tables: dict[str, list[Column]]) -> dict[str, int]:
    cursor.execute(_REFERENCES)
    references = cursor.fetchall()
    depths = {table: int(any(c.refers for c in columns)) for table, columns in tables.items()}
    for _ in range(5):
        for table, other in references:
            depths[table] = min(5, max(depths[table], depths[other] + 1))
    return depths


def _insert(cursor: Any, table: str, columns: list[Column], values: list[str], depth: int) -> bool:
    """Whether the rules of the table have let the rows in."""
    names = ", ".join(f'"{column.name}"' for column in columns)
    taken = free(0)[0], free(depth)[0] - 1
    cursor.execute("SAVEPOINT filling")
    try:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) OVERRIDING SYSTEM VALUE SELECT {", ".join(values)}'
            f" FROM generate_series(1, {ROWS}) g WHERE g NOT BETWEEN {taken[0]} AND {taken[1]}"
        )
    except Exception as error:
        if not getattr(error, "sqlstate", "").startswith(_VIOLATES):
            raise
        cursor.execute("ROLLBACK TO SAVEPOINT filling")
        return False
    return True


def _dirty(columns: list[Column], clean: list[str]) -> list[str]:
    """With NULL wherever it may be, and values that are equal, long and below zero."""
    found = []
    for column, value in zip(columns, clean, strict=True):
        if not column.unique and not column.refers:
            value = _EXTREME.get(column.type, re.sub(r"\bg\b", "(g / 2)", value))
        found.append(value if column.not_null else f"CASE WHEN g % 3 > 0 THEN {value} END")
    return found


def _clean(column: Column) -> str:
    if column.element:
        return f"ARRAY[{_VALUES.get(column.element, f'g::text::{column.element}')}]"
    return _VALUES.get(column.type, f"g::text::{column.type}")
