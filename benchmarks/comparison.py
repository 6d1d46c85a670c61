"""What the labels say of a run: precision by rule, what changed, and recall."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from labelled import Key, Label, Truth

# The normal deviate of a two-sided 95 % interval.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of a run. `places` are further places that the same finding names."""

    key: Key
    outcome: str
    message: str = ""
    places: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the labelled findings were right."""

    right: int
    total: int

    @property
    def precision(self) -> float:
        """Right ones of all; 0 if there are none."""
        return self.right / self.total if self.total else 0.0

    @property
    def lower(self) -> float:
        """The lower bound of its 95 % interval."""
        return wilson(self.right, self.total)


@dataclass(slots=True)
class Change:
    """A run held against the labels."""

    again: list[Label] = field(default_factory=list)
    gone: list[Label] = field(default_factory=list)
    new: list[Found] = field(default_factory=list)


@dataclass(slots=True)
class Recall:
    """A run held against the listed holes.

    `found` are those that a failure names, or an unknown where no more can be told from the files;
    `undecided` those that it calls unknown though the files decide; `missed` the rest.
    """

    found: list[Truth] = field(default_factory=list)
    undecided: list[Truth] = field(default_factory=list)
    missed: list[Truth] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Found ones of found and missed: those said to be unknown are counted apart."""
        total = len(self.found) + len(self.missed)
        return len(self.found) / total if total else 0.0


def wilson(right: int, total: int) -> float:
    """The lower bound of the 95 % Wilson score interval of a share; 0 for no trials."""
    if right == 0:
        return 0.0  # exactly; the formula leaves a rounding error
    share = right / total
    square = _Z * _Z
    centre = share + square / (2 * total)
    spread = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return (centre - spread) / (1 + square / total)


def scores(labels: Iterable[Label]) -> dict[str, Score]:
    """By rule, in order."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for label in labels:
        count = counts[label.key.rule]
        count[0] += label.right
        count[1] += 1
    return {rule: Score(*counts[rule]) for rule in sorted(counts)}


def total(by_rule: Mapping[str, Score]) -> Score:
    """All rules together."""
    values = by_rule.values()
    return Score(sum(s.right for s in values), sum(s.total for s in values))


def compare(labels: Mapping[Key, Label], run: Iterable[Found]) -> Change:
    """Failures of a run against labels; several findings at one key are one."""
    failed = {found.key: found for found in run if found.outcome == "fail"}
    change = Change()
    for key in sorted(labels):
        (change.again if key in failed else change.gone).append(labels[key])
    change.new = [failed[key] for key in sorted(failed) if key not in labels]
    return change


def recall(truths: Iterable[Truth], run: Iterable[Found]) -> Recall:
    """Which of the listed holes a run names."""
    by_repository: dict[str, list[Found]] = defaultdict(list)
    for found in run:
        by_repository[found.key.repository].append(found)
    result = Recall()
    for truth in truths:
        outcomes = {f.outcome for f in by_repository[truth.repository] if _names(f, truth)}
        if "fail" in outcomes or truth.outcome in outcomes:
            result.found.append(truth)
        elif "unknown" in outcomes:
            result.undecided.append(truth)
        else:
            result.missed.append(truth)
    return result


def _names(found: Found, truth: Truth) -> bool:
    places = ((found.key.path, found.key.line), *found.places)
    return found.key.rule in truth.rules and any(
        span.holds(path, line) for span in truth.spans for path, line in places
    )
