"""A repository at GitHub: what its answers mean."""

import pytest

from iact_guard.forge.github import GitHub
from iact_guard.model.errors import ForbiddenError, ForgeError
from tests.forge.server import REPOSITORY, Reply, Server

COMMENTS = f"/repos/{REPOSITORY}/issues/7/comments"
UPLOADS = f"/repos/{REPOSITORY}/code-scanning/sarifs"


def test_whose_token_it_is(server: Server) -> None:
    assert server.github().login() == "github-actions[bot]"
    assert server.asked == ["GET /user", "POST /graphql"]
    server.user = "robot"
    assert server.github().login() == "robot"


def test_enterprise_keeps_graphql_beside_its_api(server: Server) -> None:
    server.before("POST", "/api/graphql", Reply(200, {"data": {"viewer": {"login": "app[bot]"}}}))
    server.base += "/api/v3"
    assert server.github().login() == "app[bot]"
    assert server.asked == ["GET /api/v3/user", "POST /api/graphql"]


def test_a_server_without_graphql_means_the_token_of_a_job(server: Server) -> None:
    server.before("POST", "/graphql", Reply(404))
    assert server.github().login() == "github-actions[bot]"


def test_comments_of_all_pages(server: Server) -> None:
    for number in range(5):
        server.add("x", f"comment {number}")
    found = [comment.body for comment in server.github().comments(7)]
    assert found == [f"comment {number}" for number in range(5)]
    assert len(server.exchanges) == 3


def test_a_next_page_elsewhere_is_not_asked_for(server: Server) -> None:
    link = {"Link": '<https://evil.example/x>; rel="next"'}
    server.before("GET", COMMENTS, Reply(200, [], link))
    with pytest.raises(ForgeError, match="the token is not sent there"):
        list(server.github().comments(7))


def test_pages_end(server: Server) -> None:
    link = {"Link": f'<{server.base}{COMMENTS}>; rel="next"'}
    server.before("GET", COMMENTS, *[Reply(200, [], link)] * 200)
    assert list(server.github().comments(7)) == []
    assert len(server.exchanges) == 100


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "does not accept this token .no."),
        (404, "no such thing, or the token may not see it; it needs .*pull-requests: write.*404"),
        (410, "410: no"),
        (422, "answered 422: no"),
    ],
)
def test_refusals(server: Server, status: int, message: str) -> None:
    server.before("POST", COMMENTS, Reply(status))
    with pytest.raises(ForgeError, match=message):
        server.github().comment(7, "x")


def test_a_missing_permission_is_named(server: Server) -> None:
    denied = Reply(403, {"message": "Resource not accessible by integration"})
    server.before("POST", COMMENTS, denied)
    with pytest.raises(ForbiddenError, match=r"`pull-requests: write` \(Resource not accessible"):
        server.github().comment(7, "x")
    server.before("POST", UPLOADS, denied)
    with pytest.raises(ForbiddenError, match="`security-events: write`"):
        server.github().upload("a" * 40, "refs/heads/main", "x")


def test_an_upload_that_is_too_large(server: Server) -> None:
    server.before("POST", UPLOADS, Reply(413, {"message": "Payload Too Large"}))
    with pytest.raises(ForgeError, match=r"too large \(413: Payload Too Large"):
        server.github().upload("a" * 40, "refs/heads/main", "x")


def test_the_state_of_an_upload(server: Server) -> None:
    id = server.github().upload("a" * 40, "refs/heads/main", "x")
    server.states.append({"processing_status": "failed", "errors": ["line 1", 2]})
    assert server.github().upload_state(id) == ("failed", ["line 1", "2"])
    assert server.github().upload_state(id) == ("complete", [])
    server.before("GET", f"{UPLOADS}/{id}", Reply(404))
    assert server.github().upload_state(id) == ("pending", [])


@pytest.mark.parametrize("name", ["", "a", "a/b/c", "a b/c", "../x", "a/..", "a/b?x=1"])
def test_a_repository_is_owner_and_name(server: Server, name: str) -> None:
    with pytest.raises(ForgeError, match="owner/name"):
        GitHub(server.api(), name)
