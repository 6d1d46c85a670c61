"""Keys: a digest over all that an entry was worked out from."""

import os
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

_INSTALLED = (".dist-info", ".egg-info", ".egg-link")
_PACKAGE = Path(__file__).resolve().parent.parent


def key(*parts: str | bytes) -> str:
    """64 hex digits over the parts, in order; how they are cut counts."""
    digest = sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.hexdigest()


@cache
def program(*folders: str) -> str:
    """A digest over our own files below folders of the package: a changed program is another one.

    Contents, not a version: what a developer changed must not answer from before.
    """
    digest = sha256()
    for folder in folders:
        for path in _files(_PACKAGE / folder):
            digest.update(key(path.relative_to(_PACKAGE).as_posix(), path.read_bytes()).encode())
    return digest.hexdigest()


@cache
def installed() -> tuple[str, ...]:
    """The packages of this interpreter with their versions, as their folders are named."""
    found: set[str] = set()
    for folder in sys.path:
        if os.path.isdir(folder):  # noqa: PTH112  # a plain look, hundreds of names
            found.update(name for name in os.listdir(folder) if name.endswith(_INSTALLED))  # noqa: PTH208
    return tuple(sorted(found))


def version_of(package: str) -> str:
    """The version of an installed package, by the name of its folder where that tells it.

    `importlib.metadata` opens the folder, with a mail parser: what a hook waits for.
    """
    for name in installed():
        if name.startswith(f"{package}-") and name.endswith(".dist-info"):
            return name.removeprefix(f"{package}-").removesuffix(".dist-info")
    from importlib.metadata import version

    return version(package)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (Path(place, name) for name in sorted(names))
