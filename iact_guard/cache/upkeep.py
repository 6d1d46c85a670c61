"""Keeping the folder of entries small: what was used longest ago goes first."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from iact_guard.cache.entry import ASIDE
from iact_guard.model.records import dataclass

MAX_TOTAL = 512 * 1024**2
EVERY = 3600
"""Seconds between two looks, unless a run wrote much."""
ABANDONED = 3600
"""Seconds after which nobody is writing any more."""
_MARK = "looked-at"
_BLOCK = 4096
"""Bytes that the smallest file takes on most disks."""


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """A file of the cache."""

    used: float
    """When it was last of use, in seconds since 1970."""
    size: int
    """Bytes that it takes on the disk."""
    path: Path


def items(folder: Path) -> Iterator[Item]:
    """Every entry below the folder, in no order."""
    for path in folder.glob("[0-9a-f][0-9a-f]/*.entry"):
        with suppress(FileNotFoundError):  # another process deleted it
            status = path.lstat()
            blocks = -(-status.st_size // _BLOCK)
            yield Item(status.st_mtime, blocks * _BLOCK, path)


def shrink(folder: Path, limit: int = MAX_TOTAL) -> None:
    """Above the limit, delete until a fifth of it is free; and what killed processes left."""
    found = sorted(items(folder))
    total = sum(item.size for item in found)
    if total > limit:
        for item in found:
            if total <= limit * 4 // 5:
                break
            item.path.unlink(missing_ok=True)
            total -= item.size
    for path in _unfinished(folder):
        with suppress(FileNotFoundError):
            if time.time() - path.lstat().st_mtime > ABANDONED:
                path.unlink()


def shrink_now_and_then(folder: Path, written: int, limit: int = MAX_TOTAL) -> None:
    """Shrink after a run that wrote so many bytes: where they are many, or the last look is old."""
    mark = folder / _MARK
    with suppress(OSError):  # what cannot be deleted today may be tomorrow
        looked = mark.stat().st_mtime if mark.exists() else 0.0
        if time.time() - looked > EVERY or written > limit // 16:
            mark.touch(mode=0o600)
            shrink(folder, limit)


def clear(folder: Path) -> int:
    """Delete every entry, and nothing else; how many there were."""
    found = [item.path for item in items(folder)]
    for path in (*found, *_unfinished(folder)):
        path.unlink(missing_ok=True)
    return len(found)


def _unfinished(folder: Path) -> Iterator[Path]:
    return folder.glob(f"[0-9a-f][0-9a-f]/{ASIDE}*")
