"""MySQL, MariaDB and SQLite by way of sqlglot, to our nodes."""

import logging
from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from iact_guard.syntax.sql.nodes import (
    AddColumn,
    AddRule,
    Aside,
    Ask,
    Change,
    Column,
    Create,
    CreateIndex,
    Drop,
    DropColumn,
    DropIndex,
    DropRule,
    Filled,
    Hidden,
    Node,
    Refused,
    RenameColumn,
    RenameTable,
    Retype,
    Rule,
    RuleKind,
    SetDefault,
    Statement,
    Truncate,
    Write,
)
from iact_guard.syntax.sql.pieces import with_parameters

MAX_TEXT = 200_000
"""Characters; this parser is of Python, and takes its time."""
# Statements that hold others between BEGIN and END.
_HOLDING = frozenset({"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"})
_ASIDE = frozenset({
    "PRAGMA", "SET", "USE", "SHOW", "GRANT", "REVOKE", "ANALYZE", "EXPLAIN", "DESCRIBE", "BEGIN",
    "COMMIT", "FLUSH", "CREATE FUNCTION", "CREATE PROCEDURE", "CREATE EVENT", "CREATE TRIGGER",
    "DROP TRIGGER", "DROP FUNCTION", "DROP PROCEDURE", "DROP EVENT", "ALTER DATABASE",
    "ALTER EVENT", "CREATE USER", "ALTER USER",
})  # fmt: skip
_TYPES = {
    "int": "integer", "bool": "boolean", "datetime": "timestamp", "double": "double precision",
    "decimal": "numeric", "tinyint": "smallint",
}  # fmt: skip
_ALTER_LIMIT = 2


def read(text: str, dialect: str, parameters: bool) -> tuple[Statement, ...]:
    """Its statements, one by one: what one of them says the parser does not take is `Refused`."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it does not know
    if len(text) > MAX_TEXT:
        return (Statement(0, len(text), (Refused("it is too long to be read"),)),)
    given = with_parameters(text).replace("$1", "? ") if parameters else text
    grammar = "sqlite" if dialect == "sqlite" else "mysql"
    try:
        tokens = sqlglot.tokenize(given, read=grammar)
    except SqlglotError:
        return (Statement(0, len(text), (Refused("its quotes or comments do not end"),)),)
    return tuple(_statement(given, group, grammar) for group in _groups(tokens))


def _groups(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each statement."""
    group: list[Token] = []
    depth = 0
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON and depth <= 0:
            if group:
                yield group
            group, depth = [], 0
            continue
        group.append(token)
        if _HOLDING & {each.text.upper() for each in group[:6]}:
            before = group[-2].text.upper() if len(group) > 1 else ""
            word = token.text.upper()
            depth += word in ("BEGIN", "CASE") and before != "END"
            depth -= word == "END"
            depth += before == "END" and word in ("IF", "LOOP", "WHILE", "REPEAT")
    if group:
        yield group


def _statement(text: str, group: list[Token], grammar: str) -> Statement:
    start, end = group[0].start, group[-1].end + 1
    words = [token.text.upper() for token in group[:6]]
    holding = next((word for word in words if word in _HOLDING), "")
    if holding and words[0] == "CREATE":
        return Statement(start, end, (Aside(f"CREATE {holding}"),))
    try:
        found = sqlglot.parse(text[start:end], read=grammar)
        nodes = tuple(node for tree in found if tree is not None for node in _said(tree, words))
    except (SqlglotError, RecursionError):
        nodes = (Refused(f"the grammar of {grammar} does not take it, as far as it is known"),)
    return Statement(start, end, nodes or (Ask(),))


def _said(tree: Any, words: list[str]) -> Iterator[Node]:
    match tree:
        case exp.Create():
            yield from _create(tree)
        case exp.Drop():
            yield from _drop(tree)
        case exp.Alter():
            for action in tree.args.get("actions") or ():
                yield from _action(_name(tree.this), action)
        case exp.TruncateTable(expressions=tables):
            yield from (Truncate(_name(table)) for table in tables)
        case exp.Insert() | exp.Update() | exp.Delete():
            yield _write(tree)
        case exp.Select() | exp.SetOperation() | exp.Subquery():
            yield Ask()
        case _:
            yield _command(words)


