"""A migration that is not released, and what runs before it."""

from iact_guard.analyze.migration.history.graph import Graph
from iact_guard.analyze.migration.rollout.phase import Timing
from iact_guard.model.migration import Migration
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Pending:
    """A migration of the plan."""

    migration: Migration
    timing: Timing
    new: bool
    """Whether no database of a release has run it; False for one that was edited."""


def ancestors(graph: Graph, migration: Migration) -> set[str]:
    """Entity ids of everything that runs before a migration because it needs it."""
    found: set[str] = set()
    waiting = [migration.id]
    while waiting:
        for need in graph.needs.get(waiting.pop(), ()):
            if need not in found:
                found.add(need)
                waiting.append(need)
    return found
