"""RunPython: which rows a function writes, and how many at once."""

# ruff: noqa: E501  # a migration's function on a line

from typing import Any

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.effect import Effect
from iact_guard.analyze.migration.replay import effect
from iact_guard.analyze.migration.steps import Step, Unclear, WriteRows
from iact_guard.project import Project
from iact_guard.tree import DictTree

INITIAL = """
from django.db import migrations, models

class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True)),
                                       ("slug", models.SlugField(unique=True))]),
        migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True)),
            ("note", models.TextField(null=True)),
            ("code", models.CharField(max_length=40)),
            ("customer", models.ForeignKey("shop.Customer", models.CASCADE, related_name="orders")),
            ("tags", models.ManyToManyField("shop.Tag")),
        ], options={"unique_together": {("customer", "code")}}),
        migrations.CreateModel("Line", [
            ("id", models.BigAutoField(primary_key=True)),
            ("order", models.ForeignKey("shop.Order", models.CASCADE)),
        ]),
    ]
"""


def steps_of(code: str, **options: Any) -> list[Step]:
    """The steps of a migration that runs `code`."""
    return [outcome.step for one in effects_of(code, **options) for outcome in one.outcomes]


def effects_of(
    code: str, *, operation: str = "migrations.RunPython(fill)", atomic: bool = True, **files: str
) -> list[Effect]:
    """The effects of its operations."""
    second = f"""
from django.db import migrations, models, transaction
{code}

class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [("shop", "0001_initial")]
    operations = [{operation}]
"""
    tree = {"shop/migrations/0001_initial.py": INITIAL, "shop/migrations/0002_x.py": second}
    tree |= {name.replace("__", "/") + ".py": text for name, text in files.items()}
    project = Project(DictTree(tree))
    ctx = Context(project)
    found = [effect(ctx, o).known for o in project.entities("operation") if "0002" in o.path]
    assert project.problems == ()
    return found


def told(steps: list[Step]) -> list[str]:
    """Steps in short."""
    return [
        f"{s.verb} {s.table} {s.extent}"
        if isinstance(s, WriteRows)
        else f"unclear: {s.reason}"
        if isinstance(s, Unclear)
        else type(s).__name__
        for s in steps
    ]


