"""What an operation makes Django do to the database, step by step (`database_forwards`).

Steps know neither locks nor costs: those are the database's (`postgresql.py`).
"""

from typing import Literal

from iact_guard.analyze.migration.state.columns import Column
from iact_guard.model.literal import Value
from iact_guard.model.location import Location
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass

ConstraintKind = Literal["check", "unique", "primary key", "exclude", "foreign key", "unknown"]
Relation = Literal["table", "view", "materialized view"]
May = Literal["require", "remove", "rename", "index"]
"""Require a value that old INSERTs lack, remove or rename a column in use, index a table in use."""
ANYTHING: frozenset[May] = frozenset({"require", "remove", "rename", "index"})


@dataclass(frozen=True, slots=True)
class Use:
    """What the code that still runs makes of a name that SQL takes away, as the models tell."""

    modelled: bool = True
    """False where no model of the repository stands for the table: nobody knows who uses it."""
    forgotten: Operation | None = None
    """The operation by which the models forgot it, where they have."""


IN_USE = Use()


@dataclass(frozen=True, slots=True)
class CreateTable:
    """A new table, with foreign keys to others; or a view."""

    table: str
    references: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    kind: Relation = "table"
    maybe: bool = False
    """IF NOT EXISTS, OR REPLACE: one that is there stays, or is replaced in place."""


@dataclass(frozen=True, slots=True)
class DropTable:
    """A table goes, with the foreign keys to others that it held."""

    table: str
    references: tuple[str, ...] = ()
    kind: Relation = "table"
    use: Use = IN_USE


@dataclass(frozen=True, slots=True)
class RenameTable:
    """A table gets another name."""

    table: str
    to: str
    use: Use = IN_USE


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column, with the indexes and constraints that its field asks for."""

    table: str
    column: Column


@dataclass(frozen=True, slots=True)
class DropColumn:
    """A column goes; `references` is the table of its foreign key."""

    table: str
    column: str
    references: str = ""
    indexed: bool = False
    use: Use = IN_USE
    field: Value | None = None
    """As the models have it, where they do."""


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """A column gets another name."""

    table: str
    column: str
    to: str
    use: Use = IN_USE
    field: Value | None = None
    """As the models had it, where they did."""


@dataclass(frozen=True, slots=True)
class ChangeType:
    """A column gets another type, or another length."""

    table: str
    old: Column
    new: Column
    referencing: tuple[str, ...] = ()
    """Tables whose foreign keys change with it."""
    computed: bool = False
    """USING an expression that is more than a cast: every row is written."""
    cast: bool = False
    """USING a cast of the column, which may do what the database does not do by itself."""


@dataclass(frozen=True, slots=True)
class SetNotNull:
    """A column refuses NULL from now on."""

    table: str
    column: Column
    filled: bool = False
    """Django first gives rows that hold NULL the default of the field."""


@dataclass(frozen=True, slots=True)
class DropNotNull:
    """A column accepts NULL from now on."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class ChangeDefault:
    """A default in the database is set, changed or dropped."""

    table: str
    column: str
    dropped: bool
    required: bool = False
    """An INSERT must name the column from then on."""


@dataclass(frozen=True, slots=True)
class BuildIndex:
    """An index over rows that may be many."""

    table: str
    name: str
    columns: str
    concurrently: bool = False
    cause: str = ""
    """What asked for it: `db_index=True`; empty for an operation that says so itself."""
    unique: bool = False
    unless_exists: bool = False
    """`IF NOT EXISTS`: an index of that name, valid or not, is taken for this one."""


@dataclass(frozen=True, slots=True)
class DropIndex:
    """An index goes."""

    table: str
    name: str
    concurrently: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameIndex:
    """An index gets another name."""

    table: str
    name: str
    to: str


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """A constraint that existing rows are checked against, if it is `valid`."""

    table: str
    name: str
    kind: ConstraintKind
    valid: bool = True
    by_index: bool = False
    """A unique rule that PostgreSQL only knows as an index: conditional, over expressions."""
    references: str = ""
    columns: tuple[str, ...] = ()
    """The columns that it speaks of; empty where it does not name them."""
    again: bool = False
    """It was dropped only to be added once more: the rows that are there meet it."""
    using_index: str = ""
    """An index that is there already and becomes the constraint: nothing is read."""
    proves: tuple[str, ...] = ()
    """Columns that are not NULL in any row that satisfies it."""


@dataclass(frozen=True, slots=True)
class ValidateConstraint:
    """A constraint that was added NOT VALID is checked."""

    table: str
    name: str


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """A constraint goes."""

    table: str
    name: str
    references: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a table or, with `column`, on a column."""

    table: str
    column: str = ""
    references: str = ""
    """The table of the column's foreign key, which Django makes PostgreSQL describe anew."""


