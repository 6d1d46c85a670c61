"""The commit of a release, asked of a server on this machine."""

from collections.abc import Iterator
from typing import Any

import pytest

from iact_guard import __version__
from iact_guard.pipeline.init.pin import released_commit
from tests.forge.server import Reply, Server, running

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as found:
        yield found


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"sha": COMMIT}, COMMIT),
        (200, {"sha": "main # "}, None),
        (200, {"other": 1}, None),
        (200, [1], None),
        (404, {"message": "Not Found"}, None),
        (500, {"message": "later"}, None),
    ],
)
def test_a_commit_is_taken_only_where_it_is_one(
    server: Server, status: int, body: Any, expected: str | None
) -> None:
    path = f"/repos/acme/tool/commits/v{__version__}"
    server.before("GET", path, Reply(status, body))
    assert released_commit("acme/tool", server.base) == expected


def test_no_server_is_no_commit() -> None:
    assert released_commit("acme/tool", "http://127.0.0.1:9") is None
