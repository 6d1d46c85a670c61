"""The configuration: `.iact-guard.yaml` or `[tool.iact-guard]` in `pyproject.toml`."""

import datetime
import difflib
import tomllib
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from iact_guard.globs import matches
from iact_guard.model.errors import ConfigError, UnreadableError
from iact_guard.model.finding import Severity
from iact_guard.syntax import yaml
from iact_guard.syntax.text import decode
from iact_guard.tree import Tree

FILE = ".iact-guard.yaml"
Incomplete = Literal["fail", "warn"]
CheckovFramework = Literal[
    "terraform", "dockerfile", "github_actions", "kubernetes", "cloudformation", "secrets"
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicySetting(_Model):
    """What a team changes about a policy."""

    enabled: bool = True
    severity: Severity | None = None
    on_unknown: Literal["warn", "fail", "ignore"] | None = None
    params: dict[str, Any] = Field(default_factory=dict)


Policies = dict[str, PolicySetting]


def _policies(value: Any) -> Any:
    """`WF009: off` is short for `{enabled: false}`, `WF009: low` for `{severity: low}`."""
    if not isinstance(value, Mapping):
        return value
    short: dict[Any, Any] = {
        "off": {"enabled": False},
        False: {"enabled": False},
        "on": {},
        True: {},
    }
    severities = get_args(Severity)
    return {
        key: {"severity": setting}
        if isinstance(setting, str) and setting in severities
        else short.get(setting, setting)
        if isinstance(setting, str | bool)
        else setting
        for key, setting in value.items()
    }


class Override(_Model):
    """Other settings for some paths."""

    paths: tuple[str, ...]
    policies: Policies = Field(default_factory=dict)
    incomplete: Incomplete | None = None

    _short = field_validator("policies", mode="before")(_policies)


class Gate(_Model):
    """A tool of the team's own that is a gate."""

    tool: str
    kind: str


class Waiver(_Model):
    """A finding that somebody answers for, until a day."""

    rule: str
    paths: tuple[str, ...] = ("**",)
    reason: str
    owner: str
    expires: datetime.date


class Bandit(_Model):
    """Options for Bandit."""

    timeout: int = Field(300, gt=0)
    skips: tuple[str, ...] = ()
    asserts_in_tests: bool = False


class Checkov(_Model):
    """Options for Checkov."""

    timeout: int = Field(300, gt=0)
    skips: tuple[str, ...] = ()
    frameworks: tuple[CheckovFramework, ...] | None = None
    severities: dict[str, Severity] = Field(default_factory=dict)


class Safety(_Model):
    """Options for Safety."""

    timeout: int = Field(120, gt=0)
    advisory_db: str | None = None
    max_age_days: int | None = Field(None, gt=0)


class Scanners(_Model):
    """Options for the scanners; one that is named here was asked for."""

    bandit: Bandit | None = None
    checkov: Checkov | None = None
    safety: Safety | None = None


class Branches(_Model):
    """Branches that a change needs gates for."""

    protected: tuple[str, ...] = ("main", "master", "develop")


class EnvironmentSetting(_Model):
    """What belongs to an environment."""

    names: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()


class Database(_Model):
    """The database that migrations run on."""

    engine: Literal["postgresql", "mysql", "mariadb", "sqlite"] = "postgresql"
    version: float | int | str = 15
    hot_tables: tuple[str, ...] = ()
    small_tables: tuple[str, ...] = ()


class Migrations(_Model):
    """What the analysis of migrations cannot know."""

    operations: dict[str, str] = Field(default_factory=dict)
    released: str | None = None


class Config(_Model):
    """The whole configuration, with its defaults."""

    fail_on: Severity = "medium"
    incomplete: Incomplete = "fail"
    exclude: tuple[str, ...] = ()
    policies: Policies = Field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    scanners: Scanners = Scanners()
    gates: tuple[Gate, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    branches: Branches = Branches()
    environments: dict[str, EnvironmentSetting] = Field(
        default_factory=lambda: {
            "production": EnvironmentSetting(names=("prod*",), roots=("infrastructure/production",))
        }
    )
    database: Database = Database()
    migrations: Migrations = Migrations()
    coverage: dict[str, Any] = Field(default_factory=dict)
    approvals: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, Any] = Field(default_factory=dict)
    source: str = Field("", exclude=True)
    """The file that it came from; empty for the defaults."""

    _short = field_validator("policies", mode="before")(_policies)

    def setting(self, policy: str, path: str) -> PolicySetting:
        """What holds for a policy at a path: the last override that speaks of it wins."""
        found = self.policies.get(policy, _NO_SETTING)
        for override in self.overrides:
            if policy in override.policies and matches(path, override.paths):
                found = override.policies[policy]
        return found

    def incomplete_at(self, path: str) -> Incomplete:
        """What a file that cannot be read means at a path."""
        found = self.incomplete
        for override in self.overrides:
            if override.incomplete and matches(path, override.paths):
                found = override.incomplete
        return found


_NO_SETTING = PolicySetting()


def load(tree: Tree) -> Config:
    """The configuration of a tree; ConfigError with the file and the nearest key."""
    dedicated, shared = _dedicated(tree), _shared(tree)
    if dedicated is not None and shared is not None:
        raise ConfigError(f"both {FILE} and [tool.iact-guard] in pyproject.toml: keep one")
    if dedicated is not None:
        return parse(dedicated, FILE)
    return parse(shared, "pyproject.toml") if shared is not None else Config()


def parse(data: Any, source: str) -> Config:
    """Validate; `source` names the file in messages."""
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        raise ConfigError(f"{source}: a mapping is expected at the top")
    if "extends" in data:
        raise ConfigError(f"{source}: `extends` is reserved for a later version")
    if "source" in data:
        raise ConfigError(f"{source}: unknown key `source`")
    try:
        return Config.model_validate({**data, "source": source})
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(source, item) for item in error.errors())) from None


