"""Addresses of services that are not the application: forges, registries, messengers, ..."""

import re
from functools import cache

from iact_guard.data.tables import table


def names_others(text: str) -> bool:
    """Whether a text names a host of `data/probes.toml`, or what only a registry answers."""
    return bool(_foreign().search(text.lower()))


@cache
def _foreign() -> re.Pattern[str]:
    hosts = "|".join(map(re.escape, table("probes")["foreign"]))
    return re.compile(rf"(?<![\w-])(?:{hosts})(?![\w-])|{table('probes')['registry']}")
