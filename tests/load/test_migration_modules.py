"""Migrations that take their parts from other files of the repository."""

import pytest

from iact_guard.load.migration import load
from iact_guard.load.python_modules import Modules
from iact_guard.model.literal import Opaque, text
from iact_guard.model.migration import Migration, Operation
from iact_guard.project import Project
from iact_guard.tree import DictTree

PATH = "back/shop/migrations/0002_more.py"
HEAD = "from django.db import migrations, models\n"


def _migration(source: str, **files: str) -> Migration:
    """A migration beside other files; `shop__tools` stands for back/shop/tools.py."""
    tree = {"back/shop/__init__.py": "", "back/shop/migrations/__init__.py": ""}
    paths = {name if "/" in name else name.replace("__", "/"): name for name in files}
    tree |= {f"back/{path}.py": files[name] for path, name in paths.items()}
    project = Project(DictTree(tree | {PATH: source}))
    (migration,) = load(project.text(PATH), Modules(project)).entities
    return migration


def _body(operations: str, imports: str) -> str:
    return (
        f"{HEAD}{imports}\nclass Migration(migrations.Migration):\n    operations = {operations}\n"
    )


def _operation(operations: str, imports: str, **files: str) -> Operation:
    (operation,) = _migration(_body(operations, imports), **files).operations
    return operation


@pytest.mark.parametrize(
    ("operations", "imports", "tools"),
    [
        ("[drop('a')]", "from shop.tools import drop",
         HEAD + "def drop(name):\n    return migrations.DeleteModel(name)\n"),
        ("drop('a')", "from ..tools import drop",
         HEAD + "def drop(name):\n    n = name\n    return [migrations.DeleteModel(n)]\n"),
        ("[tools.drop('a')]", "from shop import tools",
         HEAD + "PARTS = 1\ndef drop(name): return migrations.DeleteModel(name=name)\n"),
        ("DROPS", "from shop.tools import DROPS",
         HEAD + "DROPS = []\nDROPS.append(migrations.DeleteModel('a'))\n"),
        ("[*tools.DROPS]", "import shop.tools as tools",
         HEAD + "DROPS = [migrations.DeleteModel(name) for name in ('a',)]\n"),
        ("[DROP]", "from shop.tools import DROP", HEAD + "DROP = migrations.DeleteModel('a')\n"),
        ("[Drop('a')]", "from shop.tools import Drop",
         HEAD + "class Drop(migrations.DeleteModel):\n    def describe(self): return ''\n"),
        ("Parts.drops", "from shop.tools import Parts",
         HEAD + "class Parts:\n    drops = [migrations.DeleteModel('a')]\n"),
    ],
)  # fmt: skip
def test_operations_that_another_module_gives(operations: str, imports: str, tools: str) -> None:
    found = _operation(operations, imports, shop__tools=tools)
    assert (found.kind, text(found.argument("name"))) == ("DeleteModel", "a")
    assert found.id == f"operation:{PATH}#DeleteModel/a"
    assert (found.location.path, found.location.line) == (PATH, 4)


def test_a_package_may_pass_a_name_on() -> None:
    found = _operation(
        "[drop('a')]",
        "from shop.tools import drop",
        **{"shop/tools/__init__": "from .deep import drop\n"},
        shop__tools__deep=HEAD + "def drop(name): return migrations.DeleteModel(name)\n",
    )
    assert found.kind == "DeleteModel"


def test_the_class_derives_from_one_of_another_module() -> None:
    base = (
        HEAD
        + "class Base(migrations.Migration):\n    atomic = False\n"
        + "    dependencies = [('shop', '0001_initial')]\n"
        + "    operations = [migrations.DeleteModel('a')]\n"
    )
    migration = _migration(
        "from shop.base import Base\nclass Migration(Base):\n    pass\n", shop__base=base
    )
    assert migration.atomic is False
    assert migration.unread == ()
    (dependency,) = migration.dependencies
    assert (dependency.name, dependency.location.path) == ("0001_initial", PATH)
    (operation,) = migration.operations
    assert (operation.kind, operation.location.path, operation.location.line) == (
        "DeleteModel",
        PATH,
        2,
    )


