"""What the configuration changes about the policies."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from iact_guard.data.tables import table
from iact_guard.load.shipped import nearest
from iact_guard.model.errors import ConfigError
from iact_guard.model.policy import Policy
from iact_guard.settings import NO_SETTING, Config, PolicySetting


def refuse_unknown(config: Config, policies: Iterable[Policy]) -> None:
    """ConfigError where the configuration names a policy or parameter that does not exist.

    Ids of the catalogue that no policy of this version has are fine: teams write them ahead.
    """
    known = {policy.id: policy for policy in policies}
    ids = {*known, *table("catalogue")}
    # A waiver may also name a rule of a scanner: those are not ours to know.
    waived = (w.rule for w in config.waivers if len(w.rule) == 5 and w.rule[:2].isalpha())
    for id in (*(id for id, _ in _settings(config)), *waived):
        if id not in ids:
            raise ConfigError(f"{config.source}: there is no policy {id}{nearest(id, ids)}")
    for id, setting in _settings(config):
        for name, value in setting.params.items() if id in known else ():
            params = known[id].params
            if name not in params:
                hint = nearest(name, params)
                raise ConfigError(f"{config.source}: {id} has no parameter `{name}`{hint}")
            if not _same_type(value, params[name]):
                wanted = type(params[name]).__name__
                raise ConfigError(f"{config.source}: {id}: `{name}` must be of type {wanted}")


def not_implemented(config: Config, policies: Iterable[Policy]) -> list[str]:
    """Ids of the catalogue that the configuration names, and that no policy has yet."""
    known = {policy.id for policy in policies}
    named = {id for id, _ in _settings(config)}
    return sorted(named & set(table("catalogue")) - known)


def _settings(config: Config) -> Iterator[tuple[str, PolicySetting]]:
    for settings in (config.policies, *(override.policies for override in config.overrides)):
        yield from settings.items()


def _same_type(value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float)
    return default is None or isinstance(value, type(default))


def apply(policy: Policy, setting: PolicySetting) -> Policy:
    """The policy as the configuration wants it."""
    if setting is NO_SETTING or setting == NO_SETTING:
        return policy
    return replace(
        policy,
        enabled=policy.enabled if setting.enabled is None else setting.enabled,
        severity=setting.severity or policy.severity,
        on_unknown=setting.on_unknown or policy.on_unknown,
        params=policy.params | setting.params,
    )
