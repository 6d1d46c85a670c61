"""One entry: a file with a digest of its key and content, and JSON; read as if it were hostile."""

import json
import os
import stat
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

MAX_BYTES = 64 * 1024**2
ASIDE = "new-"
"""How the name of a file begins that is still being written."""
PRECISION = 3600
"""Seconds to which it is known when an entry was last of use."""


class DamagedError(ValueError):
    """The file is not what was written under its key."""


def read(place: Path, key: str) -> Any:
    """The data under a key; DamagedError, or OSError where the file cannot be opened."""
    # Neither through a link, nor waiting for a FIFO.
    handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            raise DamagedError("no entry")
        digest, _, body = file.read(MAX_BYTES).partition(b"\n")
        if time.time() - status.st_mtime > PRECISION:
            with suppress(OSError):  # a folder that can only be read
                os.utime(handle)
    if digest != _digest(key, body):
        raise DamagedError("another digest")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise DamagedError("no JSON") from None


def write(place: Path, key: str, data: Any) -> int:
    """Write an entry aside and rename it; its size in bytes, 0 where it is too large to be kept."""
    body = json.dumps(data, separators=(",", ":")).encode()
    content = _digest(key, body) + b"\n" + body
    if len(content) > MAX_BYTES:
        return 0
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = place.parent / f"{ASIDE}{os.urandom(8).hex()}"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(aside, flags, 0o600), "wb") as file:
            file.write(content)
        aside.replace(place)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    return len(content)


def _digest(key: str, body: bytes) -> bytes:
    return sha256(key.encode() + b"\0" + body).hexdigest().encode()
