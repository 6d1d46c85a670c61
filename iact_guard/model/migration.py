"""Django migrations, as written. What they do to a database is told in `analyze/migration`."""

from iact_guard.model.literal import Argument, Value
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass

UNKNOWN = "unknown"
"""The kind of an operation of which not even the class can be read."""


@dataclass(frozen=True, slots=True)
class MigrationName:
    """Another migration, by app label and name; `swappable` is the setting that names the app."""

    app: str
    name: str
    location: Location
    swappable: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a migration that could not be read without running it."""

    part: str
    """`operations`, `dependencies`, `run_before`, `replaces`, `atomic`, `initial`."""
    reason: str
    location: Location


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a migration, with its arguments under the names of its parameters."""

    id: str
    """`operation:<path>#<kind>/<model>/<name>`; equal ones are numbered, the second is `~2`."""
    path: str
    migration: str
    """The entity id of its migration."""
    kind: str
    """`AddField` for Django's own, the dotted path for others, `unknown` where it is hidden."""
    location: Location
    """Of the class's name, on one line."""
    arguments: tuple[Argument, ...] = ()
    base: str = ""
    """Django's operation that a class of the repository derives from, or acts as."""
    overrides: tuple[str, ...] = ()
    """What that class defines itself, and Django calls."""
    reversible: bool | None = None
    """What a class says that derives from none of Django's operations."""
    database: tuple["Operation", ...] = ()
    """`database_operations` of SeparateDatabaseAndState."""
    state: tuple["Operation", ...] = ()
    """`state_operations` of SeparateDatabaseAndState and RunSQL."""
    conditional: bool = False
    """It stands in a branch, which may not be taken."""
    reason: str = ""
    """Why an unknown operation could not be read."""

    @property
    def every(self) -> tuple["Operation", ...]:
        """The operation, followed by those within it."""
        found: list[Operation] = []
        pending = [self]
        while pending:
            operation = pending.pop()
            found.append(operation)
            pending += reversed(operation.database + operation.state)
        return tuple(found)

    def argument(self, name: str) -> Value | None:
        """The value given for a parameter."""
        return next((a.value for a in self.arguments if a.name == name), None)


@dataclass(frozen=True, slots=True)
class Migration:
    """A module of a `migrations` package with a class `Migration`."""

    id: str
    """`migration:<path>`."""
    path: str
    package: str
    """The folder that holds the `migrations` folder. The app's label is a fact."""
    name: str
    location: Location
    """Of the name of its class."""
    atomic: bool | None = True
    """None where it cannot be read."""
    initial: bool | None = None
    dependencies: tuple[MigrationName, ...] = ()
    run_before: tuple[MigrationName, ...] = ()
    replaces: tuple[MigrationName, ...] = ()
    operations: tuple[Operation, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def every_operation(self) -> tuple[Operation, ...]:
        """The operations, each followed by those within it."""
        return tuple(inner for operation in self.operations for inner in operation.every)