def _command(words: list[str]) -> Node:
    """A statement that the parser only knows by its first word."""
    if words[:2] == ["RENAME", "TABLE"] and len(words) >= _ALTER_LIMIT + 2:
        return RenameTable(words[2].lower(), words[4].lower() if len(words) > 4 else "?")
    if words[:3] == ["CREATE", "VIRTUAL", "TABLE"]:
        return Create("?")
    if words[0] in _ASIDE or " ".join(words[:2]) in _ASIDE:
        return Aside(words[0])
    return Hidden(f"what {' '.join(words[:2])} does is not known")


def _name(node: Any) -> str:
    """A table's name, with its database where one is given."""
    table = node if isinstance(node, exp.Table) else node.find(exp.Table) if node else None
    if table is None:
        return node.name if node is not None else "?"
    return f"{table.db}.{table.name}" if table.db else table.name


def _create(tree: Any) -> Iterator[Node]:
    kind, maybe = str(tree.args.get("kind") or ""), bool(tree.args.get("exists"))
    if kind == "INDEX":
        index = tree.this
        columns = index.args["params"].args.get("columns") or () if index.args.get("params") else ()
        yield CreateIndex(
            _name(index.args.get("table")),
            index.name,
            tuple(item.this.name or "expression" for item in columns),
            bool(tree.args.get("unique")),
            maybe=maybe,
        )
    elif kind == "VIEW":
        yield Create(_name(tree.this), "view", maybe=bool(tree.args.get("replace")) or maybe)
    elif kind == "TABLE":
        items = tree.this.expressions if isinstance(tree.this, exp.Schema) else ()
        columns = tuple(_column(item) for item in items if isinstance(item, exp.ColumnDef))
        rules = tuple(rule for item in items for rule in _rules(item))
        yield Create(_name(tree.this), "table", columns, rules, maybe)
    else:
        yield Aside(f"CREATE {kind}")


def _drop(tree: Any) -> Iterator[Node]:
    kind = str(tree.args.get("kind") or "")
    for item in tree.args.get("tables") or ():
        if kind == "TABLE":
            yield Drop(_name(item))
        elif kind == "VIEW":
            yield Drop(_name(item), "view")
        elif kind == "INDEX":
            cluster = tree.args.get("cluster")
            yield DropIndex(_name(item), _name(cluster.this) if cluster else "")
        else:
            yield Aside(f"DROP {kind}")


def _action(table: str, action: Any) -> Iterator[Node]:
    """One part of ALTER TABLE."""
    match action:
        case exp.ColumnDef():
            yield AddColumn(table, _column(action), bool(action.args.get("exists")))
        case exp.Drop():
            kind = str(action.args.get("kind") or "COLUMN")
            for item in action.args.get("tables") or ():
                if kind == "COLUMN":
                    yield DropColumn(table, item.name)
                elif kind == "INDEX":
                    yield DropIndex(item.name, table)
                else:
                    yield DropRule(table, item.name)
        case exp.ModifyColumn():
            old, new = action.args.get("rename_from"), _column(action.this)
            if old is not None and old.name != new.name:
                yield RenameColumn(table, old.name, new.name)
            yield Retype(table, new.name, new.type, not_null=new.not_null)
        case exp.AlterColumn():
            if action.args.get("dtype") is not None:
                yield Retype(table, action.name, _type(action.args["dtype"]))
            else:
                yield SetDefault(table, action.name, action.args.get("default") is None)
        case exp.RenameColumn():
            yield RenameColumn(table, action.this.name, action.args["to"].name)
        case exp.AlterRename():
            yield RenameTable(table, _name(action.this))
        case exp.AddConstraint():
            for item in action.expressions:
                yield from _added(table, item)
        case _:
            yield Hidden("what a part of ALTER TABLE does is not known")


