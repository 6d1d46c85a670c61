"""The commit of this version's release, for a workflow that pins the action."""

import json
import tempfile
from pathlib import Path

from iact_guard import __version__
from iact_guard.forge.api import PUBLIC
from iact_guard.forge.download import download
from iact_guard.model.errors import ForgeError
from iact_guard.model.regex import regex

_COMMIT = regex(r"[0-9a-f]{40}")
_LIMIT = 1024 * 1024
"""Bytes of the answer."""


def released_commit(slug: str, api: str = PUBLIC) -> str | None:
    """40 hex digits, or None where GitHub cannot be asked or has no such release."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "commit.json"
        try:
            download(f"{api}/repos/{slug}/commits/v{__version__}", answer, _LIMIT)
            commit = json.loads(answer.read_bytes())["sha"]
        except (ForgeError, ValueError, KeyError, TypeError):
            return None  # the workflow names the tag then, and the steps say to pin it
    return commit if isinstance(commit, str) and _COMMIT.fullmatch(commit) else None
