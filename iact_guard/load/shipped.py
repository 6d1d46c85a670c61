"""The policies that ship: beside the package in a checkout, within it in a wheel."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from iact_guard.load.policy import load_policy
from iact_guard.model.errors import ConfigError
from iact_guard.model.policy import Policy
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text


def folder() -> Path:
    """Where the policies are."""
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
    raise ConfigError(f"there is no policy {id}{nearest(id, known)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for a message: the known word that is meant, or all of a few."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 12 else ""
