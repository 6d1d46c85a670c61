"""`scanners` and `advisories`: what is installed, and making it so."""

import datetime
from collections.abc import Callable
from importlib.metadata import version

from iact_guard.model.errors import GuardError
from iact_guard.model.records import dataclass
from iact_guard.model.scan import ScannerName
from iact_guard.scanners import advisories, environment
from iact_guard.scanners.table import NAMES

INSTALLABLE: tuple[ScannerName, ...] = ("checkov", "safety")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Installed:
    """A scanner and its environment."""

    name: str
    version: str
    status: str
    """`installed`, `not installed` or `built in`."""
    place: str
    """The folder of its environment, or what it needs."""


def listing() -> list[Installed]:
    """Every scanner, in order."""
    return [_installed(name) for name in NAMES]


def _installed(name: ScannerName) -> Installed:
    if name == "bandit":
        return Installed(name, version("bandit"), "built in", "part of this installation")
    there = environment.find(name) is not None
    status = "installed" if there else "not installed"
    return Installed(
        name, environment.pinned_version(name), status, str(environment.folder_of(name))
    )


def install(names: tuple[ScannerName, ...], progress: Progress) -> None:
    """Make the environments that are missing; a GuardError with the reason where one cannot be."""
    for name in names or INSTALLABLE:
        if name in INSTALLABLE:
            try:
                environment.ensure(name, offline=False, progress=progress)
            except environment.UnavailableError as error:
                raise GuardError(f"{name} could not be installed: {error}") from error


def update_advisories(source: str, progress: Progress) -> str:
    """Build Safety's database from OSV's export; a sentence about it."""
    return describe(advisories.update(source, progress))


def current_advisories() -> str | None:
    """A sentence about the user's database, None without one."""
    found = advisories.find(None, None)
    return describe(found) if found else None


def describe(database: advisories.Database) -> str:
    """Count, source, newest advisory and its age."""
    age = database.age_days(datetime.date.today())
    days = "of unknown age" if age is None else f"{age} days old"
    newest = database.newest or "unknown"
    return f"{database.count} advisories from {database.source}, the newest of {newest} ({days})"
