"""What a real MariaDB says of the same cases: for developers, with Debian's `mariadb-server`.

    python -m tests.oracle.mariadb [--write]

`truth.json` is what the last run measured; the tests hold the verdict from the files against it.
"""
