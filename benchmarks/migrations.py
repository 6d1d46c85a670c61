"""How much of real migrations is read, and how right the verdicts on the newest ones are.

`python benchmarks/migrations.py CHECKOUT...` prints for each checkout how many migrations it has,
what of their operations could not be analysed and why, and how many RunSQL are unknown.
With `--judge FOLDER` the checkouts `FOLDER/<owner>+<name>` of which dangers were listed by hand
(`benchmarks/labels/truth-migrations-*.jsonl`) are checked: recall by rule, and what the findings on
those migrations are worth by the labels; `--sheet FILE` writes what is new as labels to fill in.
Nothing is downloaded.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from comparison import Found, compare, recall, scores, total
from labelled import LABELS, Truth, labels, truths
from precision import findings

_SECONDS = 600
_LISTED = "truth-migrations-*.jsonl"


@dataclass(slots=True)
class Counts:
    """Of one checkout, or of several."""

    migrations: int = 0
    operations: int = 0
    unread: int = 0
    """Operations of which not even the class is known, and parts of migrations."""
    foreign: int = 0
    """Operations of classes that no table knows."""
    partly: int = 0
    """Django's own of which the history does not tell enough."""
    sql: int = 0
    sql_unknown: int = 0
    python: int = 0
    python_unknown: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, other: "Counts") -> None:
        """Take others in."""
        for name in ("migrations", "operations", "unread", "foreign", "partly", "sql",
                     "sql_unknown", "python", "python_unknown"):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons += other.reasons
        self.places = other.places | self.places

    def because(self, reason: str, place: str) -> None:
        """Why something is not known, with a place to look at."""
        self.reasons[reason] += 1
        self.places.setdefault(reason, place)


def main() -> None:
    """Print the tables."""
    options = _options()
    everything = Counts()
    for checkout in options.checkouts:
        counts = count(checkout.name, _model(options.python, checkout))
        print(_line(checkout.name, counts), flush=True)
        everything.add(counts)
    if options.checkouts:
        print(_line("all", everything))
        for reason, times in everything.reasons.most_common():
            print(f"{times:6} {reason}  {everything.places[reason]}")
    if options.judge:
        _judge(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", type=Path, nargs="*", metavar="CHECKOUT")
    parser.add_argument("--judge", type=Path, metavar="FOLDER")
    parser.add_argument("--labels", type=Path, default=LABELS, metavar="FOLDER")
    parser.add_argument("--python", default=sys.executable, help="whose iact_guard is run")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="write new ones to label")
    return parser.parse_args()


def _model(python: str, checkout: Path) -> Mapping[str, Any]:
    report: Mapping[str, Any] = _run([python, "-I", "-m", "iact_guard", "model", str(checkout)])
    return report


def _run(command: list[str]) -> Any:
    done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{command[-1]}: no report\n{done.stderr.decode(errors='replace')}")


def count(name: str, model: Mapping[str, Any]) -> Counts:
    """What a model says of its migrations."""
    counts = Counts()
    for migration in model["migrations"]:
        counts.migrations += 1
        path = f"{name}/{migration['path']}"
        for part in migration["unread"]:
            if part["part"] != "operations":  # those are operations of their own as well
                counts.unread += 1
                counts.because(f"{part['part']}: {part['reason']}", f"{path}:{part['line']}")
        for operation in _every(migration["operations"]):
            _count(counts, operation, f"{path}:{operation['line']}")
    return counts


def _count(counts: Counts, operation: Mapping[str, Any], place: str) -> None:
    kind, reason = operation["kind"], operation["reason"] or ""
    unknown = operation["impact"] == "unknown"
    counts.operations += 1
    if kind == "RunSQL":
        counts.sql += 1
        counts.sql_unknown += unknown
    elif kind == "RunPython":
        counts.python += 1
        counts.python_unknown += unknown
    elif kind == "unknown":
        counts.unread += 1
    elif "." in kind:
        counts.foreign += unknown
    elif kind != "SeparateDatabaseAndState":
        counts.partly += unknown
    if unknown and kind != "SeparateDatabaseAndState":
        counts.because(f"{kind}: {reason}", place)


