"""A progress bar on standard error, on a terminal only, for work that takes a while."""

import os
import sys
import threading
import time
from types import TracebackType

DELAY = 0.7
"""Seconds before anything is drawn: short work stays quiet."""
WIDTH = 24


class Progress:
    """Counts steps and shows what is under way; safe to call from several threads."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0
        self.label = ""
        self._drawn = False
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> "Progress":
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def expect(self, steps: int) -> None:
        """More steps to come."""
        with self._lock:
            self.total += steps

    def step(self, label: str = "") -> None:
        """A step is done; `label` says what comes next."""
        with self._lock:
            self.done += 1
        if label:
            self.say(label)

    def say(self, label: str) -> None:
        """What is under way."""
        with self._lock:
            self.label = label
            if self._terminal and time.monotonic() - self._began > DELAY:
                self._draw()

    def _draw(self) -> None:
        filled = WIDTH * self.done // max(self.total, 1)
        bar = "#" * filled + "-" * (WIDTH - filled)
        text = self.label if self.label.isprintable() else ""
        sys.stderr.write(f"\r\x1b[K[{bar}] {self.done}/{self.total} {text[:60]}")
        sys.stderr.flush()
        self._drawn = True