HEAD = """
def fill(apps, schema_editor):
    Order = apps.get_model("shop", "Order")
    Customer = apps.get_model("shop.Customer")
    Tag = apps.get_model(app_label="shop", model_name="Tag")
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Order.objects.update(note='')", ["update shop_order all"]),
        ("Order.objects.filter(note=None).update(note='')", ["update shop_order all"]),
        ("Order.objects.filter(pk=7).update(note='')", ["update shop_order row"]),
        ("Order.objects.filter(pk__in=[1, 2]).update(note='')", ["update shop_order row"]),
        ("Order.objects.filter(customer_id=1, code='x').delete()", ["delete shop_order row"]),
        ("Order.objects.filter(customer=1).delete()", ["delete shop_order row"]),
        (
            "o = Order.objects.get(code='x')\n    o.note = ''\n    o.save()",
            ["update shop_order row"],
        ),
        ("for o in Order.objects.all():\n        o.save()", ["update shop_order all"]),
        (
            "for o in Order.objects.all().iterator(chunk_size=10):\n        o.save(update_fields=['note'])",
            ["update shop_order all"],
        ),
        ("Tag.objects.create(slug='a')", ["insert shop_tag row"]),
        (
            "for s in ('a', 'b'):\n        Tag.objects.get_or_create(slug=s)",
            ["insert shop_tag row"],
        ),
        ("for s in SLUGS:\n        Tag(slug=s).save()", ["insert shop_tag row"]),
        ("Tag.objects.bulk_create([Tag(slug=s) for s in SLUGS])", ["insert shop_tag row"]),
        (
            "Tag.objects.bulk_create(Tag(slug=o.code) for o in Order.objects.all())",
            ["insert shop_tag all"],
        ),
        (
            "Tag.objects.bulk_create([Tag(slug=o.code) for o in Order.objects.all()], batch_size=5)",
            ["insert shop_tag all"],
        ),
        (
            "new = []\n    for o in Order.objects.all():\n        new.append(Tag(slug=o.code))\n    Tag.objects.bulk_create(new)",
            ["insert shop_tag all"],
        ),
        (
            "rows = list(Order.objects.all())\n    for o in rows:\n        o.note = 1\n    Order.objects.bulk_update(rows, ['note'])",
            ["update shop_order all"],
        ),
        ("for o in Order.objects.all():\n        o.tags.add(1)", ["insert shop_order_tags all"]),
        ("Order.objects.get(pk=1).tags.set([1, 2])", ["any shop_order_tags row"]),
        (
            "for c in Customer.objects.all():\n        c.orders.update(note='')",
            ["update shop_order all"],
        ),
        (
            "c = Customer.objects.get(pk=1)\n    c.orders.all().delete()",
            ["delete shop_order row"],
        ),
        ("print(Order.objects.count(), [o for o in Order.objects.all()])", []),
        (
            "for o in Order.objects.all():\n        for l in o.line_set.all():\n            l.delete()",
            ["delete shop_line all"],
        ),
        ("Order.tags.through.objects.all().delete()", ["delete shop_order_tags all"]),
        (
            "Order._default_manager.using('x').filter(note='').update(note=None)",
            ["update shop_order all"],
        ),
        (
            "for i in range(0, 10**6, 1000):\n        Order.objects.filter(pk__gte=i, pk__lt=i + 1000).update(note='')",
            ["update shop_order all"],
        ),
    ],
)
def test_what_a_function_writes(body: str, expected: list[str]) -> None:
    assert told(steps_of(f"SLUGS = ['a', 'b']{HEAD}    {body}\n")) == expected


LOOP = "for o in Order.objects.all():\n        o.note = ''\n        o.save()"
PORTIONS = """while True:
        with transaction.atomic():
            keys = list(Order.objects.filter(note=None).values_list("pk", flat=True)[:1000])
            if not keys:
                break
            Order.objects.filter(pk__in=keys).update(note="")"""
RANGES = """for start in range(0, Order.objects.count(), 1000):
        Order.objects.filter(pk__range=(start, start + 999)).update(note="")"""
BUFFER = """batch = []
    for o in Order.objects.iterator():
        o.note = ""
        batch.append(o)
        if len(batch) == 500:
            Order.objects.bulk_update(batch, ["note"])
            batch = []
    Order.objects.bulk_update(batch, ["note"])"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (LOOP, "update shop_order batches"),
        (PORTIONS, "update shop_order batches"),
        (RANGES, "update shop_order batches"),
        (BUFFER, "update shop_order batches"),
        ("Order.objects.update(note='')", "update shop_order all"),
        (
            f"with transaction.atomic():\n        {LOOP.replace(chr(10), chr(10) + '    ')}",
            "update shop_order all",
        ),
        (
            "for c in Customer.objects.all():\n        c.orders.update(note='')",
            "update shop_order batches",
        ),
        (
            "for c in Customer.objects.all():\n        Order.objects.filter(customer=c).update(note='')",
            "update shop_order batches",
        ),
        (
            "for o in Order.objects.all():\n        with transaction.atomic():\n            o.save()",
            "update shop_order batches",
        ),
    ],
)
def test_what_is_committed_portion_by_portion(body: str, expected: str) -> None:
    code = f"{HEAD}    {body}\n"
    assert told(steps_of(code, atomic=False)) == [expected]
    assert told(steps_of(code, atomic=True)) == ["update shop_order all"]
    again = "migrations.RunPython(fill, atomic=True)"
    assert told(steps_of(code, atomic=False, operation=again)) == ["update shop_order all"]
    outside = "migrations.RunPython(fill, atomic=False)"
    # The migration's own transaction is around it all the same.
    assert told(steps_of(code, atomic=True, operation=outside)) == ["update shop_order all"]


def test_a_decorator_makes_one_transaction_of_it() -> None:
    code = f"\n@transaction.atomic{HEAD}    {LOOP}\n"
    assert told(steps_of(code, atomic=False)) == ["update shop_order all"]


