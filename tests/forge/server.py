"""A server on this machine that answers as GitHub's REST API does, as far as we ask it.

`tests/tools/github_openapi.py` holds its answers, and our requests, against GitHub's description.
"""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from iact_guard.forge.api import Access, Api
from iact_guard.forge.github import GitHub

TOKEN = "ghs_c4naryZx81q7Lw0"
REPOSITORY = "acme/shop"
ME = "github-actions[bot]"
STAMP = "2026-01-01T00:00:00Z"


@dataclass
class Reply:
    """An answer that a test puts before the usual one."""

    status: int
    body: Any = field(default_factory=lambda: {"message": "no"})
    headers: dict[str, str] = field(default_factory=dict)
    then: bool = False
    """Whether the request is carried out all the same."""
    drop: bool = False
    """Close the connection instead of answering."""


@dataclass
class Exchange:
    """A request and its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    status: int = 0
    answer: Any = None


@dataclass
class Server:
    """What it holds, what it was asked."""

    base: str = ""
    page: int = 2
    """Comments of a page."""
    comments: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[dict[str, Any]] = field(default_factory=list)
    states: deque[dict[str, Any]] = field(default_factory=deque)
    user: str = ""
    """Whom /user names; empty for the token of a job, which may not ask."""
    replies: dict[tuple[str, str], deque[Reply]] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """`GET /user`, in order."""
        return [f"{each.method} {urlsplit(each.path).path}" for each in self.exchanges]

    def before(self, method: str, path: str, *replies: Reply) -> None:
        """Give these answers first."""
        self.replies[method, path] = deque(replies)

    def add(self, author: str, body: str) -> dict[str, Any]:
        """A comment that is there."""
        id = 1000 + len(self.comments)
        api = f"{self.base}/repos/{REPOSITORY}"
        comment = {
            "id": id, "node_id": f"C{id}", "body": body, "created_at": STAMP, "updated_at": STAMP,
            "url": f"{api}/issues/comments/{id}", "issue_url": f"{api}/issues/7",
            "html_url": f"https://github.com/{REPOSITORY}/pull/7#issuecomment-{id}",
            "author_association": "NONE", "user": _user(author, self.base),
        }  # fmt: skip
        self.comments.append(comment)
        return comment

    def api(self, token: str = TOKEN) -> Api:
        """A client that does not sleep."""
        return Api(Access(token, self.base), self.slept.append)

    def github(self) -> GitHub:
        """The repository."""
        return GitHub(self.api(), REPOSITORY)

    def environment(self) -> dict[str, str]:
        """For the command."""
        return {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": self.base}

    def answer(self, method: str, target: str, body: Any) -> Reply:
        """What GitHub would say."""
        parts = urlsplit(target)
        own = f"/repos/{REPOSITORY}"
        comments, uploads = f"{own}/issues/7/comments", f"{own}/code-scanning/sarifs"
        match (method, parts.path):
            case ("GET", "/user"):
                return self._me()
            case ("POST", "/graphql"):
                return Reply(200, {"data": {"viewer": {"login": self.user or ME}}})
            case ("GET", path) if path == comments:
                return self._listed(parts.path, parse_qs(parts.query))
            case ("POST", path) if path == comments:
                return Reply(201, self.add(self.user or ME, body["body"]))
            case ("PATCH", path) if path.startswith(f"{own}/issues/comments/"):
                return self._edited(int(path.rpartition("/")[2]), body["body"])
            case ("POST", path) if path == uploads:
                self.uploads.append(body)
                id = f"47177e22-5596-11eb-80a1-c1e54ef945c{len(self.uploads)}"
                return Reply(202, {"id": id, "url": f"{self.base}{uploads}/{id}"})
            case ("GET", path) if path.startswith(f"{uploads}/"):
                return Reply(200, self.states.popleft() if self.states else _done(self.base))
        return Reply(404, {"message": "Not Found", "documentation_url": "https://docs.github.com"})

    def _me(self) -> Reply:
        if self.user:
            unsaid = ("name", "company", "blog", "location", "email", "hireable", "bio")
            counts = ("public_repos", "public_gists", "followers", "following")
            known = dict.fromkeys(unsaid) | dict.fromkeys(counts, 0)
            known |= {"blog": "", "created_at": STAMP, "updated_at": STAMP}
            return Reply(200, _user(self.user, self.base) | known)
        url = "https://docs.github.com"
        denied = "Resource not accessible by integration"
        return Reply(403, {"message": denied, "documentation_url": url})

    def _listed(self, path: str, query: dict[str, list[str]]) -> Reply:
        number = int(query.get("page", ["1"])[0])
        start = (number - 1) * self.page
        headers = {}
        if start + self.page < len(self.comments):
            following = f"{self.base}{path}?per_page=100&page={number + 1}"
            last = f'<{self.base}{path}?page=99>; rel="last"'
            headers["Link"] = f'<{following}>; rel="next", {last}'
        return Reply(200, self.comments[start : start + self.page], headers)

    def _edited(self, id: int, body: str) -> Reply:
        for comment in self.comments:
            if comment["id"] == id:
                comment["body"] = body
                return Reply(200, comment)
        return Reply(404, {"message": "Not Found"})


def _done(base: str) -> dict[str, Any]:
    return {"processing_status": "complete", "analyses_url": f"{base}/analyses", "errors": None}


def _user(login: str, base: str) -> dict[str, Any]:
    me = f"{base}/users/{login}".replace("[", "%5B").replace("]", "%5D")
    links = (
        "followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url",
        "organizations_url", "repos_url", "events_url", "received_events_url", "url", "html_url",
        "avatar_url",
    )  # fmt: skip
    kind = "Bot" if login.endswith("[bot]") else "User"
    whole = {"login": login, "id": 1, "node_id": "U1", "gravatar_id": "", "site_admin": False}
    return whole | {"type": kind} | dict.fromkeys(links, me)


@contextmanager
def running() -> Iterator[Server]:
    """The server, until the end of the block."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._handle()

        def do_POST(self) -> None:
            self._handle()

        def do_PATCH(self) -> None:
            self._handle()

        def _handle(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(raw) if raw else None
            exchange = Exchange(self.command, self.path, dict(self.headers.items()), body)
            state.exchanges.append(exchange)
            queue = state.replies.get((self.command, urlsplit(self.path).path))
            reply = queue.popleft() if queue else None
            if reply is None:
                reply = self._usual(body)
            elif reply.then:
                self._usual(body)
            if reply.drop:
                self.close_connection = True
                return
            exchange.status, exchange.answer = reply.status, reply.body
            text = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _usual(self, body: Any) -> Reply:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return Reply(401, {"message": "Bad credentials"})
            return state.answer(self.command, self.path, body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        state.base = f"http://127.0.0.1:{server.server_port}"
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
