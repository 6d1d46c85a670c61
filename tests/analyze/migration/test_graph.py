"""The order of migrations: dependencies, run_before, squashes, and what is wrong tolerated."""

from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.migration.history.graph import Graph, build
from iact_guard.analyze.migration.history.labels import labels
from iact_guard.project import Project
from iact_guard.tree import DictTree

TWO = "('a', '0001_x'), ('a', '0002_y')"


def _migration(
    dependencies: str = "", run_before: str = "", replaces: str = "", operations: str = ""
) -> str:
    return (
        "from django.db import migrations\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [{dependencies}]\n"
        f"    run_before = [{run_before}]\n"
        f"    replaces = [{replaces}]\n"
        f"    operations = [{operations}]\n"
    )


def _graph(files: dict[str, str]) -> Graph:
    project = Project(DictTree(files))
    migrations = project.entities("migration")
    return build(migrations, labels(project, migrations))


def _order(files: dict[str, str]) -> list[str]:
    graph = _graph(files)
    return [f"{graph.label[m.id]}.{m.name}" for m in graph.order]


def test_dependencies_come_first_whatever_the_names() -> None:
    assert _order({
        "a/migrations/0001_x.py": _migration("('b', '0002_y')"),
        "b/migrations/0002_y.py": _migration("('b', '0001_z')"),
        "b/migrations/0001_z.py": _migration(),
    }) == ["b.0001_z", "b.0002_y", "a.0001_x"]  # fmt: skip


def test_run_before_turns_the_arrow_round() -> None:
    assert _order({
        "a/migrations/0001_x.py": _migration(),
        "b/migrations/0001_y.py": _migration(run_before="('a', '0001_x')"),
    }) == ["b.0001_y", "a.0001_x"]  # fmt: skip


def test_first_and_latest_of_another_app() -> None:
    assert _order({
        "a/migrations/0001_x.py": _migration("('b', '__latest__')"),
        "b/migrations/0001_y.py": _migration(),
        "b/migrations/0002_z.py": _migration("('b', '0001_y')"),
    }) == ["b.0001_y", "b.0002_z", "a.0001_x"]  # fmt: skip


def test_a_squash_is_skipped_if_its_originals_exist() -> None:
    graph = _graph({
        "a/migrations/0001_x.py": _migration(),
        "a/migrations/0002_y.py": _migration("('a', '0001_x')"),
        "a/migrations/0001_squashed_0002.py": _migration(replaces=TWO),
        "b/migrations/0001_z.py": _migration("('a', '0001_squashed_0002')"),
    })  # fmt: skip
    assert [m.name for m in graph.order] == ["0001_x", "0002_y", "0001_z"]


def test_a_squash_stands_for_originals_that_are_gone() -> None:
    graph = _graph({
        "a/migrations/0001_squashed_0002.py": _migration(replaces=TWO),
        "a/migrations/0000_z.py": _migration("('a', '0002_y')"),
    })  # fmt: skip
    assert [m.name for m in graph.order] == ["0001_squashed_0002", "0000_z"]
    assert graph.missing == {}


def test_a_missing_dependency_is_tolerated_and_named() -> None:
    graph = _graph({"a/migrations/0001_x.py": _migration("('a', '0000_gone'), ('auth', '0001')")})
    ((name,),) = graph.missing.values()
    assert (name.app, name.name, name.location.line) == ("a", "0000_gone", 3)


def test_a_cycle_is_tolerated_and_named() -> None:
    graph = _graph({
        "a/migrations/0001_x.py": _migration("('a', '0002_y')"),
        "a/migrations/0002_y.py": _migration("('a', '0001_x')"),
        "b/migrations/0001_z.py": _migration("('b', '0001_z')"),
    })  # fmt: skip
    assert {m.name for m in graph.order} == {"0001_x", "0002_y", "0001_z"}
    (cycle,) = graph.cycles
    assert {m.name for m in cycle} == {"0001_x", "0002_y"}


