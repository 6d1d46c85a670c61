"""Functions that SQL calls: those of PostgreSQL that change no table."""

from functools import cache

from iact_guard.data.tables import table


@cache
def _known() -> tuple[frozenset[str], tuple[str, ...], frozenset[str]]:
    data = table("sql_functions")
    return frozenset(data["quiet"]), tuple(data["quiet_prefixes"]), frozenset(data["loud"])


def is_quiet(name: str) -> bool:
    """Whether a function, by its name without the schema, is known to change no table."""
    quiet, prefixes, loud = _known()
    return name not in loud and (name in quiet or name.startswith(prefixes))