def test_a_base_that_runs_something_else_is_not_silent() -> None:
    apply = "    def apply(self, state, editor, sql=False):\n        "
    bodies = {
        "return super().apply(state, editor, sql)": [],
        "pass": ["operations"],
        "editor.execute('DROP TABLE a')\n        super().apply(state, editor)": ["operations"],
    }
    for body, unread in bodies.items():
        base = HEAD + f"class Base(migrations.Migration):\n{apply}{body}\n"
        source = "from shop.base import Base\nclass Migration(Base):\n    operations = []\n"
        migration = _migration(source, shop__base=base)
        assert [part.part for part in migration.unread] == unread


@pytest.mark.parametrize(
    ("body", "base", "overrides", "conditional"),
    [
        ("pass", "SeparateDatabaseAndState", (), False),
        ("'''Nothing.'''", "SeparateDatabaseAndState", (), False),
        ("clean(a)\n        super().database_forwards(a, e, s, t)", "", (), False),
        ("if a in e.connection.names():\n            super().database_forwards(a, e, s, t)",
         "DeleteModel", (), True),
        ("e.execute('')\n        super().database_forwards(a, e, s, t)", "DeleteModel",
         ("database_forwards",), False),
        ("other(e)\n        super().database_forwards(a, e, s, t)", "DeleteModel",
         ("database_forwards",), False),
        ("self.name = 'b'\n        super().database_forwards(a, e, s, t)", "DeleteModel",
         ("database_forwards",), False),
        ("e.connection.cursor().execute('')\n        super().database_forwards(a, e, s, t)",
         "DeleteModel", ("database_forwards",), False),
        ("clean(a)", "DeleteModel", ("database_forwards",), False),
    ],
)  # fmt: skip
def test_what_a_subclass_leaves_of_an_operation(
    body: str, base: str, overrides: tuple[str, ...], conditional: bool
) -> None:
    tools = (
        HEAD + "class Drop(migrations.DeleteModel):\n"
        f"    def database_forwards(self, a, e, s, t):\n        {body}\n"
    )
    found = _operation("[Drop('a')]", "from shop.tools import Drop", shop__tools=tools)
    assert (found.base, found.overrides, found.conditional) == (base, overrides, conditional)
    assert found.kind == ("shop.tools.Drop" if base else "DeleteModel")


def test_a_subclass_that_does_nothing_changes_the_state_only() -> None:
    tools = HEAD + "class Fake(migrations.DeleteModel):\n    def database_forwards(self): pass\n"
    found = _operation("[Fake('a')]", "from shop.tools import Fake", shop__tools=tools)
    (inner,) = found.state
    assert (inner.kind, text(inner.argument("name"))) == ("DeleteModel", "a")
    assert (found.database, found.arguments) == ((), ())


@pytest.mark.parametrize(
    ("attributes", "forwards", "base", "reversible"),
    [
        ("reversible = False", "call(self.name)", "RunPython", False),
        ("reversible = True", "call(self.name)", "RunPython", True),
        ("", "call(self.name)", "RunPython", False),
        ("reversible = False", "editor.execute(self.name)", "", False),
        ("reversible = settings.X", "call()", "RunPython", None),
    ],
)
def test_an_operation_that_derives_from_none_of_djangos(
    attributes: str, forwards: str, base: str, reversible: bool | None
) -> None:
    tools = (
        "from django.db.migrations.operations.base import Operation\n"
        f"class Own(Operation):\n    {attributes or 'x = 1'}\n"
        "    def state_forwards(self, label, state): pass\n"
        f"    def database_forwards(self, label, editor, old, new):\n        {forwards}\n"
    )
    found = _operation("[Own('a')]", "from shop.tools import Own", shop__tools=tools)
    assert (found.kind, found.base, found.reversible) == ("shop.tools.Own", base, reversible)
    assert [argument.name for argument in found.arguments] == [""]


