"""SQL to nodes with their place in the text.

The parsers of others are imported when there is SQL to read: they take a while to load.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Literal

from iact_guard.model.literal import HOLE
from iact_guard.syntax.sql.holes import with_marks
from iact_guard.syntax.sql.nodes import Refused, Statement

Dialect = Literal["postgresql", "mysql", "mariadb", "sqlite"]

MAX_TEXT = 1_000_000
"""Characters of one text; above it nothing is read."""
MAX_STATEMENTS = 5_000


@lru_cache(maxsize=256)
def statements(text: str, dialect: Dialect, parameters: bool = False) -> tuple[Statement, ...]:
    """The statements of a text in order, empty ones left out; what is not read is `Refused`.

    `parameters`: values are handed over apart, for `%s` and `%(name)s` in the text.
    """
    if len(text) > MAX_TEXT or "\0" in text:
        reason = "it holds a NUL character" if "\0" in text else "it is too long to be read"
        return (Statement(0, len(text), (Refused(reason),)),)
    if dialect == "postgresql":
        from iact_guard.syntax.sql.postgresql.read import read
    else:
        from iact_guard.syntax.sql.other import read
    found = read(text, dialect, parameters)
    if HOLE in text:
        found = tuple(replace(each, nodes=tuple(map(with_marks, each.nodes))) for each in found)
    if len(found) <= MAX_STATEMENTS:
        return found
    rest = Statement(found[MAX_STATEMENTS].start, len(text), (Refused("more than are read"),))
    return (*found[:MAX_STATEMENTS], rest)
