"""What a repository asks of Checkov in `.checkov.yaml`, read by us and never by Checkov.

That file can name a folder of Python to load. We honour the lists of checks and paths to skip.
"""

from collections.abc import Iterator
from dataclasses import field

from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax import yaml
from iact_guard.syntax.text import decode
from iact_guard.tree import Tree

FILES = (".checkov.yaml", ".checkov.yml")
_CHECK = regex(r"[A-Z][A-Z0-9_]*\*?")
_PATH = regex(r"[\w@%+=:,./ -]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """Checks and paths to skip, and what was read but changes nothing."""

    skip_checks: tuple[str, ...] = ()
    skip_paths: tuple[str, ...] = ()
    ignored: tuple[Evidence, ...] = ()
    place: Location = field(default_factory=lambda: Location(FILES[0]))

    def excludes(self, path: str) -> bool:
        """Whether a file is left out: an entry is any part of a path, as in Checkov."""
        return any(part in f"/{path}" for part in self.skip_paths)

    def remarks(self, excluded: int) -> Iterator[Evidence]:
        """What is honoured, for the report; `excluded` counts the files left out."""
        if self.skip_checks:
            yield Evidence(self.place, f"skip-check: {', '.join(self.skip_checks)}")
        if self.skip_paths:
            shown = ", ".join(self.skip_paths)
            yield Evidence(self.place, f"skip-path: {shown} ({excluded} files left out)")
        yield from self.ignored


def read_settings(tree: Tree) -> Settings:
    """The settings of a tree; none where there is no readable file with any."""
    for file in FILES:
        try:
            documents = yaml.parse(decode(file, tree.read(file)))
        except UnreadableError:
            continue
        root = documents[0].root if documents else None
        if isinstance(root, yaml.Mapping):
            return _settings(file, root)
    return Settings()


def _settings(file: str, root: yaml.Mapping) -> Settings:
    checks: list[str] = []
    paths: list[str] = []
    ignored: list[Evidence] = []
    for entry in root.entries:
        key = entry.key.text.replace("_", "-")
        values = list(_texts(entry.value))
        if key == "skip-check":
            checks += [value for value in values if _CHECK.fullmatch(value)]
            refused = [value for value in values if not _CHECK.fullmatch(value)]
        elif key == "skip-path":
            paths += [_part(value) for value in values if _PATH.fullmatch(value)]
            refused = [value for value in values if not _PATH.fullmatch(value)]
        else:
            ignored.append(Evidence(entry.key.location, f"`{key}` is not honoured"))
            continue
        if refused:
            message = f"`{key}`: {len(refused)} entries that are no plain name are not honoured"
            ignored.append(Evidence(entry.key.location, message))
    return Settings(tuple(checks), tuple(paths), tuple(ignored), Location(file))


def _part(value: str) -> str:
    return "/" + value.removeprefix("./").lstrip("/")


def _texts(node: yaml.Node) -> Iterator[str]:
    items = node.items if isinstance(node, yaml.Sequence) else (node,)
    for item in items:
        if isinstance(item, yaml.Scalar):
            yield from (part.strip() for part in item.text.split(",") if part.strip())
