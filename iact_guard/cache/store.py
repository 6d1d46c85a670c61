"""Values by key, in a folder that only the user can write to; safe with several processes.

A folder that cannot be used costs time, never the run: what is wrong with it is a note.
"""

import os
import stat
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TypeVar

from iact_guard.cache import entry, upkeep
from iact_guard.cache.shape import ShapeError, plain, shaped
from iact_guard.model.records import dataclass

FOLDER = "results"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH

T = TypeVar("T")


@dataclass(slots=True)
class Store:
    """Remembers values below a cache folder; without one it remembers nothing."""

    home: Path | None = None
    """The cache folder; entries lie in `results` below it."""
    notes: list[str] = field(default_factory=list)
    """What the user should know of the cache: it changes no report."""
    _written: int = 0
    _private: bool | None = None
    """Whether only we can write to the folder; None before the first look."""
    _full: bool = False

    @property
    def folder(self) -> Path:
        """Where the entries lie."""
        return (self.home or Path()) / FOLDER

    def get(self, key: str, shape: type[T]) -> T | None:
        """The value that was put under a key; None where there is none, or none to be trusted."""
        if not self._usable():
            return None
        place = self._place(key)
        try:
            return shaped(shape, entry.read(place, key))
        except FileNotFoundError:
            return None
        except (entry.DamagedError, ShapeError):
            self._note(f"a damaged entry in {self.folder} was left out")
            with suppress(OSError):
                place.unlink()
        except OSError as error:
            self._note(f"an entry in {self.folder} cannot be read: {_why(error)}")
        return None

    def put(self, key: str, value: object) -> None:
        """Remember a value under a key, for a while."""
        if self._full or not self._usable():
            return
        try:
            self._make()
            self._written += entry.write(self._place(key), key, plain(value))
        except OSError as error:
            self._full = True  # one note, and no second try
            self._note(f"{self.folder} cannot be written: {_why(error)}")

    def close(self) -> None:
        """The end of a run: see now and then that the folder stays small."""
        if self._written:
            upkeep.shrink_now_and_then(self.folder, self._written)

    def _usable(self) -> bool:
        if self.home is None:
            return False
        if self._private is None:
            try:
                status = self.folder.lstat()
            except OSError:
                return True  # it will be made, or not
            ours = status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_WRITE
            self._private = stat.S_ISDIR(status.st_mode) and ours
            if not self._private:
                self._note(f"{self.folder} is not used: it is no folder that you alone write to")
        return self._private

    def _make(self) -> None:
        if not self._private:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.folder / ".gitignore").write_text("*\n")  # whatever checkout is around it

    def _place(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.entry"

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
