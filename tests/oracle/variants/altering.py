"""."""

from collections.abc import Iterator

from tests.oracle.case import Case
from tests.oracle.variants.fields import Version


def cases(django: Version) -> Iterator[Case]:
    yield from ()
