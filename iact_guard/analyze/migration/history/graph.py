"""The order in which migrations run, and what is wrong with it."""

import heapq
from collections import defaultdict
from dataclasses import field

from iact_guard.analyze.migration.history.labels import plain
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Migration, MigrationName
from iact_guard.model.records import dataclass


@dataclass(slots=True)
class Graph:
    """Migrations in the order of their execution."""

    order: list[Migration]
    label: dict[str, str]
    """The app label of each migration, by entity id."""
    replaced: dict[str, Migration] = field(default_factory=dict)
    """Squashed migrations whose originals are here, and originals that a squashed one stands for:
    not executed. By entity id, with the migration that is executed instead."""
    doubts: dict[str, Evidence] = field(default_factory=dict)
    """Migrations whose place in the order is not certain: in a cycle, a dependency missing."""


def build(migrations: tuple[Migration, ...], labels: dict[str, str]) -> Graph:
    """Order by dependencies and `run_before`; equal ones by app and name."""
    return _Builder(migrations, labels).graph


class _Builder:
    def __init__(self, migrations: tuple[Migration, ...], labels: dict[str, str]) -> None:
        label = {m.id: labels[m.package] for m in migrations}
        self.graph = Graph([], label)
        self.apps: dict[str, list[Migration]] = defaultdict(list)
        self.names = {(label[m.id], m.name): m for m in migrations}
        self._squashes(migrations)
        self.nodes = [m for m in migrations if m.id not in self.graph.replaced]
        for node in self.nodes:
            self.apps[label[node.id]].append(node)
        self._sort(self._edges())

    def _squashes(self, migrations: tuple[Migration, ...]) -> None:
        """A squashed migration is skipped if its originals exist, otherwise stands for them."""
        for squash in migrations:
            own = self.graph.label[squash.id]
            names = [(own if plain(own) == r.app else r.app, r.name) for r in squash.replaces]
            originals = [self.names.get(name) for name in names]
            present = [m for m in originals if m is not None and m.id != squash.id]
            if present and len(present) == len(originals):
                self.graph.replaced[squash.id] = present[-1]
                continue
            for original in present:
                self.graph.replaced[original.id] = squash
            self.names |= dict.fromkeys(names, squash)

    def _edges(self) -> dict[str, set[str]]:
        """What must run before each migration, by entity id."""
        before: dict[str, set[str]] = {node.id: set() for node in self.nodes}
        for node in self.nodes:
            for name in node.dependencies:
                before[node.id] |= {found.id for found in self._find(node, name)}
            for name in node.run_before:
                for later in self._find(node, name):
                    before[later.id].add(node.id)
            before[node.id].discard(node.id)
        return before

    def _find(self, node: Migration, name: MigrationName) -> list[Migration]:
        if name.swappable:
            return []  # the app hangs on a setting; tables of it are named by the setting as well
        if name.name in ("__first__", "__latest__"):
            return self._ends(name.app, first=name.name == "__first__")
        own = self.graph.label[node.id]
        app = own if plain(own) == name.app and (own, name.name) in self.names else name.app
        found = self.names.get((app, name.name))
        for _ in range(len(self.graph.replaced) + 1):
            if found is None or found.id not in self.graph.replaced:
                break
            found = self.graph.replaced[found.id]
        if found is None and name.app in self.apps:
            message = f"depends on {name.app}.{name.name}, which does not exist"
            self.graph.doubts.setdefault(node.id, Evidence(name.location, message))
        return [found] if found is not None and found.id not in self.graph.replaced else []

    def _ends(self, app: str, *, first: bool) -> list[Migration]:
        members = self.apps.get(app, [])
        names = {m.name for m in members}
        inner = {
            m.id: {d.name for d in m.dependencies if d.app == app and d.name in names}
            for m in members
        }
        if first:
            return [m for m in members if not inner[m.id]]
        needed = {name for found in inner.values() for name in found}
        return [m for m in members if m.name not in needed]

    def _sort(self, before: dict[str, set[str]]) -> None:
        by_id = {node.id: node for node in self.nodes}
        key = {n.id: (self.graph.label[n.id], n.name, n.id) for n in self.nodes}
        after: dict[str, list[str]] = defaultdict(list)
        for node, needs in before.items():
            for need in needs:
                after[need].append(node)
        waiting = {node: len(needs) for node, needs in before.items()}
        ready = [key[node] for node, count in waiting.items() if not count]
        heapq.heapify(ready)
        while ready:
            _, _, current = heapq.heappop(ready)
            self.graph.order.append(by_id[current])
            for node in after[current]:
                waiting[node] -= 1
                if not waiting[node]:
                    heapq.heappush(ready, key[node])
        done = {node.id for node in self.graph.order}
        for _, _, node in sorted(key[node] for node in by_id if node not in done):
            place = by_id[node].location
            message = "its dependencies lead back to it, or to a migration of which that is true"
            self.graph.doubts.setdefault(node, Evidence(place, message))
            self.graph.order.append(by_id[node])
