"""Another type of a column: whether it can be, writes rows, and what the old code makes of it."""

import pytest

from iact_guard.analyze.migration.databases.conversions import (
    is_convertible,
    keeps_rows,
    used_by_old_code,
)
from iact_guard.analyze.migration.effect import UNSURE, WORKS


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("varchar(40)", "varchar(60)", True),
        ("varchar(60)", "varchar(40)", False),
        ("varchar(40)", "text", True),
        ("varchar", "varchar(40)", False),
        ("text", "varchar", True),
        ("numeric(8,2)", "numeric(9,2)", True),
        ("numeric(8,2)", "numeric(9,3)", False),
        ("integer", "bigint", False),
        ("integer[]", "integer[3]", True),
        ("integer[]", "bigint[]", False),
        ("varchar(9)[]", "varchar(19)[]", False),
    ],
)
def test_whether_rows_stay_as_they_are(old: str, new: str, kept: bool) -> None:
    assert keeps_rows(old, new) is kept


def test_without_a_cast_it_cannot_be() -> None:
    assert not is_convertible("integer", "uuid")
    assert not is_convertible("bigint", "boolean")
    assert is_convertible("integer", "boolean")
    assert is_convertible("varchar(9)", "uuid")
    assert is_convertible("hstore", "integer")  # nobody knows


def test_what_the_old_code_writes_and_compares() -> None:
    assert used_by_old_code("integer", "bigint") == WORKS
    assert used_by_old_code("hstore", "integer") == UNSURE
    found = used_by_old_code("integer", "text")
    assert (found.insert, found.select) == ("ok", "breaks")
    assert used_by_old_code("text", "integer").insert == "breaks"
