"""Migrations: every shape that people write them in, and nothing lost in silence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.load.migration import load
from iact_guard.model.errors import UnreadableError
from iact_guard.model.literal import Constant, text
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.migration import Migration
from iact_guard.syntax.text import Text, decode

PATH = "shop/orders/migrations/0002_more.py"
HEAD = "from django.db import migrations, models\n"


def _load(source: str, path: str = PATH) -> Loaded[Migration]:
    return load(Text(path, source))


def _one(source: str) -> Migration:
    (migration,) = _load(source).entities
    return migration


def _kinds(source: str) -> list[str]:
    return [operation.kind for operation in _one(source).operations]


def _body(operations: str, before: str = "") -> str:
    return (
        f"{HEAD}{before}\nclass Migration(migrations.Migration):\n    operations = {operations}\n"
    )


def test_a_migration_with_all_its_parts() -> None:
    migration = _one(
        "from django.conf import settings\nfrom django.db import migrations as M\n"
        + HEAD
        + """
class Migration(migrations.Migration):
    initial = True
    atomic = False
    dependencies = [("orders", "0001_initial"), M.swappable_dependency(settings.AUTH_USER_MODEL)]
    run_before = [("auth", "0003_x")]
    replaces = [("orders", "0001_a")]
    operations = [
        migrations.AddField(
            model_name="order",
            name="note",
            field=models.TextField(null=True),
        ),
    ]
"""
    )
    assert migration.id == f"migration:{PATH}"
    assert (migration.package, migration.name) == ("shop/orders", "0002_more")
    assert (migration.initial, migration.atomic) == (True, False)
    assert [(d.app, d.name, d.swappable) for d in migration.dependencies] == [
        ("orders", "0001_initial", ""),
        ("", "__first__", "django.conf.settings.AUTH_USER_MODEL"),
    ]
    assert [(d.app, d.name) for d in migration.run_before] == [("auth", "0003_x")]
    assert [(d.app, d.name) for d in migration.replaces] == [("orders", "0001_a")]
    (operation,) = migration.operations
    assert operation.id == f"operation:{PATH}#AddField/order/note"
    assert operation.location == Location(PATH, 12, 9, 12, 28)
    assert migration.location == Location(PATH, 5, 7, 5, 16)
    assert migration.unread == ()


@pytest.mark.parametrize(
    ("before", "operations", "kinds"),
    [
        ("A = [migrations.RunSQL('')]", "A + [migrations.RunPython(f)]", ["RunSQL", "RunPython"]),
        ("A = [migrations.RunSQL('')]", "[*A, *A]", ["RunSQL", "RunSQL"]),
        ("A = []\nA.append(migrations.RunSQL(''))\nA += [migrations.RunPython(f)]", "A",
         ["RunSQL", "RunPython"]),
        ("A = []\nfor x in 'a', 'b':\n    A.append(migrations.DeleteModel(x))", "A",
         ["DeleteModel", "DeleteModel"]),
        ("", "[migrations.RunSQL('')] if models else []", ["RunSQL"]),
        ("", "list(migrations.DeleteModel(x) for x in ['a', 'b'])", ["DeleteModel"] * 2),
        ("def ops(n):\n    return [migrations.DeleteModel(n)]", "ops('a') + ops(n='b')",
         ["DeleteModel"] * 2),
        ("def op(n):\n    return migrations.DeleteModel(n)", "[op('a')]", ["DeleteModel"]),
        ("one = migrations.RunSQL('')", "(one,)", ["RunSQL"]),
        ("from django.db.migrations import RunSQL as R", "[R('')]", ["RunSQL"]),
        ("from django.db.migrations.operations import RunSQL", "[RunSQL('')]", ["RunSQL"]),
        ("from django.contrib.postgres.operations import AddIndexConcurrently as A", "[A('a', b)]",
         ["AddIndexConcurrently"]),
        ("import django.db.migrations", "[django.db.migrations.RunSQL('')]", ["RunSQL"]),
        ("class Mine(migrations.RunSQL):\n    def describe(self): return ''", "[Mine('')]",
         ["RunSQL"]),
        ("from pgtrigger.migrations import AddTrigger", "[AddTrigger('a', b)]",
         ["pgtrigger.migrations.AddTrigger"]),
    ],
)  # fmt: skip
def test_operations_are_found_in_every_shape(
    before: str, operations: str, kinds: list[str]
) -> None:
    assert _kinds(_body(operations, before)) == kinds


@pytest.mark.parametrize(
    ("before", "operations", "reason"),
    [
        ("from .other import OPS", "OPS", "another file"),
        ("", "make()", "`make()`"),
        ("", "OPS[1:]", "a subscript"),
        ("", "[*OTHER.operations]", "`operations`"),
        ("", "[x.y.z]", "not written as a call"),
        ("", "[make()()]", "computed"),
        ("def ops():\n    x()\n    return [x]", "ops()", "would have to be run"),
        ("A = A + []", "A", "depends on itself"),
    ],
)
def test_what_cannot_be_read_is_an_operation_with_a_reason(
    before: str, operations: str, reason: str
) -> None:
    (operation,) = _one(_body(operations, before)).operations
    assert operation.kind == "unknown"
    assert reason in operation.reason
    assert operation.location.line == operation.location.end_line


def test_an_operation_of_a_package_that_does_what_one_of_djangos_does() -> None:
    tools = "from django_pg_migration_tools import operations as safe"
    source = _body("[safe.SaferAddIndexConcurrently('order', models.Index(name='i'))]", tools)
    (operation,) = _one(source).operations
    assert operation.kind == "django_pg_migration_tools.operations.SaferAddIndexConcurrently"
    assert operation.base == "AddIndexConcurrently"
    assert text(operation.argument("model_name")) == "order"


def test_branches_are_united_and_marked() -> None:
    migration = _one(
        HEAD
        + """