def _every(operations: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for operation in operations:
        yield operation
        yield from _every(operation.get("database_operations", ()))
        yield from _every(operation.get("state_operations", ()))


def _line(name: str, counts: Counts) -> str:
    missing = counts.unread + counts.foreign
    return (
        f"{name:48} {counts.migrations:6} migrations {counts.operations:6} operations, "
        f"{_share(missing, counts.operations)} not analysed, "
        f"{_share(counts.partly, counts.operations)} in part; "
        f"unknown: {_share(counts.sql_unknown, counts.sql)} RunSQL, "
        f"{_share(counts.python_unknown, counts.python)} RunPython"
    )


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}" + (f" ({part / whole:.2%})" if whole else "")


def _judge(options: argparse.Namespace) -> None:
    listed, commits = _listed(options.labels)
    run: list[Found] = []
    for repository, paths in listed.items():
        checkout = options.judge / repository.replace("/", "+")
        command = [options.python, "-I", "-m", "iact_guard", "check", "--scanners", "none"]
        report = _run([*command, "--no-cache", "--format", "json", str(checkout)])
        run += [f for f in findings(repository, report) if _concerns(f, paths)]
    wanted = [t for t in truths(options.labels) if t.spans[0].path in listed.get(t.repository, ())]
    _recall(wanted, run)
    known = {
        key: label
        for key, label in labels(options.labels).items()
        if key.rule.startswith("DM") and key.path in listed.get(key.repository, ())
    }
    change = compare(known, run)
    for rule, score in [*scores(change.again).items(), ("all", total(scores(change.again)))]:
        print(f"{rule:8} right {score.right}/{score.total} ({score.precision:.1%})")
    print(f"gone: {len(change.gone)}; new, to be looked at: {len(change.new)}")
    for found in change.new:
        print(f"  {found.key.rule} {found.key.path}:{found.key.line}  {found.message}")
    unknown = [found for found in run if found.outcome == "unknown"]
    print(f"unknown: {len(unknown)}")
    for found in unknown:
        print(f"  {found.key.rule} {found.key.path}:{found.key.line}  {found.message}")
    if options.sheet is not None:
        rows = (json.dumps(_row(found, commits), ensure_ascii=False) for found in change.new)
        options.sheet.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def _listed(folder: Path) -> tuple[dict[str, set[str]], dict[str, str]]:
    """The migrations that were read by hand, and the commits, by repository."""
    paths: dict[str, set[str]] = defaultdict(set)
    commits: dict[str, str] = {}
    for file in sorted(folder.glob(_LISTED)):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            paths[row["repository"]].add(row["path"])
            commits[row["repository"]] = row["commit"]
    return dict(paths), commits


def _concerns(found: Found, paths: set[str]) -> bool:
    return found.key.rule.startswith("DM") and found.key.path in paths


def _recall(wanted: list[Truth], run: list[Found]) -> None:
    by_rule = defaultdict(list)
    for truth in wanted:
        by_rule[truth.rules[0]].append(truth)
    for rule, listed in [*sorted(by_rule.items()), ("all", wanted)]:
        result = recall(listed, run)
        found = len(result.found)
        print(
            f"{rule:8} found {found}/{len(listed)} ({found / len(listed):.1%}), "
            f"said to be unknown {len(result.undecided)}"
        )
    result = recall(wanted, run)
    for title, missing in (("missed", result.missed), ("unknown", result.undecided)):
        for truth in missing:
            span = truth.spans[0]
            print(f"  {title} {truth.rules[0]} {span.path}:{span.first}  {truth.reason}")


def _row(found: Found, commits: Mapping[str, str]) -> dict[str, object]:
    key = found.key
    return {
        "repository": key.repository,
        "commit": commits[key.repository],
        "path": key.path,
        "line": key.line,
        "rule": key.rule,
        "verdict": "",
        "reason": found.message,
    }


if __name__ == "__main__":
    main()
