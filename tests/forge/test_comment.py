"""The comment on a pull request: one, ours, renewed."""

from typing import Any

import pytest

from iact_guard.model.errors import ConfigError, ForbiddenError, UncertainError
from iact_guard.pipeline.comment import MAX_BODY, body_of, pull_request_of, read_only, renew
from tests.forge.server import ME, REPOSITORY, Reply, Server

COMMENTS = f"/repos/{REPOSITORY}/issues/7/comments"
BODY = body_of("first", "check")
OTHER = body_of("second", "check")


def put(server: Server, body: str) -> str:
    return renew(server.github(), 7, body, server.slept.append)[0]


def bodies(server: Server, author: str = ME) -> list[str]:
    return [each["body"] for each in server.comments if each["user"]["login"] == author]


def test_one_comment_however_often_it_is_renewed(server: Server) -> None:
    for _ in range(5):
        server.add("somebody", "talk")
    assert [put(server, BODY), put(server, OTHER), put(server, BODY)] == [
        "created", "updated", "updated",
    ]  # fmt: skip
    assert bodies(server) == [BODY]


def test_what_is_the_same_is_not_written(server: Server) -> None:
    put(server, BODY)
    server.comments[0]["body"] = BODY.replace("\n", "\r\n")
    assert put(server, BODY) == "unchanged"
    assert "PATCH" not in " ".join(server.asked)


def test_the_comment_of_another_is_left_alone_whatever_it_holds(server: Server) -> None:
    server.add("mallory", BODY)
    assert put(server, OTHER) == "created"
    assert bodies(server, "mallory") == [BODY]
    assert bodies(server) == [OTHER]


def test_an_own_comment_without_the_marker_is_left_alone(server: Server) -> None:
    server.add(ME, f"> {BODY}")
    assert put(server, BODY) == "created"


def test_several_checks_have_a_comment_each(server: Server) -> None:
    put(server, body_of("a", "backend"))
    put(server, body_of("b", "frontend"))
    put(server, body_of("c", "backend"))
    assert bodies(server) == [body_of("c", "backend"), body_of("b", "frontend")]


@pytest.mark.parametrize("reply", [Reply(502, then=True), Reply(0, drop=True, then=True)])
def test_a_comment_that_was_made_without_an_answer_is_not_made_again(
    server: Server, reply: Reply
) -> None:
    server.before("POST", COMMENTS, reply)
    assert put(server, BODY) == "unchanged"
    assert bodies(server) == [BODY]


def test_a_comment_that_was_not_made_is_tried_again(server: Server) -> None:
    server.before("POST", COMMENTS, Reply(503), Reply(503))
    assert put(server, BODY) == "created"
    assert bodies(server) == [BODY]
    assert server.slept == [2, 4]
    server.before("POST", COMMENTS, *[Reply(503)] * 9)
    server.comments.clear()
    with pytest.raises(UncertainError):
        put(server, BODY)


def test_a_missing_permission(server: Server) -> None:
    server.before("POST", COMMENTS, Reply(403, {"message": "Resource not accessible"}))
    with pytest.raises(ForbiddenError, match="pull-requests: write"):
        put(server, BODY)


def event(**pull: Any) -> dict[str, Any]:
    head = {"repo": {"full_name": REPOSITORY}, "sha": "a" * 40}
    given = {"number": 7, "head": head, "user": {"login": "me"}} | pull
    return {"repository": {"full_name": REPOSITORY}, "pull_request": given}


def test_the_pull_request_of_an_event() -> None:
    repository = {"full_name": REPOSITORY}
    comment = {"repository": repository, "issue": {"number": 8, "pull_request": {"url": "x"}}}
    run = {"repository": repository, "workflow_run": {"pull_requests": [{"number": 9}]}}
    assert [pull_request_of(e).number for e in (event(), comment, run)] == [7, 8, 9]


@pytest.mark.parametrize(
    "data",
    [
        {}, {"repository": {"full_name": REPOSITORY}, "after": "a" * 40},
        {"repository": {"full_name": REPOSITORY}, "issue": {"number": 8}},
        {"repository": {"full_name": REPOSITORY}, "workflow_run": {"pull_requests": []}},
        {"pull_request": {"number": 7}}, event(number="7"), event(number=True), event(number=-1),
        {"repository": [], "pull_request": []},
    ],
)  # fmt: skip
def test_an_event_of_something_else(data: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="not that of a pull request"):
        pull_request_of(data)


def test_who_may_only_read() -> None:
    assert read_only(event()) == ""
    assert "fork" in read_only(event(head={"repo": {"full_name": "mallory/shop"}}))
    assert "fork" in read_only(event(head={"repo": None}))
    assert "Dependabot" in read_only(event(user={"login": "dependabot[bot]"}))
    assert read_only({"after": "x"}) == ""


def test_what_github_would_not_take_is_not_sent() -> None:
    with pytest.raises(ConfigError, match="-o comment:FILE"):
        body_of("x" * MAX_BODY, "check")
    with pytest.raises(ConfigError, match="empty"):
        body_of(" \n", "check")
    with pytest.raises(ConfigError, match="--id"):
        body_of("x", "a --> b")
    assert len(body_of("x" * 65_000, "i" * 64)) <= MAX_BODY
