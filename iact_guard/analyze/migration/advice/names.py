"""The names that Django gives to indexes and constraints, so that it finds them again.

Table and columns, then eight digits of a hash of them and what it is; at most 63 characters.
"""

import hashlib
from collections.abc import Sequence

MAX_NAME = 63
"""What PostgreSQL keeps of a name."""


def django_name(table: str, columns: Sequence[str], suffix: str = "") -> str:
    """The name of an index (no suffix), of a unique constraint (`_uniq`), a check (`_check`)."""
    digest = hashlib.md5(usedforsecurity=False)
    for part in (table, *columns):
        digest.update(part.encode())
    ending = f"{digest.hexdigest()[:8]}{suffix}"
    joined = "_".join(columns)
    name = f"{table}_{joined}_{ending}"
    if len(name) <= MAX_NAME:
        return name
    ending = ending[: MAX_NAME // 3]
    room = (MAX_NAME - len(ending)) // 2 - 1
    name = f"{table[:room]}_{joined[:room]}_{ending}"
    return f"D{name[:-1]}" if name[0] == "_" or name[0].isdigit() else name


def check_name(table: str, column: str) -> str:
    """The name that PostgreSQL gives to a check that stands with its column."""
    return f"{table}_{column}_check"
