"""Operations of packages: what they do, as a table says."""

from functools import cache

from iact_guard.data.tables import table
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Declared:
    """The table as it ships."""

    impact: dict[str, str]
    sets_default: frozenset[str]
    silent: frozenset[str]


@cache
def shipped() -> Declared:
    """The table in the package."""
    data = table("migration_operations")
    return Declared(data["impact"], frozenset(data["sets_default"]), frozenset(data["silent"]))
