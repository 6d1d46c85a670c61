"""`migrations` of `iact-guard model`: the shape of the contract, plain values only."""

import json

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.dump import migrations
from iact_guard.project import Project
from iact_guard.tree import DictTree

FILES = {
    "shop/migrations/0001_initial.py": """from django.db import migrations, models
class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Order", [("id", models.AutoField(primary_key=True))]),
    ]
""",
    "shop/migrations/0002_x.py": """from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [*unknown(),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AddField("order", "a", models.TextField(default=""))],
            state_operations=[migrations.AddField("order", "a", models.TextField(default=""))],
        ),
    ]
""",
}


def test_shape() -> None:
    first, second = migrations(Context(Project(DictTree(FILES))))
    assert (first["name"], second["app"], second["atomic"]) == ("0001_initial", "shop", True)
    assert second["dependencies"] == [["shop", "0001_initial"]]
    hidden, wrapper = second["operations"]
    assert wrapper["kind"] == "SeparateDatabaseAndState"
    assert wrapper["line"] == 5
    assert wrapper["table"] == "shop_order"
    assert wrapper["locks"] == {"shop_order": ["AccessExclusiveLock"]}
    assert wrapper["impact"] == "brief_full_block"
    assert wrapper["old_code"] == {
        "insert": "breaks", "select": "ok", "update": "ok", "delete": "ok",
    }  # fmt: skip
    assert [o["kind"] for o in wrapper["database_operations"]] == ["AddField"]
    assert [o["impact"] for o in wrapper["state_operations"]] == ["none"]
    assert wrapper["evidence"][0]["line"] == 6
    assert (hidden["kind"], hidden["impact"]) == ("unknown", "unknown")
    assert "`unknown()`" in hidden["reason"]


def test_plain_values_only() -> None:
    found = migrations(Context(Project(DictTree(FILES))))
    assert json.loads(json.dumps(found)) == found


def test_a_repository_without_migrations() -> None:
    assert migrations(Context(Project(DictTree({})))) == []
