"""The only place that speaks HTTP. Nothing here runs unless a command says so."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from iact_guard import __version__
from iact_guard.model.errors import ForgeError

TIMEOUT = 30
"""Seconds without an answer after which a server is given up."""
TOTAL_TIMEOUT = 900
_CHUNK = 1024 * 1024


class _OnlySafeRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect must not lead from https to anything weaker."""

    def redirect_request(  # type: ignore[no-untyped-def]  # the signature of the base class
        self, req, fp, code, msg, headers, newurl
    ):
        """Refuse what `download` itself would refuse."""
        _require_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(
    url: str, target: Path, limit: int, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Write the body of a URL to a file; ForgeError above `limit` bytes, or without an answer."""
    _require_safe(url)
    agent = {"User-Agent": f"iact-guard/{__version__}"}
    request = urllib.request.Request(url, headers=agent)  # noqa: S310  # checked above
    opener = urllib.request.build_opener(_OnlySafeRedirects)
    deadline = time.monotonic() + TOTAL_TIMEOUT
    try:
        with opener.open(request, timeout=TIMEOUT) as response, target.open("wb") as sink:
            size = 0
            while chunk := response.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise ForgeError(f"{shown(url)}: more than {limit // _CHUNK} MiB")
                if time.monotonic() > deadline:
                    raise ForgeError(f"{shown(url)}: not finished after {TOTAL_TIMEOUT} s")
                sink.write(chunk)
                progress(f"{size // _CHUNK} MiB of {shown(url)}")
            expected = response.headers.get("Content-Length", "")
            if expected.isdigit() and int(expected) != size:
                raise ForgeError(f"{shown(url)}: the connection ended early")
    except urllib.error.HTTPError as error:
        error.close()
        raise ForgeError(f"{shown(url)}: the server answered {error.code}") from None
    except OSError as error:
        reason = getattr(error, "reason", None) or error
        raise ForgeError(f"{shown(url)}: {type(reason).__name__}: {reason}") from None


def shown(url: str) -> str:
    """A URL without the parts that may hold a credential."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise ForgeError(f"{shown(url)}: only https URLs are fetched")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
