"""Which addresses are spoken to, and how they are shown."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from iact_guard.model.errors import ForgeError

_PORTS = {"https": 443, "http": 80}


def shown(url: str) -> str:
    """A URL without the parts that may hold a credential."""
    parts = _split(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def require_safe(url: str) -> None:
    """ForgeError for what is neither https nor a server on this machine."""
    parts = _split(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise ForgeError(f"{shown(url)}: only https URLs are fetched")


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a token is meant for."""
    parts = _split(url)
    try:
        port = parts.port
    except ValueError:
        raise ForgeError(f"{shown(url)}: its port is none") from None
    return parts.scheme, parts.hostname or "", port or _PORTS.get(parts.scheme)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ForgeError("an address that is none") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
