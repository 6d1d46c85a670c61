"""`comment`: the one comment of ours on a pull request, made or renewed."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from iact_guard.forge.github import Comment, GitHub
from iact_guard.model.errors import ConfigError, UncertainError
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

MAX_BODY = 65_536
"""Characters of a comment."""
_ID = regex(r"[A-Za-z0-9_.-]{1,64}")
_READERS = {"dependabot[bot]": "the pull request was opened by Dependabot"}


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What an event says of a pull request."""

    repository: str
    number: int


def pull_request_of(event: Mapping[str, Any]) -> PullRequest:
    """The pull request of an event; ConfigError where it has none."""
    repository = _at(event, "repository", "full_name")
    pull = event.get("pull_request")
    if pull is None and _at(event, "issue", "pull_request"):
        pull = event["issue"]  # a comment on a pull request
    found = _at(event, "workflow_run", "pull_requests")
    if pull is None and isinstance(found, list) and len(found) == 1:
        pull = found[0]
    number = _at(pull, "number")
    if not isinstance(repository, str) or type(number) is not int or number < 1:
        raise ConfigError("the event is not that of a pull request: there is nothing to comment on")
    return PullRequest(repository, number)


def read_only(event: Mapping[str, Any]) -> str:
    """Why GitHub gives the runs of an event a token that only reads; empty where it does not."""
    head = _at(event, "pull_request", "head")
    if head is not None and _at(head, "repo", "full_name") != _at(event, "repository", "full_name"):
        return "the pull request comes from a fork"
    return _READERS.get(str(_at(event, "pull_request", "user", "login")), "")


def body_of(text: str, id: str) -> str:
    """The comment with its marker; ConfigError for what GitHub would not take."""
    if not _ID.fullmatch(id):
        raise ConfigError("--id takes letters, digits, `_`, `.` and `-`, at most 64 of them")
    if not text.strip():
        raise ConfigError("the report is empty: there is nothing to comment")
    body = f"{_marker(id)}\n{text}"
    if _length(body) > MAX_BODY:
        raise ConfigError(
            f"the comment would have {_length(body)} characters, GitHub takes {MAX_BODY}: "
            "`iact-guard check -o comment:FILE` writes one that fits"
        )
    return body


def renew(
    github: GitHub, number: int, body: str, sleep: Callable[[float], None] = time.sleep
) -> tuple[str, Comment]:
    """What was done (`created`, `updated`, `unchanged`), and the comment.

    Only a comment of the same author is one of ours, whatever others write into theirs.
    """
    author = github.login()
    marker = body.partition("\n")[0]
    for wait in (2.0, 4.0, 0.0):
        own = _own(github, number, author, marker)
        if own is not None:
            same = _same(own.body, body)
            return ("unchanged", own) if same else ("updated", github.edit(own, body))
        try:
            return "created", github.comment(number, body)
        except UncertainError:
            # It may be there: a look is better than a second comment.
            if not wait:
                raise
            sleep(wait)
    raise AssertionError("the last round returns or raises")


def _own(github: GitHub, number: int, author: str, marker: str) -> Comment | None:
    """The first comment of this author that begins with the marker."""
    comments = github.comments(number)
    ours = (c for c in comments if c.author == author and c.body.lstrip().startswith(marker))
    return next(ours, None)


def _same(found: str, wanted: str) -> bool:
    return found.replace("\r\n", "\n").strip() == wanted.strip()


def _marker(id: str) -> str:
    return f"<!-- iact-guard: {id} -->"


def _length(text: str) -> int:
    """Characters as JavaScript counts them, which is never less than what GitHub counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def _at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data
