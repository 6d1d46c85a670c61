"""Operations of packages: what they do, as a table says."""

import tomllib
from functools import cache
from importlib import resources

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
    text = resources.files("iact_guard.data").joinpath("migration_operations.toml").read_text()
    data = tomllib.loads(text)
    return Declared(data["impact"], frozenset(data["sets_default"]), frozenset(data["silent"]))
