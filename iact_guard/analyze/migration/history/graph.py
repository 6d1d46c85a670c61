"""The order in which migrations run, and what is wrong with it."""

import heapq
from collections import defaultdict
from dataclasses import field

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.migration.history.labels import labels, plain
from iact_guard.model.fact import Fact, known
from iact_guard.model.migration import Migration, MigrationName
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository

Needs = dict[str, dict[str, MigrationName]]
"""What must run before each migration, by entity id, and where it is said."""


@dataclass(slots=True)
class Graph:
    """Migrations in the order of their execution."""

    order: list[Migration]
    label: dict[str, str]
    """The app label of each migration, by entity id."""
    replaced: dict[str, Migration] = field(default_factory=dict)
    """Squashed migrations whose originals are here, and originals that a squashed one stands for:
    not executed. By entity id, with the migration that is executed instead."""
    needs: Needs = field(default_factory=dict)
    missing: dict[str, list[MigrationName]] = field(default_factory=dict)
    """What a migration names of an app that is here, and the app lacks; by entity id."""
    cycles: list[tuple[Migration, ...]] = field(default_factory=list)
    """Migrations each of which needs the next, and the last one the first."""
    leaves: dict[str, list[Migration]] = field(default_factory=dict)
    """The migrations of each app, by label, that none of the same app needs."""


@fact("repository.migration_graph")
def graph(ctx: Context, repository: Repository) -> Fact[Graph]:
    """The order of all migrations."""
    migrations: tuple[Migration, ...] = ctx.project.entities("migration")
    return known(build(migrations, labels(ctx.project, migrations)))


def build(migrations: tuple[Migration, ...], labels: dict[str, str]) -> Graph:
    """Order by dependencies and `run_before`; equal ones by app and name."""
    return _Builder(migrations, labels).graph


class _Builder:
    def __init__(self, migrations: tuple[Migration, ...], labels: dict[str, str]) -> None:
        label = {m.id: labels[m.package] for m in migrations}
        self.graph = Graph([], label)
        self.apps: dict[str, list[Migration]] = defaultdict(list)
        self.names = {(label[m.id], m.name): m for m in migrations}
        self.twins: dict[str, dict[str, str]] = defaultdict(dict)
        for package, own in labels.items():
            self.twins[plain(own)][own] = package
        self._squashes(migrations)
        self.nodes = [m for m in migrations if m.id not in self.graph.replaced]
        for node in self.nodes:
            self.apps[label[node.id]].append(node)
        self.graph.needs = self._edges()
        self._sort()
        self._leaves()

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

    def _edges(self) -> Needs:
        before: Needs = {node.id: {} for node in self.nodes}
        for node in self.nodes:
            for name in node.dependencies:
                for found in self._find(node, name):
                    before[node.id].setdefault(found.id, name)
            for name in node.run_before:
                for later in self._find(node, name):
                    before[later.id].setdefault(node.id, name)
        for node in self.nodes:
            before[node.id].pop(node.id, None)
        return before

    def _find(self, node: Migration, name: MigrationName) -> list[Migration]:
        if name.swappable:
            return []  # the app hangs on a setting; tables of it are named by the setting as well
        apps = self._apps(node, name.app)
        if name.name in ("__first__", "__latest__"):
            return self._ends(apps[0], first=name.name == "__first__") if apps else []
        named = ((app, name.name) for app in apps)
        found = next((self.names[key] for key in named if key in self.names), None)
        if found is None:
            if apps:
                self.graph.missing.setdefault(node.id, []).append(name)
            return []
        for _ in range(len(self.graph.replaced) + 1):
            if found.id not in self.graph.replaced:
                return [found]
            found = self.graph.replaced[found.id]
        return []

    def _apps(self, node: Migration, app: str) -> list[str]:
        """The labels that a name may mean: of several apps that are called so the nearest first."""
        twins = self.twins.get(app, {})
        if len(twins) < 2:
            return list(twins)
        own = self.graph.label[node.id]
        return sorted(
            twins, key=lambda label: (label != own, -_shared(node.package, twins[label]), label)
        )

    def _ends(self, app: str, *, first: bool) -> list[Migration]:
        members = self.apps.get(app, [])
        names = {m.name for m in members}
        inner = {
            m.id: {d.name for d in m.dependencies if d.app == plain(app) and d.name in names}
            for m in members
        }
        if first:
            return [m for m in members if not inner[m.id]]
        needed = {name for found in inner.values() for name in found}
        return [m for m in members if m.name not in needed]

    def _sort(self) -> None:
        by_id = {node.id: node for node in self.nodes}
        key = {n.id: (self.graph.label[n.id], n.name, n.id) for n in self.nodes}
        after: dict[str, list[str]] = defaultdict(list)
        for node, needs in self.graph.needs.items():
            for need in needs:
                after[need].append(node)
        waiting = {node: len(needs) for node, needs in self.graph.needs.items()}
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
        left = sorted(key[node] for node in by_id if node not in done)
        self._cycles([node for _, _, node in left])
        self.graph.order += [by_id[node] for _, _, node in left]

    def _cycles(self, left: list[str]) -> None:
        """Some cycle of each tangle among those that wait for one another."""
        by_id = {node.id: node for node in self.nodes}
        stuck, seen = set(left), set[str]()
        for start in left:
            path: dict[str, None] = {}
            current = start
            while current not in seen:
                seen.add(current)
                path[current] = None
                current = min(need for need in self.graph.needs[current] if need in stuck)
            if current in path:
                walked = list(path)
                cycle = walked[walked.index(current) :]
                self.graph.cycles.append(tuple(by_id[node] for node in cycle))

    def _leaves(self) -> None:
        label, needs = self.graph.label, self.graph.needs
        needed = {n for node in needs for n in needs[node] if label[n] == label[node]}
        for migration in self.graph.order:
            if migration.id not in needed:
                self.graph.leaves.setdefault(label[migration.id], []).append(migration)


def _shared(one: str, other: str) -> int:
    """How many folders two paths have in common from the root on."""
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count
