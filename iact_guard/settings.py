"""The configuration as a value. Plain dataclasses: without a file nothing has to validate them.

`config.py` reads and validates it; the user's documentation is the schema that it generates.
"""

import datetime
from dataclasses import dataclass, field
from typing import Any, Literal

from iact_guard.globs import matches
from iact_guard.model.finding import Severity
from iact_guard.model.policy import OnUnknown

Incomplete = Literal["fail", "warn"]
CheckovFramework = Literal[
    "terraform", "dockerfile", "github_actions", "kubernetes", "cloudformation", "secrets"
]


def strict(cls: type) -> type:
    """Mark a dataclass for pydantic: an unknown key is an error."""
    cls.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]
    return cls


def _positive(name: str, value: int | None) -> None:
    if value is not None and value <= 0:
        raise ValueError(f"{name} must be greater than 0")


@strict
@dataclass(frozen=True, slots=True)
class PolicySetting:
    """What a team changes about a policy; None keeps what the policy says."""

    enabled: bool | None = None
    severity: Severity | None = None
    on_unknown: OnUnknown | None = None
    params: dict[str, Any] = field(default_factory=dict)


Policies = dict[str, PolicySetting]


@strict
@dataclass(frozen=True, slots=True)
class Override:
    """Other settings for some paths."""

    paths: tuple[str, ...]
    policies: Policies = field(default_factory=dict)
    incomplete: Incomplete | None = None


@strict
@dataclass(frozen=True, slots=True)
class Gate:
    """A tool of the team's own that is a gate."""

    tool: str
    kind: str


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A finding that somebody answers for, until a day."""

    rule: str
    paths: tuple[str, ...] = ("**",)
    reason: str
    owner: str
    expires: datetime.date


@strict
@dataclass(frozen=True, slots=True)
class Bandit:
    """Options for Bandit; the timeout is in seconds."""

    timeout: int = 300
    skips: tuple[str, ...] = ()
    asserts_in_tests: bool = False

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        _positive("timeout", self.timeout)


@strict
@dataclass(frozen=True, slots=True)
class Checkov:
    """Options for Checkov; the timeout is in seconds."""

    timeout: int = 300
    skips: tuple[str, ...] = ()
    frameworks: tuple[CheckovFramework, ...] | None = None
    severities: dict[str, Severity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        _positive("timeout", self.timeout)


@strict
@dataclass(frozen=True, slots=True)
class Safety:
    """Options for Safety; the timeout is in seconds."""

    timeout: int = 120
    advisory_db: str | None = None
    max_age_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        _positive("timeout", self.timeout)
        _positive("max_age_days", self.max_age_days)


@strict
@dataclass(frozen=True, slots=True)
class Scanners:
    """Options for the scanners; one that is named in the file was asked for."""

    bandit: Bandit | None = None
    checkov: Checkov | None = None
    safety: Safety | None = None

    @property
    def named(self) -> frozenset[str]:
        """The scanners that the configuration speaks of."""
        return frozenset(n for n in ("bandit", "checkov", "safety") if getattr(self, n) is not None)


@strict
@dataclass(frozen=True, slots=True)
class Branches:
    """Branches that a change needs gates for."""

    protected: tuple[str, ...] = ("main", "master", "develop")


@strict
@dataclass(frozen=True, slots=True)
class EnvironmentSetting:
    """What belongs to an environment."""

    names: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()


@strict
@dataclass(frozen=True, slots=True)
class Database:
    """The database that migrations run on."""

    engine: Literal["postgresql", "mysql", "mariadb", "sqlite"] = "postgresql"
    version: float | int | str = 15
    hot_tables: tuple[str, ...] = ()
    small_tables: tuple[str, ...] = ()


@strict
@dataclass(frozen=True, slots=True)
class Migrations:
    """What the analysis of migrations cannot know."""

    operations: dict[str, str] = field(default_factory=dict)
    released: str | None = None


def _environments() -> dict[str, EnvironmentSetting]:
    return {"production": EnvironmentSetting(("prod*",), ("infrastructure/production",))}


@strict
@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, with its defaults."""

    fail_on: Severity = "medium"
    incomplete: Incomplete = "fail"
    exclude: tuple[str, ...] = ()
    policies: Policies = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    scanners: Scanners = field(default_factory=Scanners)
    gates: tuple[Gate, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    branches: Branches = field(default_factory=Branches)
    environments: dict[str, EnvironmentSetting] = field(default_factory=_environments)
    database: Database = field(default_factory=Database)
    migrations: Migrations = field(default_factory=Migrations)
    coverage: dict[str, Any] = field(default_factory=dict)
    approvals: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    """The file that it came from; empty for the defaults."""

    def setting(self, policy: str, path: str) -> PolicySetting:
        """What holds for a policy at a path: the last override that speaks of it wins."""
        found = self.policies.get(policy, _NO_SETTING)
        for override in self.overrides:
            if policy in override.policies and matches(path, override.paths):
                found = override.policies[policy]
        return found

    @property
    def dormant(self) -> tuple[str, ...]:
        """Keys that are set, and that no policy of this version asks for yet."""
        default = Config()
        keys = ("branches", "coverage", "approvals", "secrets")
        found = [key for key in keys if getattr(self, key) != getattr(default, key)]
        return (*found, *(["migrations.released"] if self.migrations.released else []))

    def incomplete_at(self, path: str) -> Incomplete:
        """What a file that cannot be read means at a path."""
        found = self.incomplete
        for override in self.overrides:
            if override.incomplete and matches(path, override.paths):
                found = override.incomplete
        return found


_NO_SETTING = PolicySetting()
