"""Precision by policy from the labels; with `--run`, what a run changed, and recall.

`python benchmarks/precision.py` reads `benchmarks/labels`. `--run FOLDER` checks the checkouts
`FOLDER/<owner>+<name>` of all repositories that are labelled (or of `--all` in the folder) and
lists what is new, so that somebody looks at it: `--sheet FILE` writes those as labels to fill in.
Nothing is downloaded; where there is a `FOLDER/index.tsv` (repository, commit, ...), a checkout at
another commit than its labels is an error.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from comparison import Change, Found, Recall, Score, compare, recall, scores, total
from labelled import LABELS, Key, Label, labels, truths

_SECONDS = 600


def main() -> None:
    """Print the tables."""
    options = _options()
    rules = tuple(options.rules.split(","))
    known = {k: v for k, v in labels(options.labels).items() if k.rule.startswith(rules)}
    listed = [t for t in truths(options.labels) if t.rules[0].startswith(rules)]
    if options.run is None:
        _table("labelled", known.values())
        return
    commits = {label.key.repository: label.commit for label in known.values()}
    commits |= {truth.repository: truth.commit for truth in listed}
    there = _index(options.run)
    wanted = sorted(set(there) | set(commits) if options.all else commits)
    present = [name for name in wanted if _checkout(options.run, name).is_dir()]
    for name in present:
        if name in commits and there.get(name, commits[name]) != commits[name]:
            sys.exit(f"{name}: the checkout is at {there[name]}, the labels at {commits[name]}")
    run = [
        found
        for name in present
        for found in _run(options.python, options.run, name)
        if found.key.rule.startswith(rules)
    ]
    failed = len({f.key for f in run if f.outcome == "fail"})
    unknown = sum(f.outcome == "unknown" for f in run)
    print(f"{len(present)} repositories, {failed} failures, {unknown} unknown")
    change = compare({k: v for k, v in known.items() if k.repository in present}, run)
    _table("found again", change.again)
    _changes(change, there | commits, options.sheet)
    _recall(recall((t for t in listed if t.repository in present), run))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, default=LABELS, metavar="FOLDER")
    parser.add_argument("--rules", default="WF1,WF2", help="beginnings of rule ids")
    parser.add_argument("--run", type=Path, metavar="FOLDER")
    parser.add_argument("--all", action="store_true", help="unlabelled repositories too")
    parser.add_argument("--python", default=sys.executable, help="whose iact_guard is run")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="write new ones to label")
    return parser.parse_args()


def _index(world: Path) -> dict[str, str]:
    """Repository to commit, of the folder's index."""
    index = world / "index.tsv"
    if not index.is_file():
        return {}
    rows = (line.split("\t") for line in index.read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1}


def _checkout(world: Path, repository: str) -> Path:
    return world / repository.replace("/", "+")


def _run(python: str, world: Path, repository: str) -> list[Found]:
    """What the command says of one checkout."""
    command = [python, "-I", "-m", "iact_guard", "check", str(_checkout(world, repository))]
    done = subprocess.run(
        [*command, "--scanners", "none", "--format", "json"],
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    try:
        return findings(repository, json.loads(done.stdout))
    except ValueError:
        sys.exit(f"{repository}: no report\n{done.stderr.decode(errors='replace')}")


def findings(repository: str, report: Mapping[str, object]) -> list[Found]:
    """The findings of a JSON report."""
    rows = report["findings"]
    if not isinstance(rows, list):
        raise ValueError("findings are no list")
    return [
        Found(
            Key(repository, row["rule"], row["path"], row["line"]),
            row["outcome"],
            row["message"],
            tuple((place["path"], place["line"]) for place in row["places"]),
        )
        for row in rows
    ]


def _table(title: str, known: Iterable[Label]) -> None:
    by_rule = scores(known)
    print(f"\n{title:12} right / all   precision   lower bound (95 %, Wilson)")
    for name, score in [*by_rule.items(), ("all", total(by_rule))]:
        print(_line(name, score))


def _line(name: str, score: Score) -> str:
    return (
        f"{name:12} {score.right:5} / {score.total:<5} {score.precision:9.1%} {score.lower:10.1%}"
    )


def _changes(change: Change, commits: Mapping[str, str], sheet: Path | None) -> None:
    for right, title in ((True, "right ones that are gone"), (False, "wrong ones that are gone")):
        gone = [label for label in change.gone if label.right is right]
        print(f"\n{title}: {len(gone)}")
        for label in gone:
            print(f"  {_place(label.key)}  {label.reason}")
    print(f"\nnew, to be looked at: {len(change.new)}")
    for found in change.new:
        print(f"  {_place(found.key)}  {found.message}")
    if sheet is not None:
        lines = (json.dumps(_row(found, commits), ensure_ascii=False) for found in change.new)
        sheet.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _row(found: Found, commits: Mapping[str, str]) -> dict[str, object]:
    key = found.key
    return {
        "repository": key.repository,
        "commit": commits.get(key.repository, ""),
        "path": key.path,
        "line": key.line,
        "rule": key.rule,
        "verdict": "",
        "reason": found.message,
    }


def _recall(result: Recall) -> None:
    print(
        f"\nrecall {result.share:.1%}: {len(result.found)} found, {len(result.missed)} missed, "
        f"{len(result.undecided)} said to be unknown"
    )
    for title, holes in (("missed", result.missed), ("unknown", result.undecided)):
        for truth in holes:
            span = truth.spans[0]
            place = f"{truth.repository} {span.path}:{span.first}"
            print(f"  {title} {truth.rules[0]} {place}  {truth.reason}")


def _place(key: Key) -> str:
    return f"{key.rule} {key.repository} {key.path}:{key.line}"


if __name__ == "__main__":
    main()
