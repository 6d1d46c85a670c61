"""Where environments, advisories and results are kept: the user's cache folder, never the tree."""

import os
import sys
from pathlib import Path

OVERRIDE = "IACT_GUARD_CACHE_DIR"


def cache_folder() -> Path:
    """`IACT_GUARD_CACHE_DIR`, else the platform's cache folder for this program."""
    if own := os.environ.get(OVERRIDE):
        return Path(own).absolute()
    if (xdg := os.environ.get("XDG_CACHE_HOME")) and Path(xdg).is_absolute():
        return Path(xdg) / "iact-guard"
    if sys.platform == "darwin":
        return _home() / "Library/Caches/iact-guard"
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "iact-guard" / "Cache"
    return _home() / ".cache/iact-guard"


def _home() -> Path:
    """The user's home; `/` for a user that nobody knows, as containers have it."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")
