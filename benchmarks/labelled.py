"""The labels in `benchmarks/labels`: what somebody said of findings, and holes listed by hand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = Path(__file__).resolve().parent / "labels"
_TRUTH = "truth-"


class LabelError(ValueError):
    """A line that is no label; the message has the file and the line."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a label is of: one rule at one line of one repository."""

    repository: str
    rule: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Label:
    """A finding somebody looked at."""

    key: Key
    commit: str
    right: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of a file, both ends included, counted from 1."""

    path: str
    first: int
    last: int

    def holds(self, path: str, line: int) -> bool:
        """Whether a place lies in it."""
        return path == self.path and self.first <= line <= self.last


@dataclass(frozen=True, slots=True)
class Truth:
    """A hole listed by hand, before any run.

    A finding names it if it has one of `rules` and lies in one of `spans`. `outcome` is what a
    sound check says: `fail`, or `unknown` where the repository alone can't decide.
    """

    repository: str
    commit: str
    rules: tuple[str, ...]
    spans: tuple[Span, ...]
    outcome: str
    reason: str


def labels(folder: Path = LABELS) -> dict[Key, Label]:
    """All labels; two that contradict each other, or say the same twice, are an error."""
    found: dict[Key, Label] = {}
    for path in sorted(folder.glob("*.jsonl")):
        if path.name.startswith(_TRUTH):
            continue
        for place, row in _rows(path):
            label = _label(place, row)
            if label.key in found:
                raise LabelError(f"{place}: labelled twice")
            found[label.key] = label
    return found


def truths(folder: Path = LABELS) -> list[Truth]:
    """The listed holes; debatable ones are left out."""
    return [
        truth
        for path in sorted(folder.glob(f"{_TRUTH}*.jsonl"))
        for place, row in _rows(path)
        if (truth := _truth(place, row)) is not None
    ]


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not text.strip():
            continue
        place = f"{path.name}:{number}"
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            raise LabelError(f"{place}: {error}") from error
        if not isinstance(row, dict):
            raise LabelError(f"{place}: not an object")
        yield place, row


def _label(place: str, row: dict[str, Any]) -> Label:
    try:
        verdict, reason = row["verdict"], str(row["reason"])
        key = Key(row["repository"], row["rule"], row["path"], int(row["line"]))
        commit = str(row["commit"])
    except KeyError as error:
        raise LabelError(f"{place}: {error} is missing") from error
    if verdict not in ("right", "wrong"):
        raise LabelError(f"{place}: the verdict is right or wrong, not {verdict!r}")
    return Label(key, commit, verdict == "right", reason)


def _truth(place: str, row: dict[str, Any]) -> Truth | None:
    try:
        if row["verdict"] not in ("true", "debatable"):
            raise LabelError(f"{place}: the verdict is true or debatable, not {row['verdict']!r}")
        if row["verdict"] == "debatable":
            return None
        first = int(row["line"])
        own = Span(row["path"], first, int(row.get("last", first)))
        return Truth(
            row["repository"],
            row["commit"],
            (row["rule"], *row.get("also_rules", ())),
            (own, *(_span(text) for text in row.get("also", ()))),
            row.get("outcome", "fail"),
            row["reason"],
        )
    except KeyError as error:
        raise LabelError(f"{place}: {error} is missing") from error


def _span(text: str) -> Span:
    """`path:7` or `path:7-9`."""
    path, _, lines = text.rpartition(":")
    first, _, last = lines.partition("-")
    return Span(path, int(first), int(last or first))
