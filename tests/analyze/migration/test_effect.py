"""What operations do to a running PostgreSQL: the table that was measured on one."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.effect import Effect
from iact_guard.analyze.migration.replay import effect
from iact_guard.config import parse
from iact_guard.project import Project
from iact_guard.tree import DictTree

HEAD = "from django.db import migrations, models\n"
INITIAL = (
    HEAD
    + """
class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Item", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel("Order", [
            ("id", models.AutoField(primary_key=True)),
            ("note", models.TextField(null=True)),
            ("code", models.CharField(max_length=40)),
            ("slug", models.CharField(max_length=40, db_index=True)),
            ("pinned", models.IntegerField(db_column="memo")),
            ("price", models.DecimalField(max_digits=8, decimal_places=2)),
            ("day", models.DateField(null=True)),
            ("item", models.ForeignKey("shop.Item", models.CASCADE)),
            ("items", models.ManyToManyField("shop.Item", related_name="+")),
        ]),
    ]
"""
)


def _effects(
    operations: str, *, head: str = "", atomic: bool = True, config: object = None
) -> list[Effect]:
    second = f"""{HEAD}{head}
class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [("shop", "0001_initial")]
    operations = [{operations}]
"""
    files = {"shop/migrations/0001_initial.py": INITIAL, "shop/migrations/0002_x.py": second}
    project = Project(DictTree(files), parse(config, "test"))
    ctx = Context(project)
    found = [effect(ctx, o).known for o in project.entities("operation") if "0002" in o.path]
    assert project.problems == ()
    return found


def _effect(operations: str, **options: object) -> Effect:
    return _effects(operations, **options)[-1]  # type: ignore[arg-type]


def _add(field: str) -> str:
    return f'migrations.AddField("order", "new", models.{field})'


def _alter(name: str, field: str) -> str:
    return f'migrations.AlterField("order", "{name}", models.{field})'


INDEX = 'models.Index(fields=["note"], name="i")'
UNIQUE = 'models.UniqueConstraint(fields=["note"], name="u"'


@pytest.mark.parametrize(
    ("operation", "impact", "insert", "select"),
    [
        (_add("TextField(null=True)"), "brief_full_block", "ok", "ok"),
        (_add("TextField(db_default='')"), "brief_full_block", "ok", "ok"),
        (_add("TextField(default='')"), "brief_full_block", "breaks", "ok"),
        (_add("TextField(blank=True)"), "brief_full_block", "breaks", "ok"),
        (_add("DateTimeField(auto_now_add=True)"), "brief_full_block", "breaks", "ok"),
        (_add("TextField()"), "fails", "breaks", "ok"),
        (_add("UUIDField(unique=True, default=f)"), "fails", "breaks", "ok"),
        (_add("UUIDField(db_default=RandomUUID())"), "full_block_rewrite", "ok", "ok"),
        (_add("CharField(max_length=3, null=True, unique=True)"), "full_block_scan", "ok", "ok"),
        (_add("SlugField(null=True)"), "full_block_scan", "ok", "ok"),
        (_add("PositiveIntegerField(null=True)"), "full_block_scan", "ok", "ok"),
        (_add("ForeignKey('shop.Item', models.CASCADE, null=True)"), "full_block_scan", "ok", "ok"),
        (_add("ForeignKey('shop.Item', models.CASCADE, null=True, db_index=False,"
              " db_constraint=False)"), "brief_full_block", "ok", "ok"),
        (_add("ManyToManyField('shop.Item')"), "brief_write_block", "ok", "ok"),
        (_alter("code", "CharField(max_length=60)"), "brief_full_block", "ok", "ok"),
        (_alter("code", "TextField()"), "brief_full_block", "ok", "ok"),
        (_alter("slug", "TextField(db_index=True)"), "full_block_scan", "ok", "ok"),
        (_alter("code", "CharField(max_length=4)"), "full_block_rewrite", "ok", "ok"),
        (_alter("pinned", "BigIntegerField(db_column='memo')"), "full_block_rewrite", "ok", "ok"),
        (_alter("pinned", "TextField(db_column='memo')"), "full_block_rewrite", "ok", "breaks"),
        (_alter("price", "DecimalField(max_digits=9, decimal_places=2)"), "brief_full_block", "ok",
         "ok"),
        (_alter("price", "DecimalField(max_digits=9, decimal_places=3)"), "full_block_rewrite",
         "ok", "ok"),
        (_alter("day", "DateTimeField(null=True)"), "full_block_rewrite", "ok", "ok"),
        (_alter("note", "TextField()"), "full_block_scan", "ok", "ok"),
        (_alter("note", "TextField(null=True, help_text='x', choices=[('a', 'b')], default='a')"),
         "none", "ok", "ok"),
        (_alter("note", "TextField(null=True, db_comment='x')"), "brief_full_block", "ok", "ok"),
        (_alter("id", "BigAutoField(primary_key=True)"), "full_block_rewrite", "ok", "ok"),
        (_alter("item", "ForeignKey('shop.Item', models.CASCADE, null=True)"), "full_block_scan",
         "ok", "ok"),
        ("migrations.RemoveField('order', 'note')", "brief_full_block", "breaks", "breaks"),
        ("migrations.RenameField('order', 'note', 'm')", "brief_full_block", "breaks", "breaks"),
        ("migrations.RenameField('order', 'pinned', 'free')", "none", "ok", "ok"),
        ("migrations.AlterModelTable('order', 'orders')", "brief_full_block", "breaks", "breaks"),
        ("migrations.AlterModelTable('order', 'shop_order')", "none", "ok", "ok"),
        ("migrations.RenameModel('Order', 'Purchase')", "full_block_scan", "breaks", "breaks"),
        ("migrations.DeleteModel('Order')", "brief_full_block", "breaks", "breaks"),
        ("migrations.AlterModelOptions('order', {'ordering': ['id']})", "none", "ok", "ok"),
        (f"migrations.AddIndex('order', {INDEX})", "write_block_scan", "ok", "ok"),
        ("migrations.AlterUniqueTogether('order', {('note', 'code')})", "full_block_scan", "ok",
         "ok"),
        (f"migrations.AddConstraint('order', {UNIQUE}))", "full_block_scan", "ok", "ok"),
        (f"migrations.AddConstraint('order', {UNIQUE}, condition=c))", "write_block_scan", "ok",
         "ok"),
        ("migrations.CreateModel('Line', [('id', models.BigAutoField(primary_key=True))])", "none",
         "ok", "ok"),
        ("migrations.CreateModel('Line', [('o', models.ForeignKey('shop.Order', models.CASCADE))])",
         "brief_write_block", "ok", "ok"),
        ("migrations.RunSQL('SELECT 1')", "none", "ok", "ok"),
        ("migrations.RunSQL(f())", "unknown", "unknown", "unknown"),
        ("migrations.RunPython(f)", "unknown", "ok", "ok"),
        ("migrations.RunPython(migrations.RunPython.noop)", "none", "ok", "ok"),
        ("other.Operation('order')", "unknown", "unknown", "unknown"),
        ("*what()", "unknown", "unknown", "unknown"),
    ],
)  # fmt: skip
def test_verdict(operation: str, impact: str, insert: str, select: str) -> None:
    found = _effect(operation)
    assert (found.impact, found.old_code.insert, found.old_code.select) == (impact, insert, select)
    assert bool(found.reason) == bool({"unknown", "fails"} & {impact, insert, select})


def test_locks_are_named_as_pg_locks_does() -> None:
    found = _effect(_add("ForeignKey('shop.Item', models.CASCADE, null=True)"))
    assert found.locks == {
        "shop_order": ("AccessExclusiveLock", "ShareLock"),
        "shop_item": ("ShareRowExclusiveLock",),
    }
    assert found.table == "shop_order"


def test_an_index_after_an_alter_of_the_same_transaction_blocks_everybody() -> None:
    both = f"{_add('TextField(null=True)')}, migrations.AddIndex('order', {INDEX})"
    assert _effect(both).impact == "full_block_scan"
    assert _effect(both, atomic=False).impact == "write_block_scan"


def test_the_index_before_the_alter_blocks_writers_only() -> None:
    both = f"migrations.AddIndex('order', {INDEX}), {_add('TextField(null=True)')}"
    assert _effects(both)[0].impact == "write_block_scan"


CONCURRENTLY = "from django.contrib.postgres.operations import AddIndexConcurrently as Add\n"


def test_concurrently_needs_to_be_outside_a_transaction() -> None:
    operation = f"Add('order', {INDEX})"
    assert _effect(operation, head=CONCURRENTLY).impact == "fails"
    found = _effect(operation, head=CONCURRENTLY, atomic=False)
    assert (found.impact, found.locks) == (
        "nonblocking_scan",
        {"shop_order": ("ShareUpdateExclusiveLock",)},
    )


def test_operations_on_the_database_see_a_state_of_their_own() -> None:
    wrapped = (
        "migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField('order',"
        " 'note')]), migrations.RemoveField('order', 'note')"
    )
    outer, inner, after = _effects(wrapped)
    assert outer.impact == inner.impact == "brief_full_block"
    assert outer.own == ()
    # The state still has the field, so the second removal finds it.
    assert "not in the state" not in after.reason


def test_changes_of_the_state_alone_touch_nothing() -> None:
    outer, inner = _effects(
        "migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('Order')])"
    )
    assert outer.impact == inner.impact == "none"
    assert outer.locks == {}


def test_what_is_done_to_a_new_table_costs_nothing() -> None:
    found = _effects(
        "migrations.CreateModel('Line', [('id', models.BigAutoField(primary_key=True))]),"
        "migrations.AddField('line', 'a', models.TextField(default='')),"
        "migrations.AddIndex('line', models.Index(fields=['a'], name='i')),"
        "migrations.RenameModel('Line', 'Row'),"
        "migrations.RemoveField('row', 'a')"
    )
    assert {e.impact for e in found} == {"none"}
    assert {e.old_code.insert for e in found} == {"ok"}


def test_another_name_of_an_old_table_does_not_make_it_new() -> None:
    both = "migrations.RenameModel('Order', 'Purchase'), migrations.RemoveField('purchase', 'note')"
    assert _effect(both).old_code.select == "breaks"


def test_a_proxy_and_an_unmanaged_model_have_no_table() -> None:
    for option in ("'proxy': True", "'managed': False"):
        found = _effects(
            f"migrations.CreateModel('View', [], options={{{option}}}, bases=('shop.order',)),"
            "migrations.AddField('view', 'a', models.TextField(default=''))"
        )
        assert [e.outcomes for e in found] == [(), ()]


def test_the_configuration_says_what_an_operation_of_a_package_does() -> None:
    config = {"migrations": {"operations": {"other.Operation": "write_block_scan"}}}
    found = _effect("other.Operation('order')", head="import other\n", config=config)
    assert found.impact == "write_block_scan"
    assert found.old_code.insert == "ok"


@pytest.mark.parametrize(
    ("engine", "impact"),
    [("mysql", "nonblocking_scan"), ("mariadb", "nonblocking_scan"), ("sqlite", "full_block_scan")],
)
def test_another_database_builds_an_index_at_another_price(engine: str, impact: str) -> None:
    index = "migrations.AddIndex('order', models.Index(fields=['note'], name='by_note'))"
    found = _effect(index, config={"database": {"engine": engine}})
    assert (found.impact, found.old_code.select) == (impact, "ok")


@pytest.mark.parametrize("engine", ["mysql", "mariadb", "sqlite"])
def test_another_database_does_not_change_what_the_old_code_misses(engine: str) -> None:
    found = _effect(
        "migrations.RemoveField('order', 'note')", config={"database": {"engine": engine}}
    )
    assert (found.impact, found.old_code.select) == ("brief_full_block", "breaks")


def test_an_old_version_has_less_that_is_instant() -> None:
    found = _effect(
        "migrations.RemoveField('order', 'note')",
        config={"database": {"engine": "mysql", "version": 5.7}},
    )
    assert found.impact == "nonblocking_scan"


def test_evidence_has_both_ends_of_the_argument() -> None:
    found = _effect("migrations.RemoveField('order', 'note')")
    assert [(e.location.path, e.message) for e in found.evidence] == [
        ("shop/migrations/0002_x.py", "drops the column note of shop_order"),
        ("shop/migrations/0001_initial.py", "adds the column note"),
    ]


@pytest.mark.parametrize(
    ("operation", "reversible"),
    [
        ("migrations.RunPython(f)", False),
        ("migrations.RunPython(f, g)", True),
        ("migrations.RunSQL('x')", False),
        ("migrations.RunSQL('x', reverse_sql='y')", True),
        ("migrations.SeparateDatabaseAndState([migrations.RunSQL('x')])", False),
        ("migrations.DeleteModel('order')", True),
        ("other.Operation()", None),
        ("*what()", None),
    ],
)
def test_reversible(operation: str, reversible: bool | None) -> None:
    assert _effects(operation)[0].way_back.possible is reversible


def test_more_fields_than_a_table_has_columns_are_not_searched_at_a_renaming(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("iact_guard.analyze.migration.forwards.models.MAX_FIELDS", 5)
    found = _effect('migrations.RenameModel("Order", "Sale")')
    assert (found.impact, found.reason.startswith("too many fields")) == ("unknown", True)
