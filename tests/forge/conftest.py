"""The server that stands in for GitHub."""

from collections.abc import Iterator

import pytest

from tests.forge.server import Server, running


@pytest.fixture
def server() -> Iterator[Server]:
    """A new one for each test."""
    with running() as found:
        yield found
