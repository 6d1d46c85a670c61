"""What another type of a column cuts off."""

import pytest

from iact_guard.analyze.migration.databases.narrowing import narrowed


@pytest.mark.parametrize(
    ("old", "wide", "narrow"),
    [
        ("smallint", 6, 5),
        ("integer", 11, 10),
        ("bigint", 20, 19),
        ("boolean", 5, 4),
        ("uuid", 36, 35),
        ("numeric(8,2)", 11, 10),
        ("double precision", 24, 23),
    ],
)
def test_a_text_loses_something_only_where_a_value_does_not_fit(
    old: str, wide: int, narrow: int
) -> None:
    assert narrowed("a", old, f"varchar({wide})") == ("", "")
    assert narrowed("a", old, "varchar") == ("", "")
    lost = f"what values of a have beyond {narrow} characters"
    assert narrowed("a", old, f"varchar({narrow})") == ("", lost)


@pytest.mark.parametrize("old", ["jsonb", "citext"])
def test_a_type_without_a_bound_may_be_cut_at_any_length(old: str) -> None:
    assert narrowed("a", old, "varchar(255)")[1]
