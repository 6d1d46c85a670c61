"""Configuration files that may hold coverage thresholds, as written."""

from iact_guard.model.authored import Authored
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """A minimum for coverage."""

    tool: str
    """`coverage.py`, `pytest-cov`, `jest`, `vitest`, `nyc`, `c8`, `codecov`."""
    minimum: float | None
    """Per cent; None where the text is no such number."""
    location: Location
    metric: str = "total"
    """`total`, `lines`, `branches`, `functions`, `statements`, `change` (against the base)."""


@dataclass(frozen=True, slots=True)
class PackageScript:
    """A script of `package.json`, or a command of `tox.ini`."""

    name: str
    command: Authored


@dataclass(frozen=True, slots=True)
class CoverageConfig:
    """One file."""

    id: str
    """`coverage-config:<path>`."""
    path: str
    location: Location
    family: str
    """`python` or `javascript`; `codecov` for the service."""
    thresholds: tuple[Threshold, ...] = ()
    options: Authored | None = None
    """Options that every run of pytest gets: `addopts`."""
    scripts: tuple[PackageScript, ...] = ()
    environments: str = ""
    """Those that `tox` runs by itself, as written: `py{311,312}, lint`."""
    tolerated: tuple[str, ...] = ()
    """Sections of `tox` with `ignore_outcome`: whatever they run, tox passes."""
    code: bool = False
    """The configuration is a program: what it sets is not known."""

    @property
    def folder(self) -> str:
        """Where it lies; empty for the root."""
        return self.path.rpartition("/")[0]
