"""Measure every case that MariaDB can run, and print where the verdict from the files differs."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.oracle.case import Case
from tests.oracle.compare import Answer, compare
from tests.oracle.mariadb.measure import UnsuitedError, measure
from tests.oracle.mariadb.server import running
from tests.oracle.truth import MigrationTruth
from tests.oracle.variants import adding, altering, indexes, models, removing

TRUTH = Path(__file__).with_name("truth.json")
SUBJECTS = ("impact", "old_code")


def main() -> None:
    """Exit 1 where something is called safe that is not."""
    import pymysql

    pymysql.version_info = (2, 2, 7, "final", 0)  # the driver that Django asks for
    pymysql.install_as_MySQLdb()
    with running() as database:
        connection = _connection(database)
        import django

        every = cases(django.VERSION[:2])
        truths = dict(_measured(connection, every))
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            version = cursor.fetchone()[0].partition("-")[0]
    if "--write" in sys.argv:
        plain = {name: [t.plain() for t in found] for name, found in sorted(truths.items())}
        text = json.dumps({"mariadb": version, "django": django.get_version(), "cases": plain})
        TRUTH.write_text(text + "\n")
    answers = [a for case in every if case.name in truths for a in against(case, truths[case.name])]
    report(answers, f"MariaDB {version}, Django {django.get_version()}, {len(truths)} cases")
    sys.exit(any(answer.falsely_safe for answer in answers))


def cases(django: tuple[int, int]) -> tuple[Case, ...]:
    """Those of changes that Django makes itself, on any database."""
    parts = (adding, altering, removing, models, indexes)
    return tuple(case for part in parts for case in part.cases(django))


def against(case: Case, truths: list[MigrationTruth]) -> list[Answer]:
    """The answers that MariaDB can be asked for."""
    return [a for a in compare(case, truths, engine="mariadb") if a.subject in SUBJECTS]


def report(answers: list[Answer], title: str) -> None:
    """A table of agreement, and each disagreement."""
    print(title)
    for subject in SUBJECTS:
        mine = [a for a in answers if a.subject == subject]
        count = Counter("agree" if a.agrees else "unknown" if a.unknown else "differ" for a in mine)
        print(f"  {subject}: {len(mine)}, {dict(count)}")
    for answer in answers:
        if not answer.agrees:
            print(("FALSELY SAFE " if answer.falsely_safe else "") + str(answer))


def _connection(database: dict[str, Any]) -> Any:
    import django
    from django.conf import settings
    from django.db import connections

    settings.configure(
        DATABASES={"default": database},
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    return connections["default"]


def _measured(connection: Any, every: tuple[Case, ...]) -> Any:
    for number, case in enumerate(every, 1):
        print(f"\r{number} of {len(every)}", end="", file=sys.stderr, flush=True)
        try:
            yield case.name, measure(connection, case)
        except UnsuitedError:
            continue
        except Exception as error:  # noqa: BLE001  # said, and the next one is tried
            print(f"\n{case.name}: not measured: {error!r}", file=sys.stderr)


if __name__ == "__main__":
    main()
