"""PostgreSQL's grammar to nodes, each statement accounted for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.syntax.sql import MAX_STATEMENTS, MAX_TEXT, statements
from iact_guard.syntax.sql.nodes import (
    AddColumn,
    AddRule,
    Aside,
    Ask,
    Cascade,
    Change,
    CheckDeferred,
    Column,
    Comment,
    Create,
    CreateIndex,
    Drop,
    DropColumn,
    DropIndex,
    DropRule,
    Hidden,
    Lock,
    Node,
    Refused,
    RenameColumn,
    RenameIndex,
    RenameTable,
    Retype,
    Rule,
    SetDefault,
    SetNull,
    SetTimeout,
    Truncate,
    ValidateRule,
    Write,
)


def _nodes(text: str, *, parameters: bool = False) -> list[Node]:
    found = statements(text, "postgresql", parameters)
    return [node for statement in found for node in statement.nodes]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("ALTER TABLE ONLY public.t ADD a int4", [AddColumn("t", Column("a", "integer"))]),
        ("ALTER TABLE s.t ADD IF NOT EXISTS a varchar(9) NOT NULL DEFAULT 'x'",
         [AddColumn("s.t", Column("a", "varchar(9)", True, "database"), maybe=True)]),
        ('ALTER TABLE "T" ADD a timestamptz DEFAULT now()',
         [AddColumn("T", Column("a", "timestamptz", False, "database"))]),
        ("ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()",
         [AddColumn("t", Column("a", "uuid", False, "volatile"))]),
        ("ALTER TABLE t ADD a int DEFAULT NULL::int", [AddColumn("t", Column("a", "integer"))]),
        ("ALTER TABLE t ADD a text[] DEFAULT array[]::text[]",
         [AddColumn("t", Column("a", "text[]", False, "database"))]),
        ("ALTER TABLE t ADD a serial8",
         [AddColumn("t", Column("a", "bigint", True, "volatile"))]),
        ("ALTER TABLE t ADD a int GENERATED ALWAYS AS IDENTITY",
         [AddColumn("t", Column("a", "integer", True, "identity"))]),
        ("ALTER TABLE t ADD a int GENERATED ALWAYS AS (b * 2) STORED",
         [AddColumn("t", Column("a", "integer", False, "generated"))]),
        ("ALTER TABLE t ADD a int UNIQUE CHECK (a > 0) REFERENCES u",
         [AddColumn("t", Column("a", "integer", unique=True, check=True, references="u"))]),
        ("ALTER TABLE t DROP COLUMN a, DROP b", [DropColumn("t", "a"), DropColumn("t", "b")]),
        ("ALTER TABLE t RENAME COLUMN a TO b", [RenameColumn("t", "a", "b")]),
        ("ALTER TABLE t RENAME TO u", [RenameTable("t", "u")]),
        ("ALTER TABLE s.t RENAME TO u", [RenameTable("s.t", "s.u")]),
        ("ALTER TABLE t SET SCHEMA s", [RenameTable("t", "s.t")]),
        ("ALTER TABLE t ALTER a TYPE numeric(8, 2)", [Retype("t", "a", "numeric(8,2)")]),
        ("ALTER TABLE t ALTER a TYPE text USING a::text", [Retype("t", "a", "text", cast=True)]),
        ("ALTER TABLE t ALTER a TYPE int USING length(a)", [Retype("t", "a", "integer", True)]),
        ("ALTER TABLE t ALTER a SET DEFAULT 1", [SetDefault("t", "a")]),
        ("ALTER TABLE t ALTER a SET DEFAULT NULL", [SetDefault("t", "a", dropped=True)]),
        ("ALTER TABLE t ALTER a DROP DEFAULT", [SetDefault("t", "a", dropped=True)]),
        ("ALTER TABLE t ALTER a SET NOT NULL, ALTER b DROP NOT NULL",
         [SetNull("t", "a", True), SetNull("t", "b", False)]),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID",
         [AddRule("t", Rule("c", "check", ("a",), False, proves=("a",)))]),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0 AND b IS NOT NULL)",
         [AddRule("t", Rule("c", "check", ("b",), proves=("b",)))]),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL OR b)",
         [AddRule("t", Rule("c", "check"))]),
        ("ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i",
         [AddRule("t", Rule("c", "unique", using_index="i"))]),
        ("ALTER TABLE t ADD PRIMARY KEY (a)",
         [AddRule("t", Rule("", "primary key", ("a",), proves=("a",)))]),
        ("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES public.u NOT VALID",
         [AddRule("t", Rule("", "foreign key", ("a",), False, "u"))]),
        ("ALTER TABLE t VALIDATE CONSTRAINT c, ADD a int",
         [AddColumn("t", Column("a", "integer")), ValidateRule("t", "c")]),
        ("ALTER TABLE t DROP CONSTRAINT c CASCADE", [DropRule("t", "c", True)]),
        ("ALTER TABLE t ALTER a SET STATISTICS 9", [Change("t", "column options")]),
        ("ALTER TABLE t ALTER a SET STORAGE MAIN", [Change("t", "storage")]),
        ("ALTER TABLE t SET (fillfactor = 70)", [Change("t", "table options")]),
        ("ALTER TABLE t SET LOGGED", [Change("t", "rewrite")]),
        ("ALTER TABLE t OWNER TO x", [Change("t", "owner")]),
        ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", [Change("t", "row security")]),
        ("ALTER TABLE t DISABLE TRIGGER ALL", [Change("t", "switch trigger")]),
        ("ALTER TABLE t RENAME CONSTRAINT a TO b", [Change("t", "rename")]),
        ("ALTER TABLE t ATTACH PARTITION p DEFAULT",
         [Change("t", "take partition"), Change("p", "become partition")]),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
         [Change("t", "detach partition concurrently")]),
        ("ALTER INDEX i RENAME TO j", [RenameIndex("i", "j")]),
        ("ALTER SEQUENCE s OWNER TO x", [Aside("ALTER SEQUENCE")]),
        ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a, lower(b))",
         [CreateIndex("t", "i", ("a", "expression"), True, True, True)]),
        ("DROP INDEX CONCURRENTLY IF EXISTS i, s.j",
         [DropIndex("i", concurrently=True, maybe=True),
          DropIndex("s.j", concurrently=True, maybe=True)]),
        ("REINDEX TABLE t; REINDEX INDEX CONCURRENTLY i",
         [Change("t", "reindex"), Change("index i", "reindex concurrently")]),
        ("CREATE TABLE IF NOT EXISTS t (a int, b text REFERENCES u, PRIMARY KEY (a))",
         [Create("t", "table", (Column("a", "integer", True, primary=True),
                                Column("b", "text", references="u")),
                 (Rule("", "primary key", ("a",), proves=("a",)),), True)]),
        ("CREATE TABLE t PARTITION OF u DEFAULT", [Create("t", parent="u", partition=True)]),
        ("CREATE TABLE t AS SELECT 1", [Create("t")]),
        ("SELECT 1 INTO t", [Create("t"), Ask()]),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", [Create("v", "view", maybe=True)]),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", [Create("v", "materialized view")]),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", [Change("v", "refresh concurrently")]),
        ("DROP TABLE a, b CASCADE", [Drop("a"), Drop("b")]),
        ("DROP VIEW IF EXISTS v", [Drop("v", "view")]),
        ("CREATE TRIGGER x BEFORE INSERT ON t EXECUTE FUNCTION f()",
         [Change("t", "create trigger")]),
        ("DROP TRIGGER IF EXISTS x ON s.t", [Change("s.t", "drop trigger")]),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DROP TABLE t'",
         [Aside("CREATE FUNCTION")]),
        ("DROP FUNCTION f(int)", [Aside("DROP FUNCTION")]),
        ("DROP FUNCTION f CASCADE", [Cascade("DROP FUNCTION", "f")]),
        ("DROP TYPE s.x CASCADE", [Cascade("DROP TYPE", "s.x")]),
        ("ALTER TYPE x ADD VALUE 'b'", [Aside("ALTER TYPE ... ADD VALUE")]),
        ("ALTER TYPE x RENAME VALUE 'a' TO 'b'", [Change("x", "rename value")]),
        ("CREATE EXTENSION IF NOT EXISTS x", [Aside("CREATE EXTENSION")]),
        ("CREATE SCHEMA x CREATE TABLE t (a int)",
         [Aside("CREATE SCHEMA"), Create("t", columns=(Column("a", "integer"),))]),
        ("CREATE POLICY p ON t", [Change("t", "policy")]),
        ("CLUSTER t USING i", [Change("t", "cluster")]),
        ("VACUUM (FULL) t; ANALYZE t", [Change("t", "vacuum full"), Change("t", "analyze")]),
        ("VACUUM", [Aside("VACUUM", alone=True)]),
        ("LOCK TABLE a, b IN SHARE MODE", [Lock("a", "SHARE"), Lock("b", "SHARE")]),
        ("LOCK t", [Lock("t", "ACCESS EXCLUSIVE")]),
        ("SET LOCAL lock_timeout = '5s'", [SetTimeout("lock_timeout", 5_000, True)]),
        ("SET statement_timeout TO 250", [SetTimeout("statement_timeout", 250)]),
        ("RESET lock_timeout", [SetTimeout("lock_timeout", None)]),
        ("SET search_path = x", [Aside("SET search_path")]),
        ("SET CONSTRAINTS ALL IMMEDIATE", [CheckDeferred(now=True)]),
        ("INSERT INTO t (a) VALUES (1), (2)", [Write("t", "insert", 2, columns=("a",))]),
        ("INSERT INTO t SELECT * FROM u", [Write("t", "insert")]),
        ("INSERT INTO t SELECT 1", [Write("t", "insert", 1)]),
        ("UPDATE t SET a = 1 WHERE id = 5 AND b IN ('x', 'y') AND c > 1",
         [Write("t", "update", keys=("id", "b"), columns=("a",))]),
        ("UPDATE t SET a = 1 WHERE id = 5 OR true", [Write("t", "update", columns=("a",))]),
        ("UPDATE t SET a = u.a FROM u WHERE t.id = u.id", [Write("t", "update", columns=("a",))]),
        ("DELETE FROM t", [Write("t", "delete", whole=True)]),
        ("WITH x AS (DELETE FROM t RETURNING a) INSERT INTO u SELECT a FROM x",
         [Write("t", "delete"), Write("u", "insert")]),
        ("COPY t FROM '/x'", [Write("t", "insert")]),
        ("TRUNCATE a, b CASCADE", [Truncate("a", True), Truncate("b", True)]),
        ("COMMENT ON TABLE t IS 'x'; COMMENT ON COLUMN t.a IS 'y'; COMMENT ON TYPE x IS 'z'",
         [Comment("t"), Comment("t", "a"), Aside("COMMENT")]),
        ("SELECT setval('s', 1), f(now())", [Ask(("f", "now", "setval"))]),
        ("CALL p(1)", [Ask(("p",))]),
        ("GRANT SELECT ON t TO x", [Aside("GRANT or REVOKE")]),
        ("DROP INDEX i", [DropIndex("i")]),
        ("", []),
        (" ; -- nothing\n ; /* at all */", []),
    ],
)  # fmt: skip
def test_nodes(text: str, nodes: list[Node]) -> None:
    assert _nodes(text) == nodes


@pytest.mark.parametrize(
    "text",
    ["REINDEX SCHEMA x", "CLUSTER", "VACUUM FULL", "ALTER SCHEMA a RENAME TO b", "ROLLBACK",
     "DROP OWNED BY x", "DO LANGUAGE plpython3u $$ x $$"],
)  # fmt: skip
def test_what_may_be_anything_is_hidden(text: str) -> None:
    assert [type(node) for node in _nodes(text)] == [Hidden]


def test_one_statement_that_is_refused_hides_no_other() -> None:
    text = "-- é first\nDROP TABLE a;\n SELEC x;\n/* b */ DROP TABLE b; ALTER TABLE t ADD `x` int"
    found = statements(text, "postgresql")
    kinds = [type(node) for statement in found for node in statement.nodes]
    assert kinds == [Drop, Refused, Drop, Refused]
    starts = [text[statement.start :].split(" ")[0] for statement in found]
    assert starts == ["DROP", "SELEC", "DROP", "ALTER"]


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE t SET a = %s WHERE id = %s",
        "UPDATE t SET a = %(a)s WHERE id IN (%(b)s, %s)",
        "UPDATE t SET a = '%%' WHERE id IN %s",
    ],
)
def test_parameters_are_values(text: str) -> None:
    assert _nodes(text, parameters=True) == [Write("t", "update", keys=("id",), columns=("a",))]


BLOCK = """DO $body$
DECLARE
  r record;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_constraint) THEN
    ALTER TABLE t ADD a int;
  END IF;
  PERFORM change();
  FOR r IN SELECT 1 LOOP
    EXECUTE format('ALTER TABLE t DROP CONSTRAINT %I', r.name);
    EXECUTE 'DROP TABLE ' || quote_ident(r.name);
    EXECUTE r.command;
    EXECUTE 'UPDATE t ' || r.rest;
  END LOOP;
  EXECUTE 'DROP INDEX i';
  x := pick(1);
