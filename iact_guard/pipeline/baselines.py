"""`baseline write`, `show` and `prune`."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from iact_guard import config as configuration
from iact_guard.aggregate import baseline
from iact_guard.model.errors import ConfigError
from iact_guard.model.finding import Finding
from iact_guard.model.records import dataclass
from iact_guard.model.result import Result
from iact_guard.pipeline.check import Examined, examine
from iact_guard.pipeline.request import CheckRequest, Listener
from iact_guard.pipeline.said import read_baseline
from iact_guard.tree import MAX_BYTES, DiskTree


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the baseline."""

    path: str
    text: str
    entries: int
    added: int
    removed: int
    """Entries of the file before that are not in it any more."""
    kept: int
    """Entries of scanners that did not run: nobody knows whether they still hold."""
    left_out: tuple[Finding, ...]
    """What could not be checked: it cannot be known."""
    result: Result
    unread: str = ""
    """Why nothing of the file before was kept; empty where it was read, or there was none."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries a baseline has, by rule and by path."""

    path: str
    entries: int
    by_rule: dict[str, int]
    by_path: dict[str, int]


def written(request: CheckRequest, listener: Listener) -> Written:
    """Everything that is open now, as a baseline; nothing is written to the disk."""
    examined = examine(replace(request, baseline=False), listener)
    found = examined.result.findings
    now = {
        baseline.entry_of(finding)
        for finding in found
        if finding.status == "open" and baseline.can_be_known(finding)
    }
    before, unread = _before(request)
    kept = {entry for entry in before if not _ran(examined, entry.tool)}
    return replace(_written(request, examined, now | kept, before, len(kept)), unread=unread)


def pruned(request: CheckRequest, listener: Listener) -> Written:
    """The baseline without what matches nothing any more, with the present names of files."""
    examined = examine(request, listener)
    found = examined.known
    if found.path is None:
        raise ConfigError("there is no baseline: `iact-guard baseline write` makes one")
    known = {
        baseline.entry_of(finding) for finding in found.findings if finding.status == "baseline"
    }
    there = {entry.fingerprint for entry in known} | set(found.moved)
    rest = {
        entry
        for entry in found.entries
        if entry not in found.stale and entry.fingerprint not in there
    }
    return _written(request, examined, known | rest, set(found.entries), 0)


def counts(root: Path) -> Counts:
    """What the baseline of a root holds; ConfigError where there is none."""
    tree = DiskTree(root)
    path, entries = read_baseline(tree, configuration.load(tree))
    if path is None:
        raise ConfigError("there is no baseline: `iact-guard baseline write` makes one")
    rules = Counter(entry.rule for entry in entries)
    paths = Counter(entry.path for entry in entries)
    return Counts(path, len(entries), _ranked(rules), _ranked(paths))


def _ranked(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _written(
    request: CheckRequest,
    examined: Examined,
    entries: set[baseline.Entry],
    before: set[baseline.Entry],
    kept: int,
) -> Written:
    text = baseline.render(entries)
    path = configuration.load(DiskTree(request.root)).baseline or baseline.FILE
    if len(text.encode()) > MAX_BYTES:
        raise ConfigError(
            f"{path}: {len(entries):,} findings take more than {MAX_BYTES >> 20} MiB, the limit of "
            "a file that is read: exclude what is not yours, or switch policies off"
        )
    prints = {entry.fingerprint for entry in entries}
    old = {entry.fingerprint for entry in before}
    return Written(
        path=path,
        text=text,
        entries=len(prints),
        added=len(prints - old),
        removed=len(old - prints),
        kept=kept,
        left_out=tuple(f for f in examined.result.findings if f.outcome == "error" and f.gates),
        result=examined.result,
    )


def _before(request: CheckRequest) -> tuple[set[baseline.Entry], str]:
    """The entries of the file that is replaced; none, and why, where it cannot be read."""
    tree = DiskTree(request.root)
    config = configuration.load(tree)
    try:
        return set(read_baseline(tree, config)[1]), ""
    except ConfigError as error:
        there = os.path.lexists(request.root / (config.baseline or baseline.FILE))
        return set(), str(error) if there else ""


def _ran(examined: Examined, tool: str) -> bool:
    return tool == "iact-guard" or any(
        report.name == tool and report.status in ("ok", "partial")
        for report in examined.scope.reports
    )