@dataclass(frozen=True, slots=True)
class Declared:
    """An operation of a package, of which a table says what it costs."""

    kind: str
    impact: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class WriteRows:
    """Rows are written by a statement or a function of the migration."""

    table: str
    """`?` where it is not known."""
    verb: Literal["insert", "update", "delete", "any"]
    extent: Literal["row", "batches", "all", "unknown"]
    """One row by its key, or a fixed number; portions of bounded size, each committed; any number
    at once."""
    columns: frozenset[str] | None = None
    """Columns that an update gives a value other than NULL; None where that is not known."""
    place: Location | None = None
    """Where the function of RunPython, or the text of RunSQL, says so."""
    live: bool = False
    """Through the model class of the application, not through the one of this migration."""
    model: str = ""
    """The class by which it is done; empty for SQL."""
    serial: bool = False
    """Its keys are numbers that count up."""
    unless_exists: bool = False
    """Rows that are there already are not added once more."""
    whole: bool = False
    """A DELETE that spares no row."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """All rows of a table go."""

    table: str
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class SetTimeout:
    """A bound on waiting for a lock or on a statement, for the transaction or the session."""

    name: Literal["lock_timeout", "statement_timeout"]
    milliseconds: int | None
    """None where it cannot be read; 0 is none at all."""
    local: bool = False
    """For the transaction only."""


Change = Literal[
    "column options", "storage", "table options", "owner", "rules", "policy", "row security",
    "replica identity", "inheritance", "schema", "rename", "create trigger", "drop trigger",
    "switch trigger", "statistics", "rewrite", "cluster", "reindex", "reindex concurrently",
    "vacuum", "vacuum full", "analyze", "refresh", "refresh concurrently", "replace view",
    "take partition", "become partition", "new partition", "detach partition",
    "detach partition concurrently", "rename value", "comment",
]  # fmt: skip
"""Kinds of change that show in no column, index or constraint."""


@dataclass(frozen=True, slots=True)
class ChangeTable:
    """Something about a table changes, or is done to it, that no other step stands for."""

    table: str
    change: Change


@dataclass(frozen=True, slots=True)
class LockTable:
    """A lock that is asked for by name and held until the transaction ends."""

    table: str
    mode: str
    """As SQL names it: `ACCESS EXCLUSIVE`."""


@dataclass(frozen=True, slots=True)
class CheckDeferred:
    """Constraints that were put off until the end of the transaction are checked now (or not)."""

    now: bool


@dataclass(frozen=True, slots=True)
class Aside:
    """A statement that touches no table in use: a function, a type, a grant, a question."""

    what: str
    """Its first words: `CREATE EXTENSION`."""
    alone: bool = False
    """It refuses to run in a transaction."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Django does not do it at all."""

    table: str
    reason: str


@dataclass(frozen=True, slots=True)
class ForgetColumn:
    """The models forget a column that stays in the table, NOT NULL and without a default."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """What the files do not tell."""

    reason: str
    table: str = ""
    schema: bool = True
    """Whether it may change tables; False for what only touches rows."""
    may: frozenset[May] = frozenset()
    """What of that the files do not rule out."""


Step = (
    CreateTable
    | DropTable
    | RenameTable
    | AddColumn
    | DropColumn
    | RenameColumn
    | ChangeType
    | SetNotNull
    | DropNotNull
    | ChangeDefault
    | BuildIndex
    | DropIndex
    | RenameIndex
    | AddConstraint
    | ValidateConstraint
    | DropConstraint
    | Comment
    | Declared
    | WriteRows
    | Truncate
    | SetTimeout
    | ChangeTable
    | LockTable
    | CheckDeferred
    | Aside
    | Refused
    | ForgetColumn
    | Unclear
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A step of a statement: where it stands, and the query that carries it to the database."""

    step: Step
    location: Location
    query: int | None = None
    """Counted within the operation. What is in one query is in one transaction."""
    beside: bool = False
    """Other statements are in the query: it is a transaction even where the migration is none."""


_ALONE: frozenset[Change] = frozenset({
    "reindex concurrently", "vacuum", "vacuum full", "detach partition concurrently",
})  # fmt: skip


def alone(step: Step) -> bool:
    """Whether a step refuses to run in a transaction."""
    match step:
        case BuildIndex(concurrently=True) | DropIndex(concurrently=True) | Aside(alone=True):
            return True
        case ChangeTable(change=change):
            return change in _ALONE
    return False