def _added(table: str, item: Any) -> Iterator[Node]:
    if isinstance(item, exp.IndexColumnConstraint):
        yield CreateIndex(table, item.name, tuple(each.name for each in item.expressions))
        return
    rules = list(_rules(item))
    yield from (AddRule(table, rule) for rule in rules)
    if not rules:
        yield Change(table, "rewrite")


def _column(node: Any) -> Column:
    filled: Filled = "none"
    not_null, unique, primary, check, references = False, False, False, False, ""
    for constraint in node.args.get("constraints") or ():
        match constraint.kind:
            case exp.NotNullColumnConstraint() as null:
                not_null = not null.args.get("allow_null")
            case exp.DefaultColumnConstraint(this=value):
                null_value = isinstance(value, exp.Null)
                steady = value.find(exp.Anonymous, exp.Rand, exp.Uuid) is None
                filled = "none" if null_value else "database" if steady else "volatile"
            case exp.PrimaryKeyColumnConstraint():
                primary = not_null = True
            case exp.AutoIncrementColumnConstraint():
                filled = "identity"
            case exp.UniqueColumnConstraint():
                unique = True
            case exp.CheckColumnConstraint():
                check = True
            case exp.ComputedColumnConstraint():
                filled = "generated"
            case exp.Reference() as target:
                references = _name(target.this)
    kind = _type(node.args.get("kind"))
    return Column(node.name, kind, not_null, filled, unique, primary, check, references)


def _type(node: Any) -> str:
    if node is None:
        return ""
    written = node.sql(dialect="mysql").lower()
    name, bracket, sizes = written.partition("(")
    return f"{_TYPES.get(name, name)}{bracket}{sizes.replace(' ', '')}"


def _rules(node: Any) -> Iterator[Rule]:
    """Constraints of a table."""
    if isinstance(node, exp.Constraint):
        for inner in node.expressions:
            for rule in _rules(inner):
                yield Rule(node.name, rule.kind, rule.columns, references=rule.references)
        return
    kinds: tuple[tuple[type[exp.Expression], RuleKind], ...] = (
        (exp.ForeignKey, "foreign key"),
        (exp.PrimaryKey, "primary key"),
        (exp.UniqueColumnConstraint, "unique"),
        (exp.CheckColumnConstraint, "check"),
    )
    for found, kind in kinds:
        if isinstance(node, found):
            listed = node.this.expressions if kind == "unique" and node.this else node.expressions
            reference = node.args.get("reference")
            target = _name(reference.this) if reference is not None else ""
            yield Rule("", kind, tuple(each.name for each in listed), references=target)


def _write(tree: Any) -> Write:
    table = _name(tree.this)
    if isinstance(tree, exp.Insert):
        given = tree.expression
        rows = len(given.expressions) if isinstance(given, exp.Values) else None
        named = tree.this.expressions if isinstance(tree.this, exp.Schema) else ()
        return Write(table, "insert", rows, columns=tuple(item.name for item in named) or None)
    where = tree.args.get("where")
    keys = _keys(where.this) if where is not None else ()
    if isinstance(tree, exp.Delete):
        return Write(table, "delete", keys=keys, whole=where is None)
    columns = tuple(item.this.name for item in tree.expressions if isinstance(item, exp.EQ))
    return Write(table, "update", keys=keys, columns=columns)


def _keys(condition: Any) -> tuple[str, ...]:
    """The columns that a condition compares with values, each row having to meet all of it."""
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    found = []
    for part in parts:
        if isinstance(part, exp.EQ) and isinstance(part.this, exp.Column):
            if isinstance(part.expression, exp.Literal | exp.Placeholder):
                found.append(part.this.name)
        elif isinstance(part, exp.In) and isinstance(part.this, exp.Column):
            listed = part.expressions
            values = bool(listed) and all(isinstance(each, exp.Literal) for each in listed)
            found += [part.this.name] * values
    return tuple(found)
