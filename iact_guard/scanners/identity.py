"""What decides a scanner's report beside the files: for whoever remembers whole results."""

from pathlib import Path

from iact_guard.cache.key import installed, key
from iact_guard.model.scan import ScannerName
from iact_guard.scanners import advisories, environment
from iact_guard.settings import Scanners


def identity(
    name: ScannerName, options: Scanners, root: Path | None, *, offline: bool
) -> str | None:
    """A digest of version, packages and data; None where the run would try to install it."""
    if name == "bandit":
        return key(*installed())
    there = environment.find(name) is not None
    if not there and not offline:
        return None
    data: tuple[str, ...] = ()
    if name == "safety":
        configured = options.safety.advisory_db if options.safety else None
        folder = advisories.place(configured, root)
        data = advisories.digests(folder) if folder else ()
    return key(environment.folder_of(name).name, str(there), *data)
