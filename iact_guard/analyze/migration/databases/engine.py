"""The database of the configuration, as far as migrations hang on it."""

from collections.abc import Callable
from functools import partial

from iact_guard.analyze.migration.databases import mysql, postgresql, sqlite
from iact_guard.analyze.migration.effect import Cost
from iact_guard.analyze.migration.steps import Step
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.settings import Database
from iact_guard.syntax.sql import Dialect

Version = tuple[int, ...]

# What is taken for granted where the configuration names no version: what distributions ship.
_VERSIONS: dict[str, Version] = {
    "postgresql": (15,),
    "mysql": (8, 0, 36),
    "mariadb": (10, 11),
    "sqlite": (3, 40),
}
_NUMBER = regex(r"\d+")


@dataclass(frozen=True, slots=True)
class Engine:
    """A database: what steps cost on it, and what of a failed migration stays."""

    name: Dialect
    version: Version
    cost: Callable[[Step], Cost]
    """Of a step on a table that is in use."""
    transactional: bool
    """Whether an atomic migration is one transaction: it keeps its locks, and fails as a whole."""

    @property
    def vendor(self) -> Dialect:
        """What Django's `connection.vendor` calls it."""
        return "mysql" if self.name == "mariadb" else self.name


def engine(database: Database) -> Engine:
    """The database that the configuration names."""
    version = _version(database)
    match database.engine:
        case "postgresql":
            return Engine("postgresql", version, postgresql.cost, transactional=True)
        case "sqlite":
            return Engine("sqlite", version, sqlite.cost, transactional=True)
        case name:
            costs = partial(mysql.cost, dialect=mysql.Dialect(name, version))
            return Engine(name, version, costs, transactional=False)


def _version(database: Database) -> Version:
    """What is given; of `8.0` the newest that is known, since less is rarely meant."""
    given = tuple(map(int, _NUMBER.findall(str(database.version or ""))))
    usual = _VERSIONS[database.engine]
    return usual if usual[: len(given)] == given else given
