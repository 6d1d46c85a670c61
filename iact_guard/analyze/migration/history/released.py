"""What the base revision has already: it is replayed, not judged."""

from functools import cached_property

from iact_guard.model.literal import same
from iact_guard.model.migration import Migration, Operation
from iact_guard.project import Project


class Released:
    """Answers for a project with or without a base revision."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.base = project.base
        self._files = self.base.discovery.files if self.base else frozenset()
        self._unchanged: dict[str, bool] = {}

    @property
    def known(self) -> bool:
        """Whether there is a base revision to tell new from old."""
        return self.base is not None

    def migration(self, migration: Migration) -> bool:
        """Whether the base has a migration, or all of those that it replaces."""
        if migration.path in self._files:
            return True
        folder = migration.path.rpartition("/")[0]
        originals = [f"{folder}/{name.name}.py" for name in migration.replaces]
        return bool(originals) and all(path in self._files for path in originals)

    def operation(self, migration: Migration, operation: Operation) -> bool:
        """Whether the base has an operation in the same form."""
        if self.base is None or not self.migration(migration):
            return False
        if migration.path not in self._files:
            return True  # a squashed migration: its originals were released
        if migration.path not in self._unchanged:
            before, now = self.base.text(migration.path), self.project.text(migration.path)
            self._unchanged[migration.path] = before.text == now.text
        return self._unchanged[migration.path] or self._was_there(operation)

    def _was_there(self, operation: Operation) -> bool:
        old = self._operations.get(operation.id)
        if old is None or len(old.arguments) != len(operation.arguments):
            return False
        pairs = zip(old.arguments, operation.arguments, strict=True)
        return all(a.name == b.name and same(a.value, b.value) for a, b in pairs)

    @cached_property
    def _operations(self) -> dict[str, Operation]:
        found = self.base.entities("operation") if self.base else ()
        return {operation.id: operation for operation in found}
