"""Rows for every table, from what the catalogue says of its columns."""

from typing import Any

ROWS = 2_000
SPARE = 10
"""So many rows of a table are referred to by nobody, for rows that are added later."""

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
_COLUMNS = """
SELECT c.relname, a.attname, t.typname, e.typname, a.attidentity <> '', a.attnotnull
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum
"""
_REFERENCES = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND conrelid <> confrelid
"""


def fill(cursor: Any, values: dict[str, str], *, dirty: bool = False) -> None:
    """Fill every table; `dirty`: with nothing that the schema does not ask for."""
    cursor.execute(_REFERENCES)
    references: dict[str, set[str]] = {}
    for table, other in cursor.fetchall():
        references.setdefault(table.strip('"'), set()).add(other.strip('"'))
    cursor.execute(_COLUMNS)
    tables: dict[str, list[tuple[Any, ...]]] = {}
    for table, *column in cursor.fetchall():
        if table != "django_migrations":
            tables.setdefault(table, []).append(tuple(column))
    cursor.execute("BEGIN")
    for table, columns in tables.items():
        rows = ROWS - SPARE * _depth(table, references)
        names = ", ".join(f'"{column[0]}"' for column in columns)
        given = ", ".join(_value(table, column, values, dirty) for column in columns)
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) OVERRIDING SYSTEM VALUE'
            f" SELECT {given} FROM generate_series(1, {rows}) g"
        )
    for table, columns in tables.items():
        for name, _, _, identity, _ in columns:
            if identity:
                cursor.execute(
                    f"""SELECT setval(pg_get_serial_sequence('"{table}"', '{name}'), {2 * ROWS})"""
                )
    cursor.execute("COMMIT")
    cursor.execute("ANALYZE")


def _value(table: str, column: tuple[Any, ...], values: dict[str, str], dirty: bool) -> str:
    name, kind, element, _, not_null = column
    if dirty and not not_null:
        return f"CASE WHEN g % 3 > 0 THEN {_clean(table, name, kind, element, values)} END"
    return _clean(table, name, kind, element, values)


def _clean(table: str, name: str, kind: str, element: str | None, values: dict[str, str]) -> str:
    if f"{table}.{name}" in values:
        return values[f"{table}.{name}"]
    if element:
        return f"ARRAY[{_VALUES.get(element, f'g::text::{element}')}]"
    return _VALUES.get(kind, f"g::text::{kind}")


def _depth(table: str, references: dict[str, set[str]], seen: frozenset[str] = frozenset()) -> int:
    others = references.get(table, set()) - seen
    return max((1 + _depth(other, references, seen | {table}) for other in others), default=0)
