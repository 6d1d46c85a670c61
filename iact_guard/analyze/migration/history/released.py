"""What the base revision has already: it is replayed, not judged."""

from iact_guard.load.migration import load
from iact_guard.model.errors import UnreadableError
from iact_guard.model.literal import same
from iact_guard.model.migration import Migration, Operation
from iact_guard.project import Project
from iact_guard.tree import BeforeTree


class Released:
    """Answers for a project with or without a base revision, and with or without a release.

    What the base has is not judged; what the release has is in use, else what the base has.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.base = project.base or project.release
        self.release = project.release or project.base
        self._unchanged: dict[str, bool] = {}
        self._operations: dict[str, dict[str, Operation]] = {}

    @property
    def known(self) -> bool:
        """Whether there is a revision to tell new from old."""
        return self.base is not None

    def migration(self, migration: Migration) -> bool:
        """Whether the base has a migration, or all of those that it replaces."""
        return _has(self.base, migration)

    def in_use(self, migration: Migration) -> bool:
        """Whether databases in use may have run a migration."""
        return _has(self.release, migration)

    def operation(self, migration: Migration, operation: Operation) -> bool:
        """Whether the base has an operation in the same form."""
        if self.base is None or not self.migration(migration):
            return False
        if migration.path not in self.base.discovery.files:
            return True  # a squashed migration: its originals were released
        if migration.path not in self._unchanged:
            self._unchanged[migration.path] = _is_same(self.base, self.project, migration.path)
        return self._unchanged[migration.path] or self._was_there(operation)

    def _was_there(self, operation: Operation) -> bool:
        old = self._before(operation.path).get(operation.id)
        if old is None or len(old.arguments) != len(operation.arguments):
            return False
        pairs = zip(old.arguments, operation.arguments, strict=True)
        return all(a.name == b.name and same(a.value, b.value) for a, b in pairs)

    def _before(self, path: str) -> dict[str, Operation]:
        """The operations of a file as the base has it; none where it could not be read."""
        if path not in self._operations:
            try:
                found = load(self.base.text(path)).entities if self.base else ()
            except UnreadableError:
                found = ()
            every = (operation for migration in found for operation in migration.every_operation)
            self._operations[path] = {operation.id: operation for operation in every}
        return self._operations[path]


def _has(base: Project | None, migration: Migration) -> bool:
    files = base.discovery.files if base else frozenset()
    if migration.path in files:
        return True
    folder = migration.path.rpartition("/")[0]
    originals = [f"{folder}/{name.name}.py" for name in migration.replaces]
    return bool(originals) and all(path in files for path in originals)


def _is_same(base: Project, project: Project, path: str) -> bool:
    tree = base.tree
    if isinstance(tree, BeforeTree) and path not in tree.changes.before:
        return True
    try:
        return base.text(path).text == project.text(path).text
    except UnreadableError:  # as it was then, nobody could run it
        return False
