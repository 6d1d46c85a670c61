"""Folders of migrations as nobody wants them: each is told at its place, and costs nothing else."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.evaluate.engine import evaluate
from iact_guard.load.shipped import shipped
from iact_guard.project import Project
from iact_guard.tree import DictTree

HEAD = "from django.db import migrations, models\n\n"
CREATE = '[migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])]'
ADD = 'migrations.AddField("order", "paid", models.BooleanField(default=False))'


def _migration(operations: str = "[]", needs: str = "0001_initial") -> str:
    dependencies = f'[("shop", "{needs}")]' if needs else "[]"
    return (
        f"{HEAD}class Migration(migrations.Migration):\n    dependencies = {dependencies}\n"
        f"    operations = {operations}\n"
    )


SHOP: dict[str, str | bytes] = {
    "shop/__init__.py": "",
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": _migration(CREATE, ""),
}


def _told(files: dict[str, str | bytes]) -> set[tuple[str, str, int]]:
    """Rule, path and line of every finding on migrations, and of every problem."""
    project = Project(DictTree(SHOP | files))
    ctx = Context(project)
    policies = tuple(p for p in shipped() if p.id.startswith("DM"))
    project.load_everything()
    found = evaluate(ctx, policies).findings
    problems = {(p.rule, p.location.path, p.location.line) for p in project.problems}
    return problems | {(f.rule, f.location.path, f.location.line) for f in found}


@pytest.mark.parametrize(
    "text",
    [
        _migration() + "x = (\n",
        _migration() + "type X[T: (int, str) = int] = list[T]\n",
        _migration() + "print 'done'\n",
        b"\xff\xfe\x00",
        "x = " + "[" * 5_000,
    ],
)
def test_a_migration_that_cannot_be_read_costs_only_itself(text: str | bytes) -> None:
    path, other = "shop/migrations/0002_x.py", "shop/migrations/0002_y.py"
    told = _told({path: text, other: _migration(f"[{ADD}]")})
    assert {(rule, where) for rule, where, _ in told} >= {("IG001", path), ("DM001", other)}
    assert "IG003" not in {rule for rule, _, _ in told}


def test_one_of_thirty_thousand_lines_is_read_whole() -> None:
    lines = [
        f'        migrations.AddField(\n            model_name="order",\n            name="f{n}",\n'
        "            field=models.TextField(null=True),\n        ),"
        for n in range(6_000)
    ]
    text = _migration("[\n" + "\n".join(lines) + f"\n        {ADD},\n    ]")
    assert text.count("\n") > 30_000
    path = "shop/migrations/0002_x.py"
    project = Project(DictTree(SHOP | {path: text}))
    (migration,) = (m for m in project.entities("migration") if m.path == path)
    assert [len(migration.operations), len(migration.unread)] == [6_001, 0]
    assert {operation.kind for operation in migration.operations} == {"AddField"}


def test_a_circle_is_told_and_stops_nothing() -> None:
    told = _told(
        {
            "shop/migrations/0002_x.py": _migration(f"[{ADD}]", "0003_y"),
            "shop/migrations/0003_y.py": _migration("[]", "0002_x"),
        }
    )
    rules = {rule for rule, _, _ in told}
    assert ("DM027", "shop/migrations/0002_x.py", 3) in told
    assert "DM001" in rules
    assert "IG003" not in rules


def test_a_whole_app_in_a_circle_has_no_end() -> None:
    told = _told({"shop/migrations/0001_initial.py": _migration(CREATE, "0001_initial")})
    assert "IG003" not in {rule for rule, _, _ in told}
    told = _told(
        {
            "shop/migrations/0001_initial.py": _migration(CREATE, "0002_x"),
            "shop/migrations/0002_x.py": _migration(),
        }
    )
    assert {rule for rule, _, _ in told} == {"DM027"}


def test_a_dependency_that_is_missing_is_told_where_it_is_named() -> None:
    path = "shop/migrations/0002_x.py"
    assert ("DM025", path, 4) in _told({path: _migration(f"[{ADD}]", "0001_gone")})


def test_two_apps_of_one_label_are_told_and_judged_apart() -> None:
    old = {f"old/{path}": text for path, text in SHOP.items()}
    told = _told(old | {"old/shop/migrations/0002_x.py": _migration(f"[{ADD}]")})
    assert ("DM001", "old/shop/migrations/0002_x.py", 5) in told
    assert "DM027" in {rule for rule, _, _ in told}


def test_a_folder_that_is_no_package_is_told_once() -> None:
    path = "till/migrations/0001_initial.py"
    files: dict[str, str | bytes] = {"till/__init__.py": "", path: _migration(CREATE, "")}
    assert ("DM027", path, 3) in _told(files)
    told = _told(files | {"till/migrations/0002_x.py": _migration("[]").replace("shop", "till")})
    assert len([rule for rule, _, _ in told if rule == "DM027"]) == 1


def test_data_and_helpers_among_migrations_are_none() -> None:
    helper = _migration("[migrations.RemoveField('order', 'id')]")
    assert not _told(
        {
            "shop/migrations/0002_rows.yaml": "- model: shop.order\n",
            "shop/migrations/rows.json": "{",
            "shop/migrations/sql/0002.sql": "DROP TABLE shop_order",
            "shop/migrations/tools.py": "def rows(): return []\n",
            "shop/migrations/_0002_put_aside.py": helper,
            "shop/migrations/~0002_x.py": helper,
            "shop/migrations/data/0002_x.py": "ROWS = []\n",
        }
    )