END
$body$"""


def test_the_statements_of_a_block_are_read_in_their_lines() -> None:
    text = BLOCK.replace("r record;", "r record; x int;")
    found = statements(text, "postgresql")
    lines = [(text[: each.start].count("\n") + 1, each.conditional, *each.nodes) for each in found]
    assert [line for line in lines if line[2] != Ask()] == [
        (6, True, AddColumn("t", Column("a", "integer"))),
        (8, False, Ask(("change",))),
        (10, True, DropRule("t", "?")),
        (11, True, Drop("?")),
        (12, True, Hidden("EXECUTE runs a text that is put together while it runs")),
        (13, True, Hidden("EXECUTE runs a text that is put together while it runs")),
        (15, False, DropIndex("i")),
        (16, False, Ask(("pick",))),
    ]


def test_a_block_that_cannot_be_read_is_hidden() -> None:
    assert isinstance(_nodes("DO $$ BEGIN x := f(3); END $$")[0], Hidden)
    assert isinstance(_nodes("DO $$ BEGIN nonsense $$")[0], Hidden)


_WORDS = st.sampled_from([
    "ALTER", "TABLE", "t", "ADD", "COLUMN", "a", "int", ",", ";", "(", ")", "'x'", "$$", "DO",
    "BEGIN", "END", "--\n", "/*", "*/", "SELECT", "1", "=", "CREATE", "INDEX", "ON", "%s", "é",
    "DROP", "CASCADE", "::", "NOT", "NULL", '"', "'", "EXECUTE", "\n", "WHERE", "UPDATE", "SET",
])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=25).map(" ".join)), st.booleans())
def test_any_text_gives_statements_in_order_each_of_which_says_something(
    text: str, parameters: bool
) -> None:
    found = statements(text, "postgresql", parameters)
    assert all(statement.nodes for statement in found)
    starts = [statement.start for statement in found]
    assert starts == sorted(starts)
    assert all(0 <= each.start <= each.end <= len(text) for each in found)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["DROP TABLE a", "SELEC x", "LOCK b", "'é'", "SELECT 1"])))
def test_every_statement_is_accounted_for(parts: list[str]) -> None:
    assert len(statements(";\n".join(parts), "postgresql")) == len(parts)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 60_000 + "1" + ")" * 60_000,
        "SELECT " + "+".join(["1"] * 40_000),
        "SELECT 1" + "::int" * 30_000,
        "SELECT 1 FROM a" + " JOIN b ON true" * 30_000,
        "/*" * 60_000 + "*/" * 60_000 + "SELECT 1",
        "SELECT '\ud800'",
        "DROP TABLE a;\0 SELECT 1",
        "SELECT " + "x" * MAX_TEXT,
    ],
)
def test_hostile_text_is_refused(text: str) -> None:
    assert [type(node) for node in _nodes(text)] == [Refused]


def test_a_flat_text_of_any_length_is_read_and_a_bound_is_told() -> None:
    values = "INSERT INTO t VALUES " + ",".join(["(1, 'abc')"] * 20_000)
    assert _nodes(values) == [Write("t", "insert", 20_000)]
    many = _nodes("LOCK t;" * (MAX_STATEMENTS + 5))
    assert len(many) == MAX_STATEMENTS + 1
    assert isinstance(many[-1], Refused)
