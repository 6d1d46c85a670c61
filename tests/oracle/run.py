"""Measure every case, in an environment that has Django, psycopg and the database, and no more.

    python -m tests.oracle.run TRUTH.json [--postgresql 18] [--every N]

Writes what was measured, by the name of the case; `report` compares it with the files.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tests.oracle.case import Case
from tests.oracle.measure import Oracle
from tests.oracle.server import NEWEST, VERSIONS, running
from tests.oracle.variants import every


def main(arguments: list[str]) -> int:
    """Measure, and write the answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--postgresql", type=int, default=NEWEST, choices=VERSIONS)
    parser.add_argument("--every", type=int, default=1, help="only each so-manieth case")
    options = parser.parse_args(arguments)
    with running(options.postgresql) as database:
        oracle = Oracle(database)
        cases = every(oracle.django)[:: options.every]
        found: dict[str, Any] = {"versions": oracle.versions, "cases": _measured(oracle, cases)}
        oracle.close()
    options.truth.parent.mkdir(parents=True, exist_ok=True)
    options.truth.write_text(written(found))
    return 0


def written(found: dict[str, Any]) -> str:
    """As JSON, a line a case."""
    cases = found["cases"]
    lines = [f"{json.dumps(name)}: {json.dumps(cases[name], sort_keys=True)}" for name in cases]
    versions = json.dumps(found["versions"], sort_keys=True)
    return f'{{"versions": {versions},\n"cases": {{\n' + ",\n".join(lines) + "\n}}\n"


def _measured(oracle: Oracle, cases: tuple[Case, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for number, case in enumerate(cases, 1):
        found[case.name] = [truth.plain() for truth in oracle.measure(case)]
        if number % 50 == 0:
            print(f"{number} of {len(cases)}", file=sys.stderr, flush=True)  # noqa: T201
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
