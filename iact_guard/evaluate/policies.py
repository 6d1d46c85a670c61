"""The policies in force: those that ship, with what the configuration changes."""

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from iact_guard.load.policy import load_policy
from iact_guard.model.errors import ConfigError
from iact_guard.model.policy import Policy
from iact_guard.settings import Config, PolicySetting
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text


def folder() -> Path:
    """Where the policies are: beside the package in a checkout, within it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / "policies"
    return checkout if checkout.is_dir() else package / "policies"


def shipped() -> tuple[Policy, ...]:
    """Every policy that ships, by id."""
    base = folder()
    files = sorted(base.glob("*/*.yaml"))
    if not files:
        raise ConfigError(f"no policies in {base}: the installation is broken")
    loaded = [
        load_policy(f"policies/{p.relative_to(base).as_posix()}", p.read_text("utf-8"))
        for p in files
    ]
    return tuple(sorted(loaded, key=lambda policy: policy.id))


def examples(policy: Policy) -> list[dict[str, Any]]:
    """The policy's examples: the second document of its file."""
    path = folder() / policy.path.removeprefix("policies/")
    documents = yaml.parse(Text(policy.path, path.read_text(encoding="utf-8")))
    root = documents[1].root if len(documents) > 1 else None
    return (yaml.plain(root) or []) if root else []


def find(id: str) -> Policy:
    """A policy by its id or name, in any case; ConfigError with the nearest."""
    policies = shipped()
    for policy in policies:
        if id.lower() in (policy.id.lower(), policy.name):
            return policy
    known = {policy.id for policy in policies} | {policy.name for policy in policies}
    raise ConfigError(f"there is no policy {id}{_near(id, known)}")


def refuse_unknown(config: Config, policies: Iterable[Policy]) -> None:
    """ConfigError where the configuration names a policy or a parameter that does not exist."""
    known = {policy.id: policy for policy in policies}
    named = [config.policies, *(override.policies for override in config.overrides)]
    for settings in named:
        for id, setting in settings.items():
            if id not in known:
                raise ConfigError(f"{config.source}: there is no policy {id}{_near(id, known)}")
            for param in setting.params:
                if param not in known[id].params:
                    hint = _near(param, known[id].params)
                    raise ConfigError(f"{config.source}: {id} has no parameter `{param}`{hint}")


def _near(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(names)}" if names else ""


def apply(policy: Policy, setting: PolicySetting) -> Policy:
    """The policy as the configuration wants it."""
    if setting == PolicySetting():
        return policy
    return replace(
        policy,
        enabled=policy.enabled if setting.enabled is None else setting.enabled,
        severity=setting.severity or policy.severity,
        on_unknown=setting.on_unknown or policy.on_unknown,
        params=policy.params | setting.params,
    )
