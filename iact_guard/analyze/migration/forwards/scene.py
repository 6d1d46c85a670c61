"""What an operation finds."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from iact_guard.analyze.migration.django_version import DjangoVersion
from iact_guard.analyze.migration.state.models import Model, State
from iact_guard.analyze.migration.steps import Step, Unclear
from iact_guard.load.python_modules import Modules
from iact_guard.model.literal import text
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass
from iact_guard.syntax.sql import Dialect
from iact_guard.syntax.text import Text


class Catalogue(Protocol):
    """What the steps before have left in the database."""

    def exists(self, table: str) -> bool:
        """Whether a step has created or changed a table."""

    def holder(self, index: str) -> str:
        """The table of an index that a step has built; empty where none has."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an operation stands: its app, and the models before and after it."""

    label: str
    before: State
    after: State
    declared: Mapping[str, str]
    """What the tables say of operations of packages: kind to impact."""
    modules: Modules
    """The Python of the repository."""
    version: Callable[[], DjangoVersion]
    """Which Django runs it, asked where it matters."""
    catalogue: Catalogue
    text: Callable[[str], Text]
    """A file that was read, by its path."""
    vendor: Dialect = "postgresql"
    """The database, as `connection.vendor` calls it."""
    atomic: bool = True
    """Whether the migration asks for transactions."""
    transaction: bool = True
    """Whether all of it runs within one."""

    @property
    def installed(self) -> DjangoVersion:
        """The Django that runs it."""
        return self.version()

    def model(self, operation: Operation) -> Model | None:
        """The model that it names, as it was before."""
        name = text(operation.argument("model_name")) or text(operation.argument("name"))
        return self.before.get(self.label, name)

    def table(self, operation: Operation) -> tuple[Model | None, str, Iterator[Step]]:
        """The model before the operation and its table, or the step that says why there is none."""
        model = self.model(operation)
        if model is None:
            name = text(operation.argument("model_name")) or text(operation.argument("name"))
            called = f"the model {self.label}.{name}" if name else "its model"
            return None, "", iter((Unclear(f"{called} is not in the state before it"),))
        if not model.has_table:
            return None, "", iter(())
        if model.table is None:
            return None, "", iter((Unclear(f"the table of {model.name} has a computed name"),))
        return model, model.table, iter(())
