"""Statements that read and write rows, to nodes."""

from collections.abc import Iterator
from typing import Literal

from google.protobuf.message import Message
from postgast.pg_query_pb2 import (
    CopyStmt,
    DeleteStmt,
    InsertStmt,
    MergeStmt,
    Node,
    SelectStmt,
    UpdateStmt,
)

from iact_guard.syntax.sql.nodes import Ask, Create, Write
from iact_guard.syntax.sql.nodes import Node as Said
from iact_guard.syntax.sql.postgresql import expressions
from iact_guard.syntax.sql.postgresql.names import table


def insert(statement: InsertStmt) -> Iterator[Said]:
    """INSERT, with what its WITH and its query write."""
    yield from _nested(statement)
    listed = statement.select_stmt.select_stmt.values_lists
    query = statement.HasField("select_stmt")
    columns = tuple(item.res_target.name for item in statement.cols)
    rows = len(listed) if listed else None if query else 1
    if rows is None and not statement.select_stmt.select_stmt.from_clause:
        rows = 1  # SELECT of values
    yield Write(table(statement.relation), "insert", rows, columns=columns or None)


def update(statement: UpdateStmt) -> Iterator[Said]:
    """UPDATE."""
    yield from _nested(statement)
    columns = tuple(item.res_target.name for item in statement.target_list)
    keys = expressions.keys(statement.where_clause)
    yield Write(table(statement.relation), "update", keys=keys, columns=columns)


def delete(statement: DeleteStmt) -> Iterator[Said]:
    """DELETE."""
    yield from _nested(statement)
    keys = expressions.keys(statement.where_clause)
    whole = not statement.HasField("where_clause") and not statement.using_clause
    yield Write(table(statement.relation), "delete", keys=keys, whole=whole)


def merge(statement: MergeStmt) -> Iterator[Said]:
    """MERGE."""
    yield from _nested(statement)
    yield Write(table(statement.relation), "any")


def copy(statement: CopyStmt) -> Iterator[Said]:
    """COPY FROM writes, COPY TO asks."""
    yield from within(statement.query)
    if statement.is_from:
        yield Write(table(statement.relation), "insert")


def select(statement: SelectStmt) -> Iterator[Said]:
    """SELECT, SELECT INTO, VALUES."""
    yield from _nested(statement)
    if statement.HasField("into_clause"):
        yield Create(table(statement.into_clause.rel))
    yield Ask(tuple(sorted(expressions.functions(statement))))


def within(node: Node) -> Iterator[Said]:
    """What a query writes that stands within another statement."""
    yield from _nested(node, whole=True)


def _nested(statement: Message, *, whole: bool = False) -> Iterator[Said]:
    """The writes of the queries in WITH."""
    for message in expressions.walk(statement):
        if message is statement and not whole:
            continue
        match message:
            case InsertStmt() | UpdateStmt() | DeleteStmt():
                verb = _verb(message)
                condition = getattr(message, "where_clause", None)
                keys = expressions.keys(condition) if condition is not None else ()
                yield Write(table(message.relation), verb, keys=keys)


def _verb(message: InsertStmt | UpdateStmt | DeleteStmt) -> Literal["insert", "update", "delete"]:
    match message:
        case InsertStmt():
            return "insert"
        case UpdateStmt():
            return "update"
    return "delete"
