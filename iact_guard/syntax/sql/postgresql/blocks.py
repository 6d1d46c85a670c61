"""DO blocks: the statements in them, in whatever branch or loop, and those that EXECUTE runs.

A text that is put together is read with holes: `format('DROP INDEX %I', name)` drops an index, of
whatever name. Where a hole is more than a name, the text cannot be read.
"""

import re
from collections.abc import Iterator
from typing import Any

import postgast
from postgast import PgQueryError
from postgast.pg_query_pb2 import DoStmt, Node

from iact_guard.model.literal import HOLE
from iact_guard.model.regex import regex
from iact_guard.syntax.sql.holes import with_marks
from iact_guard.syntax.sql.nodes import Ask, Hidden, Statement
from iact_guard.syntax.sql.nodes import Node as Said
from iact_guard.syntax.sql.postgresql import expressions
from iact_guard.syntax.sql.postgresql.names import texts
from iact_guard.syntax.sql.postgresql.parse import Piece, on_large_stack, pieces
from iact_guard.syntax.sql.postgresql.statements import said

MAX_INNER = 500
"""Statements of a block."""
_TAG = "$iact_guard$"
_FORMAT = regex(r"%(?:\d+\$)?-?\d*([sIL%])")
_BRANCHES = frozenset({
    "PLpgSQL_stmt_if", "PLpgSQL_stmt_case", "PLpgSQL_stmt_loop", "PLpgSQL_stmt_while",
    "PLpgSQL_stmt_fori", "PLpgSQL_stmt_fors", "PLpgSQL_stmt_forc", "PLpgSQL_stmt_foreach_a",
    "PLpgSQL_stmt_dynfors", "PLpgSQL_exception",
})  # fmt: skip
_DYNAMIC = frozenset({"PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"})
_ENDS = frozenset({"PLpgSQL_stmt_commit", "PLpgSQL_stmt_rollback"})


def read(text: str, piece: Piece) -> tuple[Statement, ...]:
    """The statements of a DO block, each in the line where it begins."""
    body = _body(piece.tree.do_stmt) if piece.tree is not None else None
    if body is None or _TAG in body:
        return (_hidden(piece, "the block is not written in PL/pgSQL"),)
    source = f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS {_TAG}{body}{_TAG}"
    try:
        tree = on_large_stack(lambda: postgast.parse_plpgsql(source), len(source))
    except (PgQueryError, ValueError, RecursionError, RuntimeError):
        # RecursionError, ValueError: what the parser hands over is JSON.
        return (_hidden(piece, "the block is not read by PostgreSQL's grammar"),)
    inside = max(text.find(body, piece.start, piece.end), piece.start)
    lines = [inside, *(inside + found.end() for found in re.finditer("\n", body))]
    found: list[Statement] = []
    for kind, inner, conditional in _inner(tree):
        start = lines[min(max(inner.get("lineno", 1) - 1, 0), len(lines) - 1)]
        nodes = tuple(_said(kind, inner))
        if nodes:
            found.append(Statement(max(start, piece.start), piece.end, nodes, conditional))
        if len(found) > MAX_INNER:
            return (_hidden(piece, "the block is too long to be read"),)
    return tuple(found) or (Statement(piece.start, piece.end, (Ask(),)),)


def _hidden(piece: Piece, reason: str) -> Statement:
    return Statement(piece.start, piece.end, (Hidden(reason),))


def _body(statement: DoStmt) -> str | None:
    """The text of the block; None where it is of another language."""
    options = {item.def_elem.defname: item.def_elem.arg for item in statement.args}
    language = options.get("language")
    if language is not None and language.string.sval != "plpgsql":
        return None
    return options["as"].string.sval if "as" in options else None


