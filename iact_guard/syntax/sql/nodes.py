"""What a statement of SQL says, in one vocabulary for every database.

Names are as the database knows them: unquoted ones in its case, with the schema in front where one
is given (`audit.log`), but never PostgreSQL's `public`.
"""

from typing import Literal

from iact_guard.model.records import dataclass

Relation = Literal["table", "view", "materialized view"]
Timeout = Literal["lock_timeout", "statement_timeout"]
RuleKind = Literal["check", "unique", "primary key", "exclude", "foreign key"]
Filled = Literal["none", "database", "volatile", "generated", "identity"]
"""What old rows get: NULL, one value, a value each, what an expression says, a number."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint of a table."""

    name: str
    kind: RuleKind
    columns: tuple[str, ...] = ()
    valid: bool = True
    references: str = ""
    using_index: str = ""
    proves: tuple[str, ...] = ()
    """Columns that are not NULL in a row that satisfies it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is defined."""

    name: str
    type: str
    """In PostgreSQL's short names: `varchar(30)`, `timestamptz`."""
    not_null: bool = False
    filled: Filled = "none"
    unique: bool = False
    primary: bool = False
    check: bool = False
    references: str = ""


@dataclass(frozen=True, slots=True)
class Create:
    """CREATE TABLE, CREATE VIEW, SELECT INTO."""

    table: str
    kind: Relation = "table"
    columns: tuple[Column, ...] = ()
    rules: tuple[Rule, ...] = ()
    maybe: bool = False
    """IF NOT EXISTS, OR REPLACE."""
    parent: str = ""
    """The table that it inherits from."""
    partition: bool = False
    """It becomes a part of that table."""


@dataclass(frozen=True, slots=True)
class Drop:
    """DROP TABLE, DROP VIEW: one of them."""

    table: str
    kind: Relation = "table"


@dataclass(frozen=True, slots=True)
class RenameTable:
    """ALTER TABLE ... RENAME TO, SET SCHEMA."""

    table: str
    to: str


@dataclass(frozen=True, slots=True)
class AddColumn:
    """ADD COLUMN."""

    table: str
    column: Column
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class DropColumn:
    """DROP COLUMN."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """RENAME COLUMN."""

    table: str
    column: str
    to: str


@dataclass(frozen=True, slots=True)
class Retype:
    """ALTER COLUMN ... TYPE."""

    table: str
    column: str
    type: str
    computed: bool = False
    """USING something else than a cast of the column."""
    cast: bool = False
    """USING a cast of the column."""
    not_null: bool | None = None
    """Said along with the type, in MySQL's MODIFY."""


@dataclass(frozen=True, slots=True)
class SetDefault:
    """ALTER COLUMN ... SET DEFAULT, DROP DEFAULT, ADD GENERATED AS IDENTITY."""

    table: str
    column: str
    dropped: bool = False
    """DROP DEFAULT, or SET DEFAULT NULL, which is the same."""


@dataclass(frozen=True, slots=True)
class SetNull:
    """ALTER COLUMN ... SET NOT NULL, DROP NOT NULL."""

    table: str
    column: str
    not_null: bool


@dataclass(frozen=True, slots=True)
class AddRule:
    """ADD CONSTRAINT."""

    table: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class ValidateRule:
    """VALIDATE CONSTRAINT."""

    table: str
    name: str


@dataclass(frozen=True, slots=True)
class DropRule:
    """DROP CONSTRAINT."""

    table: str
    name: str
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE INDEX."""

    table: str
    name: str
    columns: tuple[str, ...]
    """A column's name, or `expression`."""
    unique: bool = False
    concurrently: bool = False
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class DropIndex:
    """DROP INDEX; the table is known only where the statement names it."""

    name: str
    table: str = ""
    concurrently: bool = False
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class RenameIndex:
    """ALTER INDEX ... RENAME TO."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Comment:
    """COMMENT ON TABLE, COMMENT ON COLUMN."""

    table: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Whatever else is done to a table; `what` is one of the steps' kinds of change."""

    table: str
    what: str


@dataclass(frozen=True, slots=True)
class Write:
    """INSERT, UPDATE, DELETE, MERGE, COPY FROM."""

    table: str
    verb: Literal["insert", "update", "delete", "any"]
    rows: int | None = None
    """How many an INSERT lists; None where a query or a file tells."""
    keys: tuple[str, ...] = ()
    """Columns that the condition compares with single values, all of which a row must meet."""
    columns: tuple[str, ...] | None = None
    """What is set or given; None where it does not say."""
    whole: bool = False
    """A DELETE without a condition."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE of one table."""

    table: str
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """LOCK TABLE."""

    table: str
    mode: str


@dataclass(frozen=True, slots=True)
class SetTimeout:
    """SET lock_timeout, SET statement_timeout."""

    name: Timeout
    milliseconds: int | None
    local: bool = False


@dataclass(frozen=True, slots=True)
class CheckDeferred:
    """SET CONSTRAINTS."""

    now: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, with the functions that it calls."""

    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """A statement that touches no table."""

    what: str
    alone: bool = False
    """It refuses to run in a transaction."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """DROP ... CASCADE of something that columns may depend on."""

    what: str
    name: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the statement does hangs on what only running it tells."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What the grammar does not take."""

    reason: str


Node = (
    Create | Drop | RenameTable | AddColumn | DropColumn | RenameColumn | Retype | SetDefault
    | SetNull | AddRule | ValidateRule | DropRule | CreateIndex | DropIndex | RenameIndex | Comment
    | Change | Write | Truncate | Lock | SetTimeout | CheckDeferred | Ask | Aside | Cascade | Hidden
    | Refused
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement: where it stands in the text, in code points, and what it says."""

    start: int
    end: int
    nodes: tuple[Node, ...]
    conditional: bool = False
    """It stands in a branch of a block, which may not be taken."""
