"""What SQL may do to columns and indexes that are in use, as far as its words rule it out."""

from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.migration.steps import ANYTHING, May
from iact_guard.model.errors import UnreadableError
from iact_guard.model.literal import Constant, Items, Value
from iact_guard.syntax import sql

# Statements that touch rows and settings, or describe: no column and no index.
_HARMLESS = frozenset({
    "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "COPY", "TRUNCATE", "COMMENT", "SET",
    "RESET", "SHOW", "ANALYZE", "VACUUM", "LOCK", "GRANT", "REVOKE", "BEGIN", "COMMIT", "END",
})  # fmt: skip
# What has no columns of a table in it, nor rules for them.
_APART = frozenset({
    "INDEX", "SEQUENCE", "TRIGGER", "TYPE", "FUNCTION", "VIEW", "SCHEMA", "ROLE", "USER",
    "DATABASE", "EXTENSION",
})  # fmt: skip
# Dropped with CASCADE, they take no column of another table along.
_ALONE = frozenset({"TABLE", "INDEX", "VIEW", "MATERIALIZED", "TRIGGER", "SEQUENCE", "ROLE"})
_RULES = frozenset({"CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE"})
_KEPT = frozenset({"CONSTRAINT", "DEFAULT", "NOT"})


def may_do(value: Value | None) -> frozenset[May]:
    """What the `sql` of RunSQL may do; everything where it cannot be read."""
    found: set[May] = set()
    for text in _texts(value):
        if text is None:
            return ANYTHING
        try:
            for statement in sql.statements(str(text.value), text.location):
                found |= _statement(statement)
        except UnreadableError:
            return ANYTHING
    return frozenset(found)


def _texts(value: Value | None) -> Iterator[Constant | None]:
    """The texts of one, or of a list of texts and of pairs with their parameters."""
    for item in value.items if isinstance(value, Items) else (value,):
        text = item.items[0] if isinstance(item, Items) and item.items else item
        readable = isinstance(text, Constant) and isinstance(text.value, str)
        yield text if isinstance(text, Constant) and readable else None


def _statement(words: sql.Statement) -> frozenset[May]:
    verb, what = words[0], words[1] if len(words) > 1 else ""
    if verb in _HARMLESS:
        return frozenset()
    if verb == "CREATE":
        builds = "INDEX" in words and "CONCURRENTLY" not in words
        return frozenset({"index"}) if builds else frozenset()
    if verb == "DROP":
        cascades = "CASCADE" in words and what not in _ALONE
        return frozenset({"remove"}) if cascades else frozenset()
    if verb == "ALTER":
        return frozenset() if what in _APART else frozenset(_alterations(words))
    return ANYTHING


def _alterations(words: sql.Statement) -> Iterator[May]:
    for word, following in pairwise((*words, "")):
        match word:
            case "DROP" if following not in _KEPT:
                yield "remove"
            case "RENAME" if following not in ("TO", "CONSTRAINT"):
                yield "rename"
            case "ADD" if following not in _RULES:
                yield "require"
            case "DROP" if following == "DEFAULT":
                yield "require"
            case "SET" if following == "NOT":
                yield "require"
            case "ATTACH":
                yield "index"
