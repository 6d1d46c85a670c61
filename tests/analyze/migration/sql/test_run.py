"""RunSQL to effects: where statements stand, what is in one query, what the models tell."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.effect import Effect
from iact_guard.analyze.migration.replay import effect
from iact_guard.config import parse
from iact_guard.project import Project
from iact_guard.tree import DictTree
from tests.analyze.migration.test_effect import INITIAL, _effects


def _sql(text: object, **options: object) -> Effect:
    return _effects(f"migrations.RunSQL({text!r})", **options)[-1]  # type: ignore[arg-type]


A = "ALTER TABLE shop_order "
INDEX = "CREATE INDEX CONCURRENTLY i ON shop_order (note)"


@pytest.mark.parametrize(
    ("sql", "atomic", "impact"),
    [
        (INDEX, True, "fails"),
        (INDEX, False, "nonblocking_scan"),
        (f"{INDEX}; SELECT 1", False, "fails"),
        ([INDEX, INDEX.replace(" i ", " j ")], False, "nonblocking_scan"),
        ("VACUUM shop_order", True, "fails"),
        ("VACUUM shop_order", False, "nonblocking_scan"),
        (["DROP INDEX CONCURRENTLY i"], False, "none"),
        (A + "ADD CONSTRAINT c CHECK (id > 0) NOT VALID; " + A + "VALIDATE CONSTRAINT c", False,
         "full_block_scan"),
        ([A + "ADD CONSTRAINT c CHECK (id > 0) NOT VALID", A + "VALIDATE CONSTRAINT c"], False,
         "nonblocking_scan"),
        ([A + "ADD CONSTRAINT c CHECK (id > 0) NOT VALID", A + "VALIDATE CONSTRAINT c"], True,
         "full_block_scan"),
        ([("UPDATE shop_order SET note = %s WHERE id = %s", ["x", 1])], True, "none"),
        ([("SELECT 1", None)], True, "none"),
        ("CREATE TABLE x (a int); ALTER TABLE x ADD b int UNIQUE; CREATE INDEX i ON x (a)", True,
         "none"),
        ("REINDEX TABLE shop_order", True, "full_block_scan"),
        ("SELECT change_everything()", True, "unknown"),
        ("SELECT setval('s', max(id)) FROM shop_order", True, "none"),
        ("", True, "none"),
    ],
)  # fmt: skip
def test_impact(sql: object, atomic: bool, impact: str) -> None:
    assert _sql(sql, atomic=atomic).impact == impact


def test_a_statement_is_shown_where_it_stands() -> None:
    found = _sql("SELECT 1")
    assert [e.location.line for e in found.evidence] == [6]
    operation = '''migrations.RunSQL("""
        -- first
        UPDATE shop_order SET note = '\\\\n';

        ALTER TABLE shop_order
            DROP COLUMN note;
    """)'''
    found = _effects(operation)[-1]
    told = [(e.location.line, e.message) for e in found.evidence if "0002" in e.location.path]
    assert told[0][0] == 8
    assert (10, "drops the column note of shop_order") in told
    assert all(e.location.line == e.location.end_line for e in found.evidence)


def test_texts_that_are_put_together_are_searched_for_each_statement() -> None:
    operation = """migrations.RunSQL(
        "LOCK shop_order; "
        "ALTER TABLE shop_order "
        "DROP note"
    )"""
    found = _effects(operation)[-1]
    lines = [e.location.line for e in found.evidence if "0002" in e.location.path]
    assert lines == [7, 8]


@pytest.mark.parametrize(
    ("sql", "select"),
    [
        (A + "DROP COLUMN note", "breaks"),
        (A + "DROP COLUMN never_there", "ok"),
        (A + "RENAME note TO memo", "breaks"),
        ("DROP TABLE shop_order", "breaks"),
        ("DROP TABLE shop_order_items", "breaks"),
        ("DROP TABLE of_nobody", "unknown"),
        ("DROP VIEW of_nobody", "ok"),
        ("CREATE VIEW v AS SELECT 1; DROP VIEW v; CREATE VIEW v AS SELECT 2", "ok"),
        ("DROP TYPE mood", "ok"),
        ("DROP TYPE mood CASCADE", "unknown"),
        (A + "ALTER code TYPE text", "ok"),
        (A + "ENABLE ROW LEVEL SECURITY", "unknown"),
    ],
)
def test_what_the_old_code_makes_of_it(sql: str, select: str) -> None:
    assert _sql(sql).old_code.select == select


def test_what_the_models_forgot_a_migration_ago_may_go() -> None:
    forget = "migrations.SeparateDatabaseAndState(state_operations=[{}])"
    head = "from django.db import migrations\n"
    for removal, drop in [
        ("migrations.RemoveField('order', 'note')", A + "DROP COLUMN note"),
        ("migrations.RemoveField('order', 'items')", "DROP TABLE shop_order_items"),
        ("migrations.DeleteModel('order')", "DROP TABLE shop_order"),
    ]:
        texts = {
            "0002_forget": forget.format(removal),
            "0003_drop": f"migrations.RunSQL({drop!r})",
        }
        files = {"shop/migrations/0001_initial.py": INITIAL}
        before = "0001_initial"
        for name, operation in texts.items():
            files[f"shop/migrations/{name}.py"] = (
                f"{head}class Migration(migrations.Migration):\n"
                f"    dependencies = [('shop', {before!r})]\n    operations = [{operation}]\n"
            )
            before = name
        project = Project(DictTree(files), parse(None, "test"))
        found = [effect(Context(project), o).known for o in project.entities("operation")][-1]
        assert (found.impact, found.old_code.select) == ("brief_full_block", "ok")


def test_a_default_by_sql_mends_a_column_and_null_does_not() -> None:
    add = "migrations.AddField('order', 'x', models.IntegerField(default=1))"
    for default, insert in [("1", "ok"), ("NULL", "breaks")]:
        run = f"migrations.RunSQL('{A}ALTER x SET DEFAULT {default}')"
        assert _effects(f"{add}, {run}")[0].old_code.insert == insert


def test_statements_of_another_database_stand_in_a_branch() -> None:
    text = "ALTER TABLE shop_order ADD FULLTEXT INDEX `i` (`note`)"
    branch = f"*([migrations.RunSQL({text!r})] if mysql else [])"
    assert _effects(branch)[-1].impact == "none"
    assert _sql(text).impact == "unknown"


@pytest.mark.parametrize(
    ("sql", "impact", "select"),
    [
        ("f'ALTER TABLE {Order._meta.db_table} ADD x int'", "brief_full_block", "ok"),
        ("'CREATE INDEX i ON %s (a)' % table()", "write_block_scan", "ok"),
        ("'ALTER TABLE shop_order DROP COLUMN {}'.format(name)", "brief_full_block", "unknown"),
        ("f'ALTER TABLE shop_order {rest}'", "unknown", "unknown"),
        ("f'{everything}'", "unknown", "unknown"),
        ("'DROP ' + rest", "unknown", "unknown"),
    ],
)
def test_a_name_that_is_not_known_leaves_the_rest_of_a_text_known(
    sql: str, impact: str, select: str
) -> None:
    found = _effects(f"migrations.RunSQL({sql})")[-1]
    assert (found.impact, found.old_code.select) == (impact, select)


def test_mysql_is_read_by_its_own_grammar() -> None:
    config = {"database": {"engine": "mysql"}}
    found = _sql("ALTER TABLE `shop_order` DROP COLUMN `note`", config=config)
    assert (found.impact, found.old_code.select) == ("brief_full_block", "breaks")
