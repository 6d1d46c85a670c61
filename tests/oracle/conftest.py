"""One database for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.oracle.measure import Oracle
from tests.oracle.server import running


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    with running() as database:
        found = Oracle(database)
        yield found
        found.close()
