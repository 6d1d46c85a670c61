"""A MariaDB of Debian's package: in a temporary folder, on a Unix socket, gone afterwards."""

import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 60
"""As long may it take to start."""
DATABASE = "oracle"


@contextmanager
def running() -> Iterator[dict[str, Any]]:
    """Django's `DATABASES["default"]` for a server that lives as long as the block."""
    if shutil.which("mariadbd") is None:
        raise SystemExit("no mariadbd on the path: apt-get install mariadb-server")
    # Thousands of tables come and go: in memory, where there is such a folder.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="oracle-", dir=memory) as name:
        folder = Path(name)
        user, data, socket = getpass.getuser(), folder / "data", folder / "socket"
        common = ["--no-defaults", f"--user={user}", f"--datadir={data}"]
        install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, capture_output=True)
        fast = ["--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                ["mariadbd", *common, f"--socket={socket}", *fast], stdout=log, stderr=log
            )
            try:
                _wait(socket)
                yield {
                    "ENGINE": "django.db.backends.mysql",
                    "NAME": DATABASE,
                    "USER": "root",
                    "OPTIONS": {"unix_socket": str(socket), "charset": "utf8mb4"},
                }
            finally:
                server.terminate()
                server.wait()


def _wait(socket: Path) -> None:
    import pymysql

    for _ in range(SECONDS * 10):
        try:
            connection = pymysql.connect(unix_socket=str(socket), user="root")
        except pymysql.OperationalError:
            time.sleep(0.1)
            continue
        with connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
        return
    raise SystemExit(f"mariadbd does not answer on {socket} after {SECONDS} s")
