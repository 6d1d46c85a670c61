"""`upload`: a SARIF file to GitHub code scanning, without a runner of GitHub's."""

import base64
import gzip
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from iact_guard import vcs
from iact_guard.forge.github import GitHub
from iact_guard.model.errors import ConfigError, VcsError
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.report.sarif_limits import refusals
from iact_guard.vcs import history

MAX_FILE = 256 * 1024 * 1024
MAX_REASONS = 10
POLL = 5.0
"""Seconds between two looks at the state of an upload."""
_COMMIT = regex(r"[0-9a-f]{40}")
_REF = regex(r"refs/(?:heads|tags|pull)/\S+")


@dataclass(frozen=True, slots=True)
class Target:
    """Where results belong to."""

    repository: str
    commit: str
    ref: str


def target_of(event: Mapping[str, Any], environment: Mapping[str, str], folder: Path) -> Target:
    """By the event, else by a runner's variables, else by the checkout; what is missing is empty.

    Where a runner checked out the merge that GitHub made of a pull request, that is what was
    analysed; elsewhere it is the pull request's own last commit.
    """
    sha: Any = environment.get("GITHUB_SHA", "")
    ref: Any = environment.get("GITHUB_REF", "")
    number = _at(event, "pull_request", "number")
    merged = bool(sha) and ref == f"refs/pull/{number}/merge"
    if number is not None and not merged:
        sha, ref = _at(event, "pull_request", "head", "sha"), f"refs/pull/{number}/head"
    elif "merge_group" in event:
        sha, ref = _at(event, "merge_group", "head_sha"), _at(event, "merge_group", "head_ref")
    elif number is None and "after" in event:
        sha, ref = event["after"], event.get("ref")
    repository = _at(event, "repository", "full_name") or environment.get("GITHUB_REPOSITORY")
    return Target(
        str(repository or _origin(folder)),
        str(sha or _asked(history.head, folder) or ""),
        str(ref or _asked(history.head_ref, folder) or ""),
    )


def checked(target: Target) -> Target:
    """The target; ConfigError that names the option for what is missing or none."""
    if not target.repository:
        raise ConfigError("which repository? give --repository owner/name, or --event FILE")
    if not _COMMIT.fullmatch(target.commit) or not target.commit.strip("0"):
        raise ConfigError("which commit? give --commit with 40 hex digits, or --event FILE")
    if not _REF.fullmatch(target.ref):
        raise ConfigError("which ref? give --ref, as refs/heads/main or refs/pull/7/head")
    return target


def packed(file: Path) -> str:
    """A SARIF file compressed and in base64; ConfigError where GitHub would reject it."""
    try:
        with file.open("rb") as source:
            raw = source.read(MAX_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {(error.strerror or '').lower()}") from None
    if len(raw) > MAX_FILE:
        raise ConfigError(f"{file}: more than {MAX_FILE >> 20} MiB")
    try:
        log = json.loads(raw)
    except (ValueError, RecursionError):
        raise ConfigError(f"{file}: it is no SARIF: not JSON") from None
    compressed = gzip.compress(raw, mtime=0)
    reasons = list(refusals(log, len(compressed)))
    if reasons:
        more = len(reasons) - MAX_REASONS
        told = "; ".join(reasons[:MAX_REASONS]) + (f"; and {more} more" if more > 0 else "")
        raise ConfigError(f"{file}: GitHub would reject it: {told}")
    return base64.b64encode(compressed).decode()


def processed(
    github: GitHub, id: str, seconds: float, sleep: Callable[[float], None] = time.sleep
) -> tuple[str, list[str]]:
    """The state of an upload and its errors, after at most so many seconds of waiting."""
    waited = 0.0
    state, errors = github.upload_state(id)
    while state == "pending" and waited < seconds:
        pause = min(POLL, seconds - waited)
        sleep(pause)
        waited += pause
        state, errors = github.upload_state(id)
    return state, errors


def _origin(folder: Path) -> str:
    """`owner/name` of the remote; empty where there is none."""
    url = _asked(vcs.origin, folder) or ""
    path = urlsplit(url).path if "://" in url else url.rpartition(":")[2]
    return "/".join(path.strip("/").removesuffix(".git").split("/")[-2:])


def _asked(question: Callable[[Path], str | None], folder: Path) -> str | None:
    """What git says; None where this is no checkout, so that the option is asked for."""
    try:
        return question(folder)
    except VcsError:
        return None


def _at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data
