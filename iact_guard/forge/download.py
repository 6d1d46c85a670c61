"""A file from a server: bounded, without credentials of ours."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from iact_guard.forge.address import require_safe, shown
from iact_guard.forge.session import MAX_REDIRECTS, REDIRECTS, session
from iact_guard.model.errors import ForgeError

if TYPE_CHECKING:
    import httpx

TOTAL_TIMEOUT = 900
_MIB = 1024 * 1024


def download(
    url: str, target: Path, limit: int, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Write the body of a URL to a file; ForgeError above `limit` bytes, or without an answer."""
    require_safe(url)
    import httpx

    try:
        with session({"Accept-Encoding": "identity"}) as client:
            for _ in range(MAX_REDIRECTS + 1):
                with client.stream("GET", url) as answer:
                    if answer.status_code not in REDIRECTS:
                        _save(answer, url, target, limit, progress)
                        return
                    url = urljoin(url, answer.headers.get("Location", ""))
                    # A redirect must not lead from https to anything weaker.
                    require_safe(url)
    except (httpx.RemoteProtocolError, httpx.ReadError):
        raise ForgeError(f"{shown(url)}: the connection ended early") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ForgeError(f"{shown(url)}: no answer ({type(error).__name__})") from None
    except OSError as error:
        raise ForgeError(f"{shown(url)}: {error.strerror or type(error).__name__}") from None
    raise ForgeError(f"{shown(url)}: more than {MAX_REDIRECTS} redirects")


def _save(
    answer: "httpx.Response", url: str, target: Path, limit: int, progress: Callable[[str], None]
) -> None:
    if answer.status_code != 200:
        raise ForgeError(f"{shown(url)}: the server answered {answer.status_code}")
    deadline = time.monotonic() + TOTAL_TIMEOUT
    size = 0
    with target.open("wb") as sink:
        for chunk in answer.iter_raw(_MIB):
            size += len(chunk)
            if size > limit:
                raise ForgeError(f"{shown(url)}: more than {limit // _MIB} MiB")
            if time.monotonic() > deadline:
                raise ForgeError(f"{shown(url)}: not finished after {TOTAL_TIMEOUT} s")
            sink.write(chunk)
            progress(f"{size // _MIB} MiB of {shown(url)}")
