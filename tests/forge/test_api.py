"""Requests: repeated where that helps, never with the token to another server, bounded."""

import logging
import time

import pytest

from iact_guard.forge import api
from iact_guard.forge.api import Access, Api
from iact_guard.model.errors import ForgeError, UncertainError
from tests.forge.server import TOKEN, Reply, Server

USER = ("GET", "/user")


def test_a_request_carries_token_and_version(server: Server) -> None:
    server.user = "me"
    answer = server.api().ask("GET", "/user")
    assert (answer.status, answer.data["login"]) == (200, "me")
    headers = server.exchanges[0].headers
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["User-Agent"].startswith("iact-guard/")


def test_trouble_at_the_server_is_waited_out(server: Server) -> None:
    server.user = "me"
    server.before(*USER, Reply(502), Reply(0, drop=True), Reply(503, headers={"Retry-After": "7"}))
    assert server.api().ask("GET", "/user").status == 200
    assert server.slept == [1, 2, 7]


def test_trouble_that_stays_is_told(server: Server) -> None:
    server.before(*USER, *[Reply(500, {"message": "oops"})] * 9)
    with pytest.raises(ForgeError, match="the server answered 500: oops"):
        server.api().ask("GET", "/user")
    assert len(server.exchanges) == api.ATTEMPTS


def test_rate_limits_are_waited_for(server: Server) -> None:
    server.user = "me"
    secondary = {"message": "You have exceeded a secondary rate limit. Please wait."}
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 100)}
    server.before(
        *USER,
        Reply(403, headers={"Retry-After": "3"}),
        Reply(403, secondary),
        Reply(429, headers={"Retry-After": "5"}),
        Reply(403, headers=reset),
    )
    assert server.api().ask("GET", "/user").status == 200
    assert server.slept[:3] == [3, 120, 5]
    assert 90 < server.slept[3] <= 100


def test_a_limit_that_lasts_is_told_and_not_waited_for(server: Server) -> None:
    server.before(*USER, Reply(429, headers={"Retry-After": "3600"}))
    with pytest.raises(ForgeError, match=r"rate limit is used up; try again in 3600 seconds"):
        server.api().ask("GET", "/user")
    assert server.slept == []


def test_a_plain_refusal_is_no_rate_limit(server: Server) -> None:
    assert server.api().ask("GET", "/user").status == 403
    assert server.slept == []


@pytest.mark.parametrize("reply", [Reply(502), Reply(0, drop=True)])
def test_what_must_not_be_done_twice_is_not_repeated(server: Server, reply: Reply) -> None:
    server.before("POST", "/x", reply)
    with pytest.raises(UncertainError):
        server.api().ask("POST", "/x", {}, repeatable=False)
    assert len(server.exchanges) == 1


def test_redirects_stay_on_the_server(server: Server) -> None:
    server.user = "me"
    server.before("PATCH", "/old", Reply(307, headers={"Location": "/user"}))
    server.before("PATCH", "/user", Reply(200, {"done": True}))
    assert server.api().ask("PATCH", "/old", {"a": 1}).data == {"done": True}
    assert [each.body for each in server.exchanges] == [{"a": 1}, {"a": 1}]
    server.before("GET", "/round", *[Reply(301, headers={"Location": "/round"})] * 9)
    with pytest.raises(ForgeError, match="more than 5 redirects"):
        server.api().ask("GET", "/round")


@pytest.mark.parametrize(
    "place", ["https://127.0.0.1:1/x", "http://localhost:1/x", "//evil.example/x", "ftp://x/"]
)
def test_the_token_goes_to_no_other_server(server: Server, place: str) -> None:
    server.before("GET", "/x", Reply(302, headers={"Location": place}))
    with pytest.raises(ForgeError, match="another server: the token is not sent there"):
        server.api().ask("GET", "/x")
    with pytest.raises(ForgeError, match="another server"):
        server.api().ask("GET", "https://evil.example/next")


def test_an_answer_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MAX_ANSWER", 1000)
    server.before("GET", "/x", Reply(200, b" " * 2000))
    with pytest.raises(ForgeError, match="larger than"):
        server.api().ask("GET", "/x")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 5000, b"\xff", b'"text"'])
def test_what_is_no_json_object_is_no_crash(server: Server, body: bytes) -> None:
    server.before("GET", "/x", Reply(418, body))
    assert server.api().ask("GET", "/x").message == "no message"


def test_errors_are_told_in_githubs_words(server: Server) -> None:
    errors = [{"resource": "Issue", "field": "body", "code": "invalid"}, {"message": "so"}, "text"]
    server.before("GET", "/x", Reply(422, {"message": "Validation Failed", "errors": errors}))
    told = server.api().ask("GET", "/x").message
    assert told == "Validation Failed; Issue body invalid; so; text"


def test_the_token_is_in_no_message_and_no_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert TOKEN not in repr(server.api()._access)
    server.before(*USER, *[Reply(500, {"message": f"you sent {TOKEN}"})] * 5)
    with pytest.raises(ForgeError) as raised:
        server.api().ask("GET", "/user")
    assert TOKEN not in str(raised.value)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "GITHUB_TOKEN .* is not set"),
        ({"GITHUB_TOKEN": " "}, "is not set"),
        ({"GITHUB_TOKEN": "a b"}, "characters that no token has"),
        ({"GITHUB_TOKEN": "a\r\nX: y"}, "characters that no token has"),
        ({"GH_TOKEN": "x", "GITHUB_API_URL": "http://ghe.example/api/v3"}, "only https"),
    ],
)
def test_access_without_what_it_needs(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ForgeError, match=message):
        Access.of(environment)


def test_access_of_an_environment() -> None:
    assert Access.of({"GH_TOKEN": "x\n"}) == Access("x", "https://api.github.com")
    given = {"GITHUB_TOKEN": "y", "GH_TOKEN": "x", "GITHUB_API_URL": "https://ghe.example/api/v3/"}
    assert Access.of(given) == Access("y", "https://ghe.example/api/v3")


def test_nobody_there(server: Server) -> None:
    gone = Api(Access("x", "http://127.0.0.1:1"), server.slept.append)
    with pytest.raises(ForgeError, match="no answer"):
        gone.ask("GET", "/user")
