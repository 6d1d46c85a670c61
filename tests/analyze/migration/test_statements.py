import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.migration.sql.words import may_do
from iact_guard.analyze.migration.steps import ANYTHING
from iact_guard.model.literal import Constant, Items, Opaque, Value
from iact_guard.model.location import Location

PLACE = Location("app/migrations/0002.py", 5, 9, 5, 20)


def _sql(text: str) -> Value:
    return Constant(text, PLACE)


@pytest.mark.parametrize(
    ("sql", "may"),
    [
        ("", ""),
        ("SELECT 1; update t set a = 'DROP COLUMN x; ALTER TABLE t RENAME a TO b'", ""),
        ("COMMENT ON COLUMN t.x IS 'ALTER TABLE'; -- ; ALTER TABLE t DROP x\n", ""),
        ("/* ; DROP */ WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", ""),
        ("ALTER TABLE t DROP COLUMN x", "remove"),
        ('alter table t drop "x"', "remove"),
        ("/* drop it */ ALTER TABLE t DROP x", "remove"),
        ("ALTER TABLE t DROP CONSTRAINT x, DROP CONSTRAINT y", ""),
        ("ALTER TABLE t DROP CONSTRAINT x, DROP y", "remove"),
        ("DROP TYPE mood CASCADE", "remove"),
        ("DROP TABLE t CASCADE", ""),
        ('ALTER TABLE t RENAME "a" TO "b"', "rename"),
        ("ALTER TABLE t RENAME COLUMN a TO b", "rename"),
        ("ALTER TABLE t RENAME TO u", ""),
        ("ALTER TABLE t ADD x int NOT NULL", "require"),
        ("ALTER TABLE t ALTER x SET NOT NULL", "require"),
        ("ALTER TABLE t ALTER x DROP NOT NULL", ""),
        ("ALTER TABLE t ALTER x DROP DEFAULT", "require"),
        ("ALTER TABLE t ALTER x SET DEFAULT 1", ""),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (x IS NOT NULL) NOT VALID", ""),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", ""),
        ("ALTER TABLE t ATTACH PARTITION u DEFAULT", "index"),
        ("CREATE INDEX i ON t (x)", "index"),
        ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (x)", ""),
        ("CREATE INDEX CONCURRENTLY i ON t (x); CREATE INDEX j ON t (y)", "index"),
        ("SELECT $$ ; ALTER $$, $a$ $$ $a$, $1; ALTER TABLE t DROP x", "remove"),
    ],
)
def test_what_the_words_of_a_statement_leave_open(sql: str, may: str) -> None:
    assert may_do(_sql(sql)) == frozenset({may} if may else ())


@pytest.mark.parametrize(
    "sql",
    [
        "DO $$ BEGIN EXECUTE 'ALTER TABLE t DROP x'; END $$",
        "CALL change()",
        "REINDEX TABLE t",
        "SELECT 'it does not end",
        "SELECT E'\\'; ALTER TABLE t DROP x; --'",
        "SELECT 1 /* /* nested */ */",
        "/*! ALTER TABLE t DROP x */",
        "SELECT 1 # '\nALTER TABLE t DROP x",
        "SELECT $a$ never ends",
        "%(statement)s",
    ],
)
def test_what_is_not_understood_may_do_anything(sql: str) -> None:
    assert may_do(_sql(sql)) == ANYTHING


def test_lists_of_statements_with_and_without_parameters_are_read() -> None:
    pair = Items((_sql("ALTER TABLE t DROP x"), Items((), PLACE)), PLACE)
    assert may_do(Items((_sql("SELECT 1"), pair), PLACE)) == {"remove"}
    assert may_do(Items((_sql("SELECT 1"), Opaque("computed", PLACE)), PLACE)) == ANYTHING
    assert may_do(None) == ANYTHING


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                "SELECT 1",
                "'; --'",
                '"; /*"',
                "$$ ; ' $$",
                "$a$ $$ $a$",
                "/* ; ' */",
                "-- ' \n",
                ";",
                "''",
            ]
        )
    )
)
def test_nothing_that_ends_hides_the_statement_after_it(parts: list[str]) -> None:
    sql = f"SELECT {' '.join(parts)}; ALTER TABLE t DROP COLUMN x"
    assert "remove" in may_do(_sql(sql))
