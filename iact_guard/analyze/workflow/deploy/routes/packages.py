"""Packages of Node: what each depends on, and the files below it."""

import json
import posixpath
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.syntax.text import Text

_ENDINGS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx")


@dataclass(frozen=True, slots=True)
class Package:
    """A folder with a `package.json`."""

    sources: Sources
    place: Location
    """Its `package.json`."""
    dependencies: frozenset[str] | None
    """The names of other packages, those for development included; None where it is none."""

    @property
    def start(self) -> str:
        """What the paths of its files begin with."""
        folder = posixpath.dirname(self.place.path)
        return f"{folder}/" if folder else ""

    def paths(self) -> Iterator[str]:
        """Its files, those of packages within it included."""
        return (path for path in self.sources.code if path.startswith(self.start))

    def texts(self, *words: str) -> Iterator[Text]:
        """Those of JavaScript and TypeScript in which one of the words stands."""
        every = self.sources.texts(_ENDINGS, *words)
        return (each for each in every if each.path.startswith(self.start))


def packages_of(sources: Sources) -> Iterator[Package]:
    """Every package of the repository."""
    for path in sources.code:
        if posixpath.basename(path) == "package.json":
            source = sources.text(path)
            names = _dependencies_of(source) if source else None
            yield Package(sources, Location(path), names)


def _dependencies_of(source: Text) -> frozenset[str] | None:
    try:
        value = json.loads(source.text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    found = (value.get(name) for name in ("dependencies", "devDependencies"))
    return frozenset(str(key) for each in found if isinstance(each, dict) for key in each)
