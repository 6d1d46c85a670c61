"""Modules of the repository that a file names: found by path, parsed once, never run."""

from typing import Protocol

from iact_guard.load.python_names import Names, names_of
from iact_guard.model.errors import UnreadableError
from iact_guard.model.records import dataclass
from iact_guard.syntax import python
from iact_guard.syntax.text import Text

MAX_HOPS = 10
"""Modules that only pass a name on."""
MAX_MODULES = 2_000
"""Parsed ones in a run: a tree in which every migration imports modules of its own ends there."""


class Files(Protocol):
    """What is in the repository."""

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder of that path."""

    def text(self, path: str) -> Text:
        """A file; UnreadableError where it is none that can be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """A module with the names that it binds."""

    module: python.Module
    names: Names


class Modules:
    """Looks dotted names up as Python would that is started at the top of the packages around."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._parsed: dict[str, Parsed | None] = {}
        self._roots: dict[str, tuple[str, ...]] = {}
        self._tops: dict[tuple[str, str], tuple[str, ...]] = {}

    def find(self, dotted: str, path: str) -> tuple[Parsed, str] | None:
        """The module that defines a name which a file uses, and what the name is there.

        None for what is not of the repository, and for a module as such. `path` is of the file.
        """
        for _ in range(MAX_HOPS):
            found = self._module(dotted, path.rpartition("/")[0])
            if found is None:
                return None
            parsed, rest = found
            first, _, more = rest.partition(".")
            passed = parsed.names.imports.get(first)
            if passed is None:
                return parsed, rest
            dotted, path = f"{passed}.{more}" if more else passed, parsed.module.path
        return None

    def at(self, path: str) -> Parsed | None:
        """The module in a file; None where it cannot be read."""
        return self._parse(path)

    def _module(self, dotted: str, folder: str) -> tuple[Parsed, str] | None:
        parts = dotted.split(".")
        for root in self._with(parts[0], folder):
            for count in range(len(parts) - 1, 0, -1):
                stem = root + "/".join(parts[:count])
                for path in (f"{stem}.py", f"{stem}/__init__.py"):
                    if self._files.exists(path):
                        parsed = self._parse(path)
                        return (parsed, ".".join(parts[count:])) if parsed else None
        return None

    def _with(self, top: str, folder: str) -> tuple[str, ...]:
        """The roots that hold a package or module of that name."""
        key = (folder, top)
        if key not in self._tops:
            self._tops[key] = tuple(
                root
                for root in self._roots_of(folder)
                if self._files.exists(root + top) or self._files.exists(f"{root}{top}.py")
            )
        return self._tops[key]

    def _roots_of(self, folder: str) -> tuple[str, ...]:
        """Folders around that are no packages, the innermost first: as prefixes of paths."""
        if folder not in self._roots:
            found, current = [], folder
            while current:
                if not self._files.exists(f"{current}/__init__.py"):
                    found.append(f"{current}/")
                current = current.rpartition("/")[0]
            self._roots[folder] = (*found, "")
        return self._roots[folder]

    def _parse(self, path: str) -> Parsed | None:
        if path not in self._parsed:
            self._parsed[path] = None
            if len(self._parsed) <= MAX_MODULES:
                try:
                    module = python.parse(self._files.text(path))
                except UnreadableError:
                    return None  # what is imported from it is not followed, and said to be so
                package = path.rpartition("/")[0].replace("/", ".")
                self._parsed[path] = Parsed(module, names_of(module.tree.body, package))
        return self._parsed[path]
