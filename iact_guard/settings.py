"""The configuration as a value. Plain dataclasses: without a file nothing has to validate them.

`config.py` reads and validates it; the user's documentation is the schema that it generates.
"""

import datetime
from dataclasses import field
from typing import Any, Literal

from iact_guard.globs import matches, refuse_broken
from iact_guard.model.finding import Severity
from iact_guard.model.policy import OnUnknown
from iact_guard.model.records import dataclass

Incomplete = Literal["fail", "warn"]
CheckovFramework = Literal[
    "terraform", "dockerfile", "github_actions", "kubernetes", "cloudformation", "secrets"
]

GateKind = Literal[
    "test", "coverage", "lint", "format", "types", "sast", "dependencies", "iac", "secrets",
    "container", "migrations", "deployment", "terraform"
]  # fmt: skip
Impact = Literal[
    "none", "brief_write_block", "brief_full_block", "nonblocking_scan", "write_block_scan",
    "full_block_scan", "full_block_rewrite", "row_locks", "fails", "unknown"
]  # fmt: skip


def strict(cls: type) -> type:
    """Mark a dataclass for pydantic: an unknown key is an error."""
    cls.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]
    return cls


def _positive(name: str, value: int | None) -> None:
    if value is not None and value <= 0:
        raise ValueError(f"{name} must be greater than 0")


def _is_below(path: str) -> bool:
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


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

    def __post_init__(self) -> None:
        """Refuse what is no pattern."""
        refuse_broken(self.paths)


@strict
@dataclass(frozen=True, slots=True)
class Gate:
    """A tool of the team's own that is a gate."""

    tool: str
    kind: GateKind


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A finding that somebody answers for, until a day."""

    rule: str
    paths: tuple[str, ...] = ("**",)
    reason: str
    owner: str
    expires: datetime.date

    def __post_init__(self) -> None:
        """Refuse what nobody answers for."""
        refuse_broken(self.paths)
        if not self.reason.strip() or not self.owner.strip():
            raise ValueError("a waiver needs a reason and an owner")


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
        if self.advisory_db and "://" in self.advisory_db:
            raise ValueError("advisory_db is a folder; `iact-guard advisories update` takes URLs")


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
    version: float | int | str | None = None
    """Without one, what distributions ship is taken for granted: PostgreSQL 15, MariaDB 10.11."""
    hot_tables: tuple[str, ...] = ()
    small_tables: tuple[str, ...] = ()


@strict
@dataclass(frozen=True, slots=True)
class Migrations:
    """What the analysis of migrations cannot know."""

    operations: dict[str, Impact] = field(default_factory=dict)
    released: str | None = None
    """A pattern of tags: what the newest of them has, databases have run."""


@strict
@dataclass(frozen=True, slots=True)
class PathCoverage:
    """A minimum for some paths, in per cent."""

    paths: tuple[str, ...]
    minimum: float


@strict
@dataclass(frozen=True, slots=True)
class Pyramid:
    """Shares of the levels of tests, in per cent."""

    unit: float = 70
    integration: float = 20
    e2e: float = 10
    tolerance: float = 10


@strict
@dataclass(frozen=True, slots=True)
class Coverage:
    """Reports and what they must reach, in per cent."""

    reports: tuple[str, ...] = ()
    junit: tuple[str, ...] = ()
    minimum: float | None = None
    changed_minimum: float | None = None
    branch_minimum: float | None = None
    paths: tuple[PathCoverage, ...] = ()
    ratchet: str | None = None
    pyramid: Pyramid | None = None
    levels: dict[str, tuple[str, ...]] = field(default_factory=dict)


@strict
@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Which changes need whose approval; `requires` is judged by a later version."""

    name: str
    requires: dict[str, Any]
    paths: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    when: str | None = None


@strict
@dataclass(frozen=True, slots=True)
class Approvals:
    """Rules for approvals."""

    rules: tuple[ApprovalRule, ...] = ()


@strict
@dataclass(frozen=True, slots=True)
class Secrets:
    """Files with rules of the team's own."""

    rules: tuple[str, ...] = ()


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
    baseline: str | None = None
    """The file of known findings; None for the usual one, if it is there."""
    branches: Branches = field(default_factory=Branches)
    environments: dict[str, EnvironmentSetting] = field(default_factory=_environments)
    database: Database = field(default_factory=Database)
    migrations: Migrations = field(default_factory=Migrations)
    coverage: Coverage = field(default_factory=Coverage)
    approvals: Approvals = field(default_factory=Approvals)
    secrets: Secrets = field(default_factory=Secrets)
    source: str = ""
    """The file that it came from; empty for the defaults."""

    def __post_init__(self) -> None:
        """Refuse what is no pattern, and a baseline that is not of the tree."""
        refuse_broken(self.exclude)
        if self.baseline is not None and not _is_below(self.baseline):
            raise ValueError("baseline is the path of a file below the root")

    def setting(self, policy: str, *paths: str) -> PolicySetting:
        """What holds for a policy where an entity and a finding of it stand.

        An override holds if it takes in one of the paths; it changes what it names, no more, and
        a later one changes it again.
        """
        found = self.policies.get(policy, NO_SETTING)
        for override in self.overrides:
            more = override.policies.get(policy)
            if more and any(path and matches(path, override.paths) for path in paths):
                found = PolicySetting(
                    enabled=found.enabled if more.enabled is None else more.enabled,
                    severity=more.severity or found.severity,
                    on_unknown=more.on_unknown or found.on_unknown,
                    params=found.params | more.params,
                )
        return found

    @property
    def dormant(self) -> tuple[str, ...]:
        """Keys that are set, and that no policy of this version asks for yet."""
        default = Config()
        keys = ("coverage", "approvals", "secrets")
        return tuple(key for key in keys if getattr(self, key) != getattr(default, key))

    def incomplete_at(self, path: str) -> Incomplete:
        """What a file that cannot be read means at a path."""
        found = self.incomplete
        for override in self.overrides:
            if override.incomplete and matches(path, override.paths):
                found = override.incomplete
        return found


NO_SETTING = PolicySetting()
"""Changes nothing."""
