"""The event that a CI run answers to, as GitHub describes it to its runners."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iact_guard.model.errors import ConfigError
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

MAX_BYTES = 64 * 1024 * 1024
_COMMIT = regex(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Event:
    """What started a run, and between which commits the change lies; empty where it says nothing.

    Whoever opens a pull request writes nothing of this: the commits are GitHub's own words.
    """

    name: str
    base: str = ""
    """The commit that a change goes on top of: the base branch, or what a push replaced."""
    head: str = ""
    """The last commit of a pull request."""
    checked_out: str = ""
    """`GITHUB_SHA`: for a pull request the merge that GitHub made of base and head."""
    default_branch: str = ""
    is_review: bool = False
    """A change that is not merged yet: it must not approve itself."""


def from_environment(environment: Mapping[str, str], root: Path) -> Event | None:
    """The event of this run; None outside of GitHub Actions, and for a root of another checkout.

    ConfigError where the event's file is not what the event's name says.
    """
    name, file = environment.get("GITHUB_EVENT_NAME"), environment.get("GITHUB_EVENT_PATH")
    workspace = environment.get("GITHUB_WORKSPACE")
    if not name or not file:
        return None
    if workspace and not root.is_relative_to(os.path.realpath(workspace)):
        return None
    return parse(name, read(Path(file)), environment.get("GITHUB_SHA", ""))


def read(file: Path) -> Mapping[str, Any]:
    """An event's file; ConfigError where it is none."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{file}: too large for the file of an event")
        data = json.loads(file.read_bytes())
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise ConfigError(f"{file}: the event's file cannot be read: {reason}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{file}: the event's file is not JSON") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{file}: the event's file holds no object")
    return data


def parse(name: str, data: Mapping[str, Any], checked_out: str = "") -> Event:
    """The event of a name and its description; ConfigError where they do not fit."""
    default_branch = str(_at(data, "repository", "default_branch") or "")
    if name.startswith("pull_request"):
        base, head = (_commit(name, data, "pull_request", end, "sha") for end in ("base", "head"))
        return Event(name, base, head, checked_out, default_branch, is_review=True)
    if name == "merge_group":
        base = _commit(name, data, "merge_group", "base_sha")
        return Event(name, base, "", checked_out, default_branch, is_review=True)
    if name == "push":
        before = _commit(name, data, "before")
        base = "" if not before.strip("0") else before  # all zeros: the branch is new
        return Event(name, base, "", checked_out, default_branch)
    return Event(name, "", "", checked_out, default_branch)


def _commit(name: str, data: Mapping[str, Any], *keys: str) -> str:
    found = _at(data, *keys)
    if not isinstance(found, str) or not _COMMIT.fullmatch(found):
        raise ConfigError(
            f"the event's file is not that of `{name}`: it has no commit at `{'.'.join(keys)}`"
        )
    return found


def _at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data
