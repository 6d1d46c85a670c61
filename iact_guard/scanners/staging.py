"""A private copy of discovered files, for tools that must not see the working tree.

A repository's own tool configuration can run code or switch findings off, so none of it is
copied. File names are data of the repository too: a name that could be read as an option, break a
line of output or fail on this file system is replaced by one of ours.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from iact_guard.model.errors import UnreadableError
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.scan import Skipped
from iact_guard.tree import Tree

# What some scanner, or a library of one, reads as its own settings wherever it finds it.
CONFIGURATION = frozenset({
    ".bandit", "bandit.yaml", "bandit.yml", ".checkov.yaml", ".checkov.yml", ".coveragerc",
    ".env", ".netrc", ".safety-policy.yml", ".safety-policy.yaml", ".safety-project.ini",
    ".secrets.baseline", ".terraformrc", "pip.conf", "pyproject.toml", "setup.cfg",
    "terraform.rc", "tox.ini",
})  # fmt: skip
_SAFE = regex(r"[A-Za-z0-9_.@+=, ()\[\]{}~^%#-]{1,120}")


@dataclass(frozen=True, slots=True)
class Staged:
    """The copy: `originals` maps a path in it to the path in the tree."""

    folder: Path
    originals: dict[str, str]
    skipped: tuple[Skipped, ...]
    digests: dict[str, str]
    """Of the contents, by the path in the copy: what a scanner really saw."""


@contextmanager
def staged(tree: Tree, paths: Iterable[str]) -> Iterator[Staged]:
    """Copy files into a temporary folder that only we can read; it is removed afterwards.

    A file that cannot be read is skipped with its reason. Configuration of tools is left out.
    """
    with tempfile.TemporaryDirectory(prefix="iact-guard-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "staged"
        folder.mkdir()
        originals: dict[str, str] = {}
        digests: dict[str, str] = {}
        skipped: list[Skipped] = []
        names = _Names()
        for path in paths:
            if is_configuration(path):
                continue
            try:
                content = tree.read(path)
            except UnreadableError as error:
                skipped.append(Skipped(path, error.reason))
                continue
            copy = names.of(path)
            target = folder / copy
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            except OSError as error:  # too long a path, a full disk
                reason = (error.strerror or type(error).__name__).lower()
                skipped.append(Skipped(path, f"it could not be copied: {reason}"))
                continue
            originals[copy] = path
            digests[copy] = content_digest(content)
        yield Staged(folder, originals, tuple(skipped), digests)


def content_digest(content: bytes) -> str:
    """What stands for a file's content in the key of an answer."""
    return hashlib.sha256(content).hexdigest()


def is_configuration(path: str) -> bool:
    """Whether a scanner would take a file of this name for its own settings."""
    return path.rpartition("/")[2].lower() in CONFIGURATION


class _Names:
    """Gives each part of each path a name that is safe, and the same part the same name."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, path: str) -> str:
        """The path in the copy."""
        original = copy = ""
        for name in path.split("/"):
            folder = f"{copy}/" if copy else ""
            original = f"{original}/{name}" if original else name
            copy = self._given.get(original) or self._give(original, folder, name)
        return copy

    def _give(self, original: str, folder: str, name: str) -> str:
        copy = folder + _safe(name)
        # Two names that differ in case alone are one file on some systems.
        if copy.casefold() in self._taken:
            copy = folder + _replacement(name)
        self._taken.add(copy.casefold())
        self._given[original] = copy
        return copy


def _safe(name: str) -> str:
    harmless = _SAFE.fullmatch(name) and name[0] not in "- " and name[-1] not in " ."
    return name if harmless else _replacement(name)


def _replacement(name: str) -> str:
    """A name of ours that keeps the beginning and the suffix, which tell tools what it is."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    suffix = re.search(r"\.[A-Za-z0-9]{1,12}\Z", name)
    start = re.match(r"Dockerfile\.|\A", name)
    return f"{start.group() if start else ''}x{digest}{suffix.group() if suffix else ''}"