def test_what_only_waits_for_a_cycle_is_no_part_of_it() -> None:
    graph = _graph({
        "a/migrations/0001_x.py": _migration("('a', '0003_z')"),
        "a/migrations/0002_y.py": _migration("('a', '0001_x')"),
        "a/migrations/0003_z.py": _migration("('a', '0001_x')"),
        "b/migrations/0001_p.py": _migration("('b', '0002_q')"),
        "b/migrations/0002_q.py": _migration("('b', '0001_p')", "('b', '0001_p')"),
    })  # fmt: skip
    found = [{m.path[0] + m.name for m in cycle} for cycle in graph.cycles]
    assert found == [{"a0001_x", "a0003_z"}, {"b0001_p", "b0002_q"}]


def test_leaves_are_what_no_migration_of_the_app_needs() -> None:
    graph = _graph({
        "a/migrations/0001_x.py": _migration(),
        "a/migrations/0002_y.py": _migration("('a', '0001_x')"),
        "a/migrations/0002_z.py": _migration("('a', '0001_x')"),
        "b/migrations/0001_p.py": _migration("('a', '0002_y')"),
    })  # fmt: skip
    found = {label: [m.name for m in leaves] for label, leaves in graph.leaves.items()}
    assert found == {"a": ["0002_y", "0002_z"], "b": ["0001_p"]}


def test_of_apps_of_one_label_the_nearest_is_meant() -> None:
    graph = _graph({
        "one/core/migrations/0001_x.py": _migration(),
        "one/shop/migrations/0001_s.py": _migration("('core', '0001_x')"),
        "two/core/migrations/0001_x.py": _migration(),
        "two/shop/migrations/0001_s.py": _migration("('core', '0001_x')"),
    })  # fmt: skip
    needs = {m.path: list(graph.needs[m.id]) for m in graph.order}
    assert needs["two/shop/migrations/0001_s.py"] == ["migration:two/core/migrations/0001_x.py"]
    assert needs["one/shop/migrations/0001_s.py"] == ["migration:one/core/migrations/0001_x.py"]


def test_labels_come_from_apps_py_then_from_use_then_from_the_folder() -> None:
    files = {
        "src/one/apps.py": "class C(AppConfig):\n    name = 'src.one'\n    label = 'first'\n",
        "src/one/migrations/0001_x.py": _migration(),
        "src/two/migrations/0001_x.py": _migration(),
        "src/two/migrations/0002_y.py": _migration("('second', '0001_x')"),
        "src/three/migrations/0001_x.py": _migration(),
    }
    project = Project(DictTree(files))
    found = labels(project, project.entities("migration"))
    assert found == {"src/one": "first", "src/two": "second", "src/three": "three"}


def test_other_apps_number_alike() -> None:
    files = {
        "reports/migrations/0001_initial.py": _migration(),
        "reports/migrations/0002_initial.py": _migration(
            "('partners', '0002_initial'), ('users', '0001_initial'), ('reports', '0001_initial')"
        ),
        "media/migrations/0001_initial.py": _migration(),
        "media/migrations/0002_more.py": _migration("('social', '0001_initial')"),
        "shop/migrations/0001_initial.py": _migration("('stock', '0001_initial')"),
    }
    project = Project(DictTree(files))
    found = labels(project, project.entities("migration"))
    assert found == {"reports": "reports", "media": "social", "shop": "shop"}


def test_a_fork_of_an_app_has_a_history_of_its_own() -> None:
    order = _order({
        "apps/shop/migrations/0001_x.py": _migration(),
        "sites/shop/migrations/0001_x.py": _migration(),
        "sites/shop/migrations/0002_y.py": _migration("('shop', '0001_x')"),
    })  # fmt: skip
    assert order == ["shop.0001_x", "shop~2.0001_x", "shop~2.0002_y"]


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_every_migration_has_its_place_after_what_it_needs(edges: list[tuple[int, int]]) -> None:
    needs: dict[int, set[int]] = {n: set() for n in range(10)}
    for node, need in edges:
        needs[node].add(need)
    files = {
        f"a/migrations/{n:04}.py": _migration(", ".join(f"('a', '{m:04}')" for m in sorted(wants)))
        for n, wants in needs.items()
    }
    graph = _graph(files)
    place = {int(m.name): index for index, m in enumerate(graph.order)}
    assert sorted(place) == list(range(10))
    late = {node for node in needs for need in needs[node] if place[need] > place[node]}
    assert bool(late) == bool(graph.cycles)
    for cycle in graph.cycles:
        for migration, following in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
            assert following.id in graph.needs[migration.id]
