"""Python modules of the repository, found by the names that imports give them."""

import ast

from iact_guard.load.python_names import Names, names_of
from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.project import Project
from iact_guard.syntax import python


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed file and what it binds."""

    path: str
    parsed: python.Module
    names: Names

    def location(self, node: python.Positioned) -> Location:
        """The first line of a node."""
        return self.parsed.head(node)


class Modules:
    """Reads each file once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._read: dict[str, Module | None] = {}

    def at(self, path: str) -> Module | None:
        """The module in a file; None where it cannot be read."""
        if path not in self._read:
            self._read[path] = self._parse(path)
        return self._read[path]

    def _parse(self, path: str) -> Module | None:
        try:
            parsed = python.parse(self._project.text(path))
        except UnreadableError:
            return None  # whoever asks says that it is not known
        package = path.rpartition("/")[0].replace("/", ".")
        return Module(path, parsed, names_of(parsed.tree.body, package))

    def find(self, name: str, near: str) -> tuple[Module, str] | None:
        """The module of a dotted name, as imported by the file `near`, and the rest of the name."""
        parts = name.split(".")
        folder = near.rpartition("/")[0]
        while True:
            for length in range(len(parts), 0, -1):
                stem = "/".join([*([folder] if folder else []), *parts[:length]])
                for path in (f"{stem}.py", f"{stem}/__init__.py"):
                    if self._project.exists(path) and (module := self.at(path)) is not None:
                        return module, ".".join(parts[length:])
            if not folder:
                return None
            folder = folder.rpartition("/")[0]


def statements(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.stmt]:
    """The body of a function."""
    if isinstance(node, ast.Lambda):
        return [ast.copy_location(ast.Return(node.body), node.body)]
    return node.body
