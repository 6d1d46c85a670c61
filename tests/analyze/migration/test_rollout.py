"""When migrations may run, and in which commands: forward and back."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.rollout.plan import plan
from iact_guard.model.plan import Plan
from iact_guard.project import Project
from iact_guard.tree import DictTree

INITIAL = """\
from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True)),
            ("note", models.CharField(max_length=40, null=True)),
            ("code", models.CharField(max_length=40)),
        ]),
    ]
"""


def _migration(after: str, *operations: str, atomic: bool = True) -> str:
    lines = "".join(f"        {operation},\n" for operation in operations)
    return (
        "from django.db import migrations, models\n\n"
        "class Migration(migrations.Migration):\n"
        f"    atomic = {atomic}\n"
        f"    dependencies = [{after}]\n"
        f"    operations = [\n{lines}    ]\n"
    )


FIRST = "('orders', '0001_initial')"
BASE = {"orders/migrations/0001_initial.py": INITIAL}
ADD = 'migrations.AddField("order", "memo", models.TextField(null=True))'
ADD_REQUIRED = 'migrations.AddField("order", "memo", models.TextField(default="x"))'
REMOVE = 'migrations.RemoveField("order", "note")'
REMOVE_REQUIRED = 'migrations.RemoveField("order", "code")'


def planned(*operations: str, **more: str) -> Plan:
    """The plan of `0002_change` with these operations, on top of the base."""
    change = {"orders/migrations/0002_change.py": _migration(FIRST, *operations)}
    files = {f"{path.replace('__', '/migrations/')}.py": text for path, text in more.items()}
    project = Project(DictTree({**BASE, **change, **files}), base=DictTree(BASE))
    return plan(Context(project), project.entities("repository")[0]).known


@pytest.mark.parametrize(
    ("operation", "phase", "reason"),
    [
        (ADD, "before", "the new code needs the column orders_order.memo"),
        (ADD_REQUIRED, "with", "and the old code's INSERT fails"),
        (REMOVE, "after", "every query of the old code on it fails"),
        (REMOVE_REQUIRED, "with", "which is NOT NULL until then"),
        ('migrations.RenameField("order", "note", "memo")', "with", "orders_order.memo"),
        ('migrations.DeleteModel("order")', "after", "every query of the old code"),
        (
            'migrations.CreateModel("Line", [("id", models.BigAutoField(primary_key=True))])',
            "before",
            "the new code needs the table orders_line",
        ),
        (
            'migrations.AddIndex("order", models.Index(fields=["note"], name="order_note"))',
            "any",
            "",
        ),
        (
            'migrations.AddConstraint("order", models.UniqueConstraint(fields=["code"], name="u"))',
            "after",
            "the old code may write into orders_order what u forbids",
        ),
        (
            'migrations.AlterField("order", "note", models.CharField(max_length=80, null=True))',
            "before",
            "what does not fit yet",
        ),
        (
            'migrations.AlterField("order", "note", models.CharField(max_length=8, null=True))',
            "after",
            "what does not fit any more",
        ),
        (
            'migrations.AlterField("order", "note", models.CharField(max_length=40, default=""))',
            "after",
            "the old code may write NULL into orders_order.note",
        ),
        (
            'migrations.AlterField("order", "code", models.CharField(max_length=40, null=True))',
            "before",
            "the new code may write NULL into orders_order.code",
        ),
        ('migrations.AlterModelOptions("order", {"verbose_name": "x"})', "any", ""),
        ("other.Operation()", "unknown", "is not known"),
    ],
)
def test_when_an_operation_may_run(operation: str, phase: str, reason: str) -> None:
    (migration,) = planned(operation).migrations
    assert migration.phase == migration.operations[0].phase == phase
    assert reason in migration.phase_reason and bool(reason) == bool(migration.phase_reason)


def test_what_the_new_code_needs_and_what_the_old_code_needs_do_not_go_together() -> None:
    (migration,) = planned(ADD, REMOVE).migrations
    assert migration.phase == "with"
    assert "they belong in two releases" in migration.phase_reason
    assert [operation.phase for operation in migration.operations] == ["before", "after"]


def test_a_rule_that_old_code_may_break_does_not_hold_up_what_new_code_needs() -> None:
    unique = 'migrations.AddConstraint("order", models.UniqueConstraint(fields=["code"], name="u"))'
    (migration,) = planned(ADD, unique).migrations
    assert migration.phase == "before"
    assert "until the old code is gone, the old code may write" in migration.phase_reason


def test_what_needs_no_old_code_waits_and_holds_up_what_depends_on_it() -> None:
    later = _migration("('orders', '0002_change')", ADD)
    found = planned(REMOVE, orders__0003_memo=later)
    assert [migration.phase for migration in found.migrations] == ["after", "before"]
    assert [migration.waits_for for migration in found.migrations] == [(), ("orders.0002_change",)]
    assert found.before == ()
    assert [command.text for command in found.after] == ["python manage.py migrate"]


def test_only_what_hurts_no_old_code_runs_before() -> None:
    later = _migration("('orders', '0002_change')", REMOVE)
    shop = _migration("('orders', '0002_change')", 'migrations.CreateModel("Shop", [])')
    found = planned(ADD, orders__0003_note=later, shop__0001_initial=shop)
    assert [(c.text, c.migrations) for c in found.before] == [
        ("python manage.py migrate shop 0001_initial", ("orders.0002_change", "shop.0001_initial"))
    ]
    assert [c.migrations for c in found.after] == [("orders.0003_note",)]
    assert not found.stopped


def test_all_that_runs_before_is_one_command() -> None:
    found = planned(ADD)
    assert [(c.text, c.migrations) for c in found.before] == [
        ("python manage.py migrate", ("orders.0002_change",))
    ]
    assert found.after == ()


def test_the_way_back_is_the_way_forward_turned_round() -> None:
    found = planned(
        ADD,
        "migrations.RunPython(fill)",
        orders__0003_next=_migration("('orders', '0002_change')", REMOVE),
        shop__0001_initial=_migration(
            "('orders', '0003_next')", 'migrations.CreateModel("S", [])', "migrations.RunSQL('x')"
        ),
    )
    assert [(c.text, c.migrations) for c in found.back] == [
        ("python manage.py migrate shop zero", ("shop.0001_initial",)),
        (
            "python manage.py migrate orders 0001_initial",
            ("orders.0003_next", "orders.0002_change"),
        ),
    ]
    sql, _ = found.back[0].remarks
    assert sql.startswith("`RunSQL` in 0001_initial, line 8, cannot be reversed")
    assert any("`RunPython` in 0002_change" in remark for remark in found.back[1].remarks)
    assert "what was written to orders_order.memo is lost" in found.back[1].remarks


def test_what_the_base_has_is_no_part_of_the_plan_and_what_was_edited_is_not_run_again() -> None:
    edited = INITIAL.replace("max_length=40)", "max_length=41)")
    project = Project(
        DictTree({"orders/migrations/0001_initial.py": edited, "a/migrations/0001_x.py": INITIAL}),
        base=DictTree({**BASE, "a/migrations/0001_x.py": INITIAL}),
    )
    found = plan(Context(project), project.entities("repository")[0]).known
    assert [(m.label, m.edited, m.phase) for m in found.migrations] == [
        ("orders.0001_initial", True, "any")
    ]
    assert (found.before, found.after, found.back) == ((), (), ())


def test_a_migration_outside_a_transaction_is_told() -> None:
    change = {"orders/migrations/0002_change.py": _migration(FIRST, ADD, atomic=False)}
    project = Project(DictTree({**BASE, **change}), base=DictTree(BASE))
    (migration,) = plan(Context(project), project.entities("repository")[0]).known.migrations
    assert not migration.transaction