def _inner(tree: Any) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Every statement of a block: its kind, its parts, and whether it stands in a branch."""
    pending: list[tuple[Any, bool]] = [(tree, False)]
    while pending:
        value, conditional = pending.pop()
        if isinstance(value, list):
            pending += [(item, conditional) for item in reversed(value)]
        elif isinstance(value, dict):
            below: list[tuple[Any, bool]] = []
            for kind, inner in value.items():
                if not isinstance(inner, dict | list):
                    continue
                if isinstance(inner, dict) and kind.startswith("PLpgSQL_stmt_"):
                    yield kind, inner, conditional
                below.append((inner, conditional or kind in _BRANCHES))
            pending += reversed(below)


def _said(kind: str, inner: dict[str, Any]) -> Iterator[Said]:
    if kind in _ENDS:
        yield Hidden("the block ends the transaction")
    elif kind in _DYNAMIC:
        yield from _executed(_query(inner, "query"))
    elif kind in ("PLpgSQL_stmt_execsql", "PLpgSQL_stmt_perform", "PLpgSQL_stmt_call"):
        yield from _plain(_query(inner, "sqlstmt") or _query(inner, "expr"))
    elif kind == "PLpgSQL_stmt_fors":
        yield from _plain(_query(inner, "query"))
    else:
        # Conditions and values: only what they call matters.
        for part in ("cond", "expr"):
            value = _query(inner, part).rpartition(":=")[2]
            called = _functions(value) if value else ()
            if called:
                yield Ask(called)


def _query(inner: dict[str, Any], part: str) -> str:
    found = inner.get(part)
    return str(found.get("PLpgSQL_expr", {}).get("query", "")) if isinstance(found, dict) else ""


def _plain(query: str) -> Iterator[Said]:
    for piece in pieces(query):
        if piece.tree is None:
            yield Hidden("a statement of the block cannot be read")
        else:
            yield from said(piece.tree)


def _functions(value: str) -> tuple[str, ...]:
    trees = [piece.tree for piece in pieces(f"SELECT {value}") if piece.tree is not None]
    return tuple(sorted({name for tree in trees for name in expressions.functions(tree)}))


def _executed(query: str) -> Iterator[Said]:
    """What EXECUTE runs, as far as the text that is put together tells."""
    hidden = Hidden("EXECUTE runs a text that is put together while it runs")
    trees = [piece.tree for piece in pieces(f"SELECT {query}")]
    single = trees[0] if len(trees) == 1 else None
    targets = list(single.select_stmt.target_list) if single is not None else []
    text = _template(targets[0].res_target.val) if len(targets) == 1 else HOLE
    found = list(pieces(text))
    if not found or any(piece.tree is None for piece in found) or text.strip().startswith(HOLE):
        yield hidden
        return
    for piece in found:
        if piece.tree is not None:
            for node in said(piece.tree):
                yield with_marks(node)


def _template(node: Node) -> str:
    """A text that is put together by `||`, `format` and `concat`, with holes."""
    match node.WhichOneof("node"):
        case "a_const":
            return node.a_const.sval.sval if node.a_const.HasField("sval") else HOLE
        case "type_cast":
            return _template(node.type_cast.arg)
        case "a_expr" if texts(node.a_expr.name) == ("||",):
            return _template(node.a_expr.lexpr) + _template(node.a_expr.rexpr)
        case "func_call":
            return _called(texts(node.func_call.funcname)[-1:], list(node.func_call.args))
    return HOLE


def _called(name: tuple[str, ...], arguments: list[Node]) -> str:
    if name == ("concat",):
        return "".join(map(_template, arguments))
    if name == ("format",) and arguments:
        values = map(_template, arguments[1:])
        return _FORMAT.sub(lambda found: _filled(found, values), _template(arguments[0]))
    return HOLE


def _filled(found: re.Match[str], values: Iterator[str]) -> str:
    """A place in a format with its value, or a hole: those that are numbered are not counted."""
    if found[1] == "%":
        return "%"
    value = HOLE if "$" in found[0] else next(values, HOLE)
    return {"L": f"'{value}'", "I": f'"{value}"'}.get(found[1], value)