def test_an_operation_that_does_nothing_at_all() -> None:
    tools = (
        "from django.db.migrations.operations.base import Operation\n"
        "class Mark(Operation):\n    reversible = True\n"
        "    def state_forwards(self, label, state): pass\n"
        "    def database_forwards(self, *args): pass\n"
    )
    found = _operation("[Mark('a', b=1)]", "from shop.tools import Mark", shop__tools=tools)
    assert (found.base, found.arguments) == ("SeparateDatabaseAndState", ())
    assert (found.database, found.state) == ((), ())


def test_texts_of_sql_are_put_together_from_constants_of_other_modules() -> None:
    tools = (
        'TABLE = "shop_a"\ndef sql(table):\n    name = f"{table}_rule"\n'
        '    return "DROP RULE {} ON {table};".format(name, table=table)\n'
    )
    found = _operation(
        "[migrations.RunSQL(' '.join([sql(TABLE).strip(), 'SELECT 1']))]",
        "from shop.tools import TABLE, sql",
        shop__tools=tools,
    )
    assert text(found.argument("sql")) == "DROP RULE shop_a_rule ON shop_a; SELECT 1"


@pytest.mark.parametrize(
    "value", ["'{:>9}'.format('a')", "'{0.x}'.format('a')", "'{}'.format(f())", "'{'.format(1)"]
)
def test_formats_that_are_not_plain_are_not_guessed(value: str) -> None:
    found = _operation(f"[migrations.RunSQL({value})]", "")
    assert text(found.argument("sql")) is None


def test_names_of_another_module_do_not_mean_those_of_this_one() -> None:
    tools = HEAD + "def run(): return migrations.RunPython(forwards)\ndef forwards(a, e): pass\n"
    source = _body("[run()]", "from shop.tools import run\ndef forwards(a, e): write()")
    (found,) = _migration(source, shop__tools=tools).operations
    assert getattr(found.argument("code"), "name", "") == "back.shop.tools.forwards"


@pytest.mark.parametrize(
    ("tools", "reason"),
    [
        ("def make(:\n", "`make()`"),
        ("from shop.tools import make\n", "`make()`"),
        ("def make(): return make()\n", "nested too deeply"),
        ("def make():\n    for x in y: pass\n    return x\n", "would have to be run"),
        ("", "`make()`"),
    ],
)
def test_what_another_module_does_not_tell_is_unknown(tools: str, reason: str) -> None:
    found = _operation("make()", "from shop.tools import make", shop__tools=tools)
    assert (found.kind, found.location.path, found.location.line) == ("unknown", PATH, 4)
    assert reason in found.reason


def test_modules_that_import_each_other_end() -> None:
    migration = _migration(
        _body("ONE", "from shop.one import ONE"),
        shop__one="from shop.two import TWO\nONE = TWO + TWO\n",
        shop__two="from shop.one import ONE\nTWO = ONE + ONE\n",
    )
    assert {operation.kind for operation in migration.operations} == {"unknown"}


def test_the_package_around_wins_over_one_of_that_name_further_out() -> None:
    project = Project(
        DictTree(
            {
                "shop/tools.py": "NAME = 'far'\n",
                "back/shop/__init__.py": "",
                "back/shop/tools.py": "NAME = 'near'\n",
                "back/shop/migrations/__init__.py": "",
            }
        )
    )
    modules = Modules(project)
    near = modules.find("shop.tools.NAME", PATH)
    assert near is not None
    assert near[0].module.path == "back/shop/tools.py"
    assert modules.find("django.db.models", PATH) is None


def test_an_argument_that_cannot_be_read_stays_opaque() -> None:
    found = _operation("[migrations.RunSQL(read('a.sql'))]", "from shop.tools import read",
                       shop__tools="def read(name):\n    return open(name).read()\n")  # fmt: skip
    value = found.argument("sql")
    assert isinstance(value, Opaque)