class Migration(migrations.Migration):
    if models.X:
        operations = [migrations.RunSQL("")]
    else:
        operations = [migrations.RunPython(f)]
    operations += [migrations.DeleteModel("a")]
"""
    )
    kinds = [(o.kind, o.conditional) for o in migration.operations]
    assert kinds == [("RunSQL", True), ("RunPython", True), ("DeleteModel", False)]


def test_positional_arguments_get_their_names() -> None:
    (operation,) = _one(
        _body('[migrations.AddField("order", "note", models.TextField(), False)]')
    ).operations
    assert [a.name for a in operation.arguments] == [
        "model_name",
        "name",
        "field",
        "preserve_default",
    ]
    assert text(operation.argument("name")) == "note"


def test_nested_operations_have_ids_of_their_own() -> None:
    (operation,) = _one(
        _body(
            "[migrations.SeparateDatabaseAndState([migrations.RunSQL('')],"
            " state_operations=[migrations.DeleteModel('a'), migrations.DeleteModel('a')])]"
        )
    ).operations
    assert [o.kind for o in operation.database] == ["RunSQL"]
    assert [o.kind for o in operation.state] == ["DeleteModel", "DeleteModel"]
    ids = [o.id for o in operation.every]
    assert len(set(ids)) == 4
    assert ids[3].endswith("~2")


def test_own_bases_and_subclasses() -> None:
    migration = _one(
        HEAD
        + """
class Base(migrations.Migration):
    atomic = False
    dependencies = [("a", "0001")]

class Quiet(migrations.AddField):
    def database_forwards(self, *args): args[1].execute("")

class Migration(Base):
    operations = [Quiet("order", "note", models.TextField())]
