"""All that the result of a check hangs on, as a key: what is forgotten here is answered wrongly.

Every file that discovery lists, what it leaves out, the settings, the request, the day, the
scanners with their data, the packages and this program. What discovery does not list is not read.
"""

import datetime
import sys
from collections.abc import Iterator

from iact_guard.aggregate import baseline
from iact_guard.cache.key import installed, key, program
from iact_guard.config import FILE
from iact_guard.discover import discover
from iact_guard.model.errors import UnreadableError, VcsError
from iact_guard.model.policy import Policy
from iact_guard.pipeline.release import release_commit
from iact_guard.pipeline.request import DECISIVE, DEFAULT_SCANNERS, CheckRequest
from iact_guard.scanners.identity import identity
from iact_guard.scanners.staging import content_digest
from iact_guard.settings import Config
from iact_guard.tree import DiskTree
from iact_guard.vcs import history

_SETTINGS = (FILE, "pyproject.toml", ".checkov.yaml", ".checkov.yml")
"""Read also where git ignores them."""


class Digests:
    """What stands for the contents of files; read once while the disk says that nobody wrote."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[int, ...]], str] = {}

    def of(self, tree: DiskTree, path: str) -> str:
        """The digest of a file; its reason where it cannot be read."""
        stamp = (path, tree.stamp(path))  # before reading: what is written meanwhile is noticed
        if stamp not in self._known:
            try:
                self._known[stamp] = content_digest(tree.read(path))
            except UnreadableError as error:
                self._known[stamp] = error.reason
        return self._known[stamp]


def key_of(
    request: CheckRequest, config: Config, policies: tuple[Policy, ...], digests: Digests
) -> str | None:
    """The key of a result; None where a scanner would have to be installed first."""
    names = DEFAULT_SCANNERS if request.scanners is None else request.scanners
    scanners = [
        identity(name, config.scanners, request.root, offline=request.offline) for name in names
    ]
    if None in scanners:
        return None
    return key(
        "result",
        program(""),
        repr(policies),
        sys.version,
        *installed(),
        # Waivers end by our day, the age of advisories is told by Greenwich's.
        datetime.date.today().isoformat(),
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        *(f"{name}={getattr(request, name)!r}" for name in DECISIVE),
        *map(str, scanners),
        *_files(DiskTree(request.root), config, digests),
        *_history(request, config),
    )


def _files(tree: DiskTree, config: Config, digests: Digests) -> Iterator[str]:
    """All that is read of the tree: a file that cannot be read counts by its reason."""
    found = discover(tree, config.exclude)
    yield repr((found.problems, found.excluded, found.nested))
    known = config.baseline or baseline.FILE
    for path in sorted({*(source.path for source in found.sources), *_SETTINGS, known}):
        yield path
        yield digests.of(tree, path)


def _history(request: CheckRequest, config: Config) -> Iterator[str]:
    """What tells which files have moved since the baseline was written, and what is released."""
    if (request.root / (config.baseline or baseline.FILE)).is_file():
        try:
            yield str(history.head(request.root))
            yield key("index", history.index_entries(request.root).decode(errors="replace"))
        except VcsError as error:
            yield str(error)
    yield str(release_commit(request.root, config))
