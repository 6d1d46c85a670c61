"""A repository at GitHub: its comments and its code scanning, by the REST API."""

import re
from collections.abc import Iterator
from typing import Any

from iact_guard.forge.api import Answer, Api
from iact_guard.model.errors import ForbiddenError, ForgeError
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

MAX_PAGES = 100
"""Of a hundred comments each: beyond them the own one is not looked for."""
ACTIONS_LOGIN = "github-actions[bot]"
"""Whom the token of a job belongs to."""
_NAME = regex(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_NEXT = regex(r'<([^<>]+)>\s*;\s*rel="next"')


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request."""

    id: int
    author: str
    body: str
    url: str


class GitHub:
    """One repository, asked as whoever the token belongs to."""

    def __init__(self, api: Api, repository: str) -> None:
        """`repository` is `owner/name`."""
        if not _NAME.fullmatch(repository) or ".." in repository:
            raise ForgeError("the repository is not given as owner/name")
        self.api = api
        self.repository = repository

    def login(self) -> str:
        """Who comments with this token.

        An installation's token may not ask for a user; GraphQL tells whom it stands for.
        """
        answer = self.api.ask("GET", "/user")
        if answer.status == 401:
            raise self._refused(answer, "say whose it is", "")
        found = _text(answer.data, "login") if answer.status == 200 else ""
        return found or self._viewer() or ACTIONS_LOGIN

    def _viewer(self) -> str:
        base = self.api.base.removesuffix("/v3")  # GitHub Enterprise: /api/v3 and /api/graphql
        answer = self.api.ask("POST", f"{base}/graphql", {"query": "query { viewer { login } }"})
        data = answer.data.get("data") if isinstance(answer.data, dict) else None
        return _text(data.get("viewer"), "login") if isinstance(data, dict) else ""

    def comments(self, number: int) -> Iterator[Comment]:
        """The comments on a pull request, the oldest first, page by page."""
        path = f"/repos/{self.repository}/issues/{number}/comments?per_page=100"
        for _ in range(MAX_PAGES):
            answer = self.api.ask("GET", path)
            if answer.status != 200 or not isinstance(answer.data, list):
                raise self._refused(answer, "read the comments", "pull-requests: read")
            yield from (c for item in answer.data if (c := _comment(item)) is not None)
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            path = following.group(1)

    def comment(self, number: int, body: str) -> Comment:
        """Comment on a pull request. UncertainError where it may have been done."""
        path = f"/repos/{self.repository}/issues/{number}/comments"
        answer = self.api.ask("POST", path, {"body": body}, repeatable=False)
        return self._commented(answer, 201)

    def edit(self, comment: Comment, body: str) -> Comment:
        """Replace the text of a comment."""
        path = f"/repos/{self.repository}/issues/comments/{comment.id}"
        return self._commented(self.api.ask("PATCH", path, {"body": body}), 200)

    def _commented(self, answer: Answer, expected: int) -> Comment:
        found = _comment(answer.data)
        if answer.status != expected or found is None:
            raise self._refused(answer, "comment", "pull-requests: write")
        return found

    def upload(self, commit: str, ref: str, sarif: str) -> str:
        """Send a SARIF file (compressed, in base64) for a commit; the id of the upload."""
        body = {"commit_sha": commit, "ref": ref, "sarif": sarif}
        answer = self.api.ask("POST", f"/repos/{self.repository}/code-scanning/sarifs", body)
        id = _text(answer.data, "id")
        if answer.status != 202 or not re.fullmatch(r"[A-Za-z0-9-]+", id):
            raise self._refused(answer, "upload to code scanning", "security-events: write")
        return id

    def upload_state(self, id: str) -> tuple[str, list[str]]:
        """`pending`, `complete` or `failed`, and the errors of the processing."""
        answer = self.api.ask("GET", f"/repos/{self.repository}/code-scanning/sarifs/{id}")
        if answer.status == 404:  # not visible yet
            return "pending", []
        state = _text(answer.data, "processing_status")
        if answer.status != 200 or not state:
            raise self._refused(answer, "read the state of the upload", "security-events: read")
        errors = answer.data.get("errors")
        told = errors if isinstance(errors, list) else []
        return state, [self.api.clean(str(error)) for error in told]

    def _refused(self, answer: Answer, what: str, permission: str) -> ForgeError:
        """What an answer means to whoever set this up."""
        told = self.api.clean(answer.message)
        needs = f"; it needs the permission `{permission}`" if permission else ""
        if answer.status == 401:
            return ForgeError(f"GitHub does not accept this token ({told})")
        if answer.status == 403:
            return ForbiddenError(f"the token may not {what} in {self.repository}{needs} ({told})")
        if answer.status in (404, 410):
            return ForgeError(
                f"to {what}: {self.repository} has no such thing, or the token may not see it"
                f"{needs} ({answer.status}: {told})"
            )
        if answer.status == 413:
            return ForgeError(f"to {what}: GitHub says that it is too large (413: {told})")
        return ForgeError(f"to {what}: GitHub answered {answer.status}: {told}")


def _comment(item: Any) -> Comment | None:
    if not isinstance(item, dict) or not isinstance(item.get("id"), int):
        return None
    author = _text(item.get("user"), "login")
    return Comment(item["id"], author, _text(item, "body"), _text(item, "html_url"))


def _text(data: Any, key: str) -> str:
    """A text of an object; empty where there is none."""
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""
