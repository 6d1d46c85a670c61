"""How advice is put into words, and code that is code."""

import ast
from typing import Any

import pytest

from iact_guard.analyze.migration.advice.advice import Advice, Part, module
from iact_guard.analyze.migration.advice.names import django_name
from tests.oracle.advised import SITUATIONS, Situation, advised

LONG = "a_table_with_a_name_that_is_long_enough_to_be_cut_off_by_the_database"


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_each_migration_is_python(situation: Situation) -> None:
    for case in advised(situation, "condition"):
        for _, text in case.migrations[case.base :]:
            ast.parse(text)


def test_parts_are_numbered_and_releases_are_told_apart() -> None:
    parts = (
        Part("add it", ("a()",), ("from x import a",), atomic=False),
        Part("fill it"),
        Part("drop it", ("b()",), release=2),
    )
    assert Advice(parts, "Mind the gap.").text == (
        "1. Add it (a migration of its own with `atomic = False`): `a()` with `from x import a`."
        " 2. Fill it. 3. In the next release, drop it: `b()`. Mind the gap."
    )


def test_a_whole_migration() -> None:
    part = Part("x", ("f()",), ("import uuid",), atomic=False, prelude=("def g(): ...",))
    text = module(part, "shop", "0001_initial")
    assert "import uuid\nfrom django.db import migrations, models" in text
    assert '    atomic = False\n    dependencies = [("shop", "0001_initial")]' in text
    ast.parse(text)


@pytest.mark.parametrize(
    ("table", "columns", "suffix"),
    [
        ("shop_order", ("code",), ""),
        ("shop_order", ("code", "owner_id"), "_uniq"),
        ("shop_order", ("code",), "_like"),
        (LONG, ("code", "another_column_of_some_length"), "_uniq"),
        ("_shop", ("code",), ""),
        (f"_{LONG}", ("code",), "_like"),
    ],
)
def test_names_are_those_of_django(table: str, columns: tuple[str, ...], suffix: str) -> None:
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor

    class Connection:
        class ops:  # noqa: N801
            max_name_length: Any = staticmethod(lambda: 63)

    editor = DatabaseSchemaEditor.__new__(DatabaseSchemaEditor)
    editor.connection = Connection()
    assert django_name(table, columns, suffix) == editor._create_index_name(table, columns, suffix)