def _explain(source: str, item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] != "extra_forbidden":
        return f"{source}: {where}: {item['msg']}"
    known = _keys_at(item["loc"][:-1])
    near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1, cutoff=0.5)
    hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(known)}"
    return f"{source}: unknown key `{where}`{hint}"


def _keys_at(path: tuple[Any, ...]) -> list[str]:
    """The keys that are known below a path of the configuration."""
    model: Any = Config
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            model = model.model_fields[part].annotation
        inner = [model, *get_args(model)]
        inner += [arg for item in inner for arg in get_args(item)]
        model = next(
            (
                m
                for m in inner
                if isinstance(m, type) and not get_origin(m) and issubclass(m, _Model)
            ),
            model,
        )
    if isinstance(model, type) and issubclass(model, BaseModel):
        return sorted(set(model.model_fields) - {"source"})
    return []


def _read(tree: Tree, path: str) -> bytes | None:
    try:
        return tree.read(path)
    except UnreadableError as error:
        if "no such file" in error.reason:
            return None
        raise ConfigError(str(error)) from error


def _dedicated(tree: Tree) -> Any:
    content = _read(tree, FILE)
    if content is None:
        return None
    try:
        documents = yaml.parse(decode(FILE, content))
    except UnreadableError as error:
        raise ConfigError(str(error)) from error
    if len(documents) > 1:
        raise ConfigError(f"{FILE}: one document is expected")
    for oddity in documents[0].oddities if documents else ():
        where = f"{FILE}:{oddity.location.line}:{oddity.location.column}"
        raise ConfigError(f"{where}: {oddity.message}")
    root = documents[0].root if documents else None
    return {} if root is None else yaml.plain(root)


def _shared(tree: Tree) -> Any:
    content = _read(tree, "pyproject.toml")
    if content is None or b"iact-guard" not in content:
        return None
    try:
        return (
            tomllib.loads(decode("pyproject.toml", content).text).get("tool", {}).get("iact-guard")
        )
    except (tomllib.TOMLDecodeError, UnreadableError, RecursionError) as error:
        raise ConfigError(f"pyproject.toml: {error}") from error
