"""Compare what was measured with the verdicts from the files, and print the table.

    python -m tests.oracle.report TRUTH.json...

Fails where something is called safe that is not, or where too little agrees.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.oracle.case import Case
from tests.oracle.compare import Answer, compare
from tests.oracle.truth import KINDS, MigrationTruth, read
from tests.oracle.variants import every

SUBJECTS = ("impact", "old_code", "locks", "may_fail")
LEAST = {"impact": 0.97, "old_code": 0.97}
MOST_UNKNOWN = 0.03


def answers(truth: dict[str, Any]) -> list[Answer]:
    """Every verdict on the cases that were measured."""
    version = str(truth["versions"]["django"])
    major, minor = map(int, version.split(".")[:2])
    measured = truth["cases"]
    return [
        answer
        for case in every((major, minor))
        if case.name in measured
        for answer in compare(case, [read(plain) for plain in measured[case.name]], version)
    ]


def turning(truth: dict[str, Any], cases: tuple[Case, ...]) -> int:
    """How many cases come to something else than the same operations without their history."""
    measured = {name: [read(plain) for plain in found] for name, found in truth["cases"].items()}
    groups: dict[str, str] = {}
    for case in cases:
        if case.group and case.name.endswith(": alone") and case.name in measured:
            groups[case.group] = _verdict(measured[case.name])
    return sum(
        _verdict(measured[case.name]) != groups[case.group]
        for case in cases
        if case.group in groups and case.name in measured
    )


def _verdict(truths: list[MigrationTruth]) -> str:
    """What the last operation that is not a way back comes to, and the old code with it."""
    impacts = [operation.impact for truth in truths for operation in truth.operations]
    old = [kind for kind in KINDS if any(kind in truth.old_code for truth in truths)]
    return f"{impacts[-1]} {old}"


def table(found: list[Answer]) -> str:
    """How many verdicts of each subject agree."""
    lines = [f"{'subject':<10} {'verdicts':>9} {'agree':>9} {'unknown':>9} {'falsely safe':>13}"]
    for subject in SUBJECTS:
        mine = [answer for answer in found if answer.subject == subject]
        agree, unknown = sum(a.agrees for a in mine), sum(a.unknown for a in mine)
        safe = sum(a.falsely_safe for a in mine)
        share = f"{agree / max(1, len(mine)):.2%}"
        doubt = f"{unknown / max(1, len(mine)):.2%}"
        lines.append(f"{subject:<10} {len(mine):>9} {share:>9} {doubt:>9} {safe:>13}")
    return "\n".join(lines)


def shortfalls(found: list[Answer]) -> list[str]:
    """What is not as good as it has to be."""
    wrong = [f"called safe: {answer}" for answer in found if answer.falsely_safe]
    for subject, least in LEAST.items():
        mine = [answer for answer in found if answer.subject == subject]
        count = Counter(agrees=sum(a.agrees for a in mine), unknown=sum(a.unknown for a in mine))
        if count["agrees"] < least * len(mine):
            wrong.append(f"of {subject} only {count['agrees']} of {len(mine)} agree")
        if count["unknown"] > MOST_UNKNOWN * len(mine):
            wrong.append(f"of {subject} {count['unknown']} of {len(mine)} are unknown")
    return wrong


def main(paths: list[str]) -> int:
    """Print everything; 1 where it is not good enough."""
    worst = 0
    for path in map(Path, paths):
        truth = json.loads(path.read_text())
        found = answers(truth)
        versions = truth["versions"]
        print(f"\nDjango {versions['django']}, PostgreSQL {versions['postgresql']}:")  # noqa: T201
        print(f"{len(truth['cases'])} cases")  # noqa: T201
        cases = every(tuple(map(int, versions["django"].split(".")[:2])))  # type: ignore[arg-type]
        print(f"{turning(truth, cases)} of them come to something else by their history alone")  # noqa: T201
        print(table(found))  # noqa: T201
        for answer in found:
            if not answer.agrees:
                print(f"  {answer}")  # noqa: T201
        for line in shortfalls(found):
            print(f"NOT GOOD ENOUGH: {line}")  # noqa: T201
            worst = 1
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
