"""MySQL and SQLite to the same nodes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.syntax.sql import Dialect, statements
from iact_guard.syntax.sql.nodes import (
    AddColumn,
    AddRule,
    Aside,
    Ask,
    Column,
    Create,
    CreateIndex,
    Drop,
    DropColumn,
    DropIndex,
    DropRule,
    Hidden,
    Node,
    Refused,
    RenameColumn,
    RenameTable,
    Retype,
    Rule,
    SetDefault,
    Truncate,
    Write,
)


def _nodes(text: str, dialect: Dialect, *, parameters: bool = False) -> list[Node]:
    return [node for each in statements(text, dialect, parameters) for node in each.nodes]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("ALTER TABLE `t` ADD COLUMN `a` int NOT NULL DEFAULT 1, DROP COLUMN b",
         [AddColumn("t", Column("a", "integer", True, "database")), DropColumn("t", "b")]),
        ("ALTER TABLE t MODIFY c varchar(20) NOT NULL",
         [Retype("t", "c", "varchar(20)", not_null=True)]),
        ("ALTER TABLE t CHANGE a b int",
         [RenameColumn("t", "a", "b"), Retype("t", "b", "integer", not_null=False)]),
        ("ALTER TABLE t RENAME COLUMN a TO b", [RenameColumn("t", "a", "b")]),
        ("ALTER TABLE t RENAME TO u", [RenameTable("t", "u")]),
        ("ALTER TABLE t ADD FULLTEXT INDEX `i` (`a`)", [CreateIndex("t", "i", ("a",))]),
        ("ALTER TABLE t DROP INDEX i", [DropIndex("i", "t")]),
        ("ALTER TABLE t DROP FOREIGN KEY f", [DropRule("t", "f")]),
        ("ALTER TABLE t ALTER COLUMN a SET DEFAULT 1", [SetDefault("t", "a")]),
        ("ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id)",
         [AddRule("t", Rule("c", "foreign key", ("a",), references="u"))]),
        ("CREATE UNIQUE INDEX i ON t (a)", [CreateIndex("t", "i", ("a",), True)]),
        ("DROP INDEX i ON t; TRUNCATE t; DROP TABLE a, b",
         [DropIndex("i", "t"), Truncate("t"), Drop("a"), Drop("b")]),
        ("UPDATE t SET a = 1 WHERE id = 5", [Write("t", "update", keys=("id",), columns=("a",))]),
        ("INSERT INTO t (a) VALUES (1), (2)", [Write("t", "insert", 2, columns=("a",))]),
        ("SET foreign_key_checks = 0; SELECT 1", [Aside("SET"), Ask()]),
        ("CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW BEGIN UPDATE a SET b = 1; END; SELECT 1",
         [Aside("CREATE TRIGGER"), Ask()]),
    ],
)  # fmt: skip
def test_mysql(text: str, nodes: list[Node]) -> None:
    assert _nodes(text, "mysql") == nodes


def test_sqlite() -> None:
    text = "PRAGMA foreign_keys=OFF; CREATE TABLE IF NOT EXISTS t (id integer PRIMARY KEY, b text)"
    columns = (Column("id", "integer", True, primary=True), Column("b", "text"))
    assert _nodes(text, "sqlite") == [Aside("PRAGMA"), Create("t", columns=columns, maybe=True)]


def test_what_the_parser_does_not_take_hides_no_other_statement() -> None:
    text = "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4;\nSELEC FROM (;\nDROP TABLE t"
    kinds = [type(node) for node in _nodes(text, "mysql")]
    assert kinds == [Hidden, Refused, Drop]


def test_parameters_are_values() -> None:
    text = "UPDATE t SET a = %s WHERE id = %s"
    expected = [Write("t", "update", keys=("id",), columns=("a",))]
    assert _nodes(text, "mysql", parameters=True) == expected


@pytest.mark.parametrize("text", ["SELECT " + "(" * 20_000, "SELECT 'x", "a" * 300_000])
def test_hostile_text_is_refused(text: str) -> None:
    assert [type(node) for node in _nodes(text, "sqlite")] == [Refused]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["mysql", "mariadb", "sqlite"]))
def test_any_text_gives_statements_each_of_which_says_something(
    text: str, dialect: Dialect
) -> None:
    assert all(statement.nodes for statement in statements(text, dialect))