"""
    )
    assert migration.atomic is False
    assert [d.app for d in migration.dependencies] == ["a"]
    (operation,) = migration.operations
    assert (operation.kind, operation.base) == ("Quiet", "AddField")
    assert operation.overrides == ("database_forwards",)
    assert text(operation.argument("model_name")) == "order"


def test_a_base_of_another_file_that_holds_the_operations_is_not_silent() -> None:
    migration = _one("from .base import Shared\nclass Migration(Shared):\n    pass\n")
    assert [u.part for u in migration.unread] == ["operations"]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "DATA = {}\n",
        "revision = 'abc'\ndef upgrade():\n    op.add_column('a', 'b')\n",
        "from south.v2 import SchemaMigration\nclass Migration(SchemaMigration):\n    pass\n",
        "from django.db import migrations\nclass Helper(migrations.Migration):\n    pass\n",
        "class Migration:\n    pass\n",
        "from app.migrations import Migration\nSTEP = Migration(1, run)\n",
    ],
)
def test_other_files_of_the_folder_yield_nothing(source: str) -> None:
    assert _load(source) == Loaded()


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("from .base import Shared\nclass Migration(Shared):\n    atomic = on()\n", "Migration("),
        ("from .base import Migration\n", "from"),
        ("from app.shared import Any as Migration\n", "from"),
        ("from app.migrations import Migration\n", "from"),
        ("from .base import *\nfrom django.db.models import *\n", "from"),
        (HEAD + "Migration = type('Migration', (migrations.Migration,), {})\n", "type"),
        (HEAD + "if models:\n    Migration = make()\n", "make"),
        (_body("make()"), "make"),
        (_body("list(make())"), "make"),
        (_body("[*make()]"), "make"),
        (_body("[make()[0]]"), "make"),
        (_body("[]") + "    def apply(self, state, editor):\n        pass\n", "Migration("),
        (_body("[]") + "    operations.insert(0, one)\n", "operations.insert"),
        (_body("[]") + "    operations[:] = make()\n", "operations[:"),
        (_body("[]") + "    from .base import operations\n", "from .base"),
        (_body("[]") + "for one in make():\n    Migration.operations.append(one)\n", "for one"),
        (_body("[]") + "setattr(Migration, 'operations', make())\n", "setattr"),
        (_body("[]").replace("class", "@changed\nclass"), "Migration("),
    ],
)
def test_operations_that_cannot_be_read_are_an_operation_at_that_place(
    source: str, place: str
) -> None:
    operations = _one(source).operations
    assert [operation.kind for operation in operations] == ["unknown"]
    where = operations[0].location
    assert operations[0].reason
    assert source.splitlines()[where.line - 1][where.column - 1 :].startswith(place)
    assert where.column < where.end_column


def test_what_is_nested_too_deeply_is_unknown() -> None:
    inner = "migrations.RemoveField('a', 'b')"
    for _ in range(12):
        inner = f"migrations.SeparateDatabaseAndState([{inner}])"
    kinds = [operation.kind for operation in _one(_body(f"[{inner}]")).every_operation]
    assert kinds[-1] == "unknown"
    assert set(kinds[:-1]) == {"SeparateDatabaseAndState"}


@pytest.mark.parametrize("source", ["class Migration(:\n", "print 'x'\n", "x = [" * 50_000])
def test_what_is_not_python_is_unreadable(source: str) -> None:
    with pytest.raises(UnreadableError):
        _load(source)


def test_columns_are_code_points_whatever_the_line_ends() -> None:
    source = _body('["ñ🐍", migrations.RunSQL("")]').replace("\n", "\r\n")
    operation = load(decode(PATH, b"\xef\xbb\xbf" + source.encode())).entities[0].operations[1]
    assert (operation.location.line, operation.location.column) == (4, 25)


def test_the_list_that_is_changed_outside_the_class_is_not_silent() -> None:
    source = _body("[migrations.RunSQL('')]") + "\nMigration.operations.append(x)\n"
    assert _kinds(source) == ["RunSQL", "unknown"]


def test_a_dependency_that_is_computed_is_named() -> None:
    migration = _one(
        HEAD
        + "class Migration(migrations.Migration):\n    dependencies = [get()]\n    atomic = on()\n"
    )
    assert {u.part for u in migration.unread} == {"dependencies", "atomic"}
    assert migration.atomic is None


@settings(max_examples=100)
@given(st.lists(st.sampled_from(["RunSQL", "RunPython", "DeleteModel"]), max_size=6), st.data())
def test_a_list_is_the_same_however_it_is_cut_up(kinds: list[str], data: st.DataObject) -> None:
    calls = [f"migrations.{kind}('x')" for kind in kinds]
    cut = data.draw(st.integers(0, len(calls)))
    head, tail = ", ".join(calls[:cut]), ", ".join(calls[cut:])
    whole = _one(_body(f"[{', '.join(calls)}]"))
    for shape in (f"[{head}] + [{tail}]", f"[*[{head}], *[{tail}]]", f"list([{head}]) + A"):
        other = _one(_body(shape, f"A = [{tail}]"))
        assert [o.id for o in other.operations] == [o.id for o in whole.operations]
    for operation in whole.operations:
        assert isinstance(operation.arguments[0].value, Constant)