@pytest.mark.parametrize(
    ("code", "operation"),
    [
        (
            "",
            "migrations.RunPython(lambda apps, editor: apps.get_model('shop', 'Order').objects.update(note=''))",
        ),
        (
            "from functools import partial\ndef fill(apps, editor, *, name):\n    apps.get_model('shop', name).objects.update(note='')",
            "migrations.RunPython(partial(fill, name='Order'))",
        ),
        (
            "class Fill:\n    @staticmethod\n    def run(apps, editor):\n        apps.get_model('shop', 'Order').objects.update(note='')",
            "migrations.RunPython(Fill.run)",
        ),
        (
            "class Fill:\n    @classmethod\n    def run(cls, apps, editor):\n        apps.get_model('shop', 'Order').objects.update(note='')",
            "migrations.RunPython(code=Fill.run)",
        ),
        ("from shop.fills import fill", "migrations.RunPython(fill)"),
        ("from shop import fills", "migrations.RunPython(fills.fill)"),
        (
            "from ..fills import fill as f\ndef fill(apps, editor):\n    f(apps, editor)",
            "migrations.RunPython(fill)",
        ),
        (
            "def help(model, **values):\n    model.objects.update(**values)\ndef fill(apps, editor):\n    config = apps.get_app_config('shop')\n    help(config.get_model('Order'), note='')",
            "migrations.RunPython(fill)",
        ),
        (
            "def fill(apps, editor):\n    def inner(name):\n        apps.get_model('shop', name).objects.update(note='')\n    for name in ('Order',):\n        inner(name)",
            "migrations.RunPython(fill)",
        ),
        (
            "def fill(apps, editor):\n    if editor.connection.vendor != 'postgresql':\n        apps.get_model('shop', 'Line').objects.update(note='')\n        return\n    apps.get_model('shop', 'Order').objects.update(note='')",
            "migrations.RunPython(fill)",
        ),
    ],
)
def test_functions_are_found_and_followed(code: str, operation: str) -> None:
    fills = "def fill(apps, editor):\n    apps.get_model('shop', 'Order').objects.update(note='')\n"
    found = steps_of(code, operation=operation, shop__fills=fills)
    assert told(found) == ["update shop_order all"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("from elsewhere import fill", "what `elsewhere.fill()` writes"),
        ("from shop.fills import make\nfill = make()", "what `shop.fills.make` writes"),
        (
            "from django.core.management import call_command\ndef fill(apps, editor):\n    call_command('load')",
            "management command `load`",
        ),
        ("from x import run\ndef fill(apps, editor):\n    run(apps)", "what `x.run()` writes"),
        ("def fill(apps, editor):\n    editor.alter_field(1, 2, 3)", "`schema_editor.alter_field`"),
        ("def fill(apps, editor):\n    fill(apps, editor)", "calls itself"),
        (
            "from shop.models import Order\ndef fill(apps, editor):\n    Order.rebuild()",
            "`Order.rebuild()` of the application",
        ),
    ],
)
def test_what_cannot_be_followed_is_said(code: str, reason: str) -> None:
    found = told(steps_of(code))
    assert len(found) == 1
    assert reason in found[0]


def test_models_of_the_application_are_told_apart() -> None:
    found = steps_of(
        "from shop.models import Order\ndef fill(a, b):\n    Order.objects.update(note='')"
    )
    assert [(s.table, s.live) for s in found if isinstance(s, WriteRows)] == [("shop_order", True)]


def test_the_columns_of_an_update_are_known() -> None:
    code = f"{HEAD}    for o in Order.objects.all():\n        o.customer = first\n        o.note = ''\n        o.save()\n"
    (step,) = steps_of(code)
    assert isinstance(step, WriteRows)
    assert step.columns == frozenset({"customer_id", "note"})
    assert step.place is not None
    assert step.place.line == 11


def test_a_long_function_ends_in_a_doubt() -> None:
    body = "    x = " + " + ".join(["1"] * 400) + "\n"
    found = told(steps_of(HEAD + body * 100))
    assert any("too long" in line for line in found)


def test_methods_of_the_application_s_models_are_followed() -> None:
    models = """
from django.db import models

class Order(models.Model):
    @classmethod
    def clear(cls, apps):
        cls.objects.update(note="")
"""
    code = "from shop.models import Order\ndef fill(apps, editor):\n    Order.clear(apps)"
    (step,) = steps_of(code, shop__models=models)
    assert isinstance(step, WriteRows)
    assert (step.table, step.extent, step.live) == ("shop_order", "all", True)


def test_what_a_file_of_the_repository_holds_is_bounded() -> None:
    code = """
import json
from pathlib import Path

def fill(apps, editor):
    with open(Path(__file__).parent / "tags.json") as file:
        rows = json.load(file)
    for row in rows:
        apps.get_model(row["model"]).objects.update_or_create(pk=row["pk"], defaults=row)
"""
    assert told(steps_of(code)) == ["any ? row"]


def test_a_function_within_the_class_of_the_migration_is_found() -> None:
    code = "\nclass Help:\n    def fill(apps, editor):\n        apps.get_model('shop', 'Tag').objects.all().delete()\n"
    assert told(steps_of(code)) == ["delete shop_tag all"]
