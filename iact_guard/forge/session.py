"""The HTTP client as every part here uses it: the system's certificates, timeouts, no redirects."""

import ssl
from functools import cache
from typing import TYPE_CHECKING

from iact_guard import __version__

if TYPE_CHECKING:  # httpx takes longer to import than most commands take
    import httpx

TIMEOUT = 30
"""Seconds without an answer after which a server is given up."""
MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def session(headers: dict[str, str] | None = None) -> "httpx.Client":
    """A client that follows no redirect: where one leads is looked at first."""
    import httpx

    return httpx.Client(
        headers={"User-Agent": f"iact-guard/{__version__}"} | (headers or {}),
        timeout=TIMEOUT,
        follow_redirects=False,
        verify=_certificates(),
    )


@cache
def _certificates() -> ssl.SSLContext:
    """The system's; reading them takes longer than a request."""
    return ssl.create_default_context()
