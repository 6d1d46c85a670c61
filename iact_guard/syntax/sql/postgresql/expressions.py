"""What expressions tell: whether a default is one value for all rows, which rows a condition picks.

Trees are walked with a stack of our own, all of them within the depth that the parser hands over.
"""

from collections.abc import Iterator

from google.protobuf.message import Message
from postgast.pg_query_pb2 import A_Expr_Kind, BoolExprType, Node, NullTestType, TypeName

from iact_guard.syntax.sql.nodes import Filled
from iact_guard.syntax.sql.postgresql.names import column_type, texts

# Functions whose value is the same for every row of a statement, as far as defaults use them.
_STABLE = frozenset({
    "now", "transaction_timestamp", "statement_timestamp", "date_trunc", "timezone", "to_char",
    "to_date", "to_timestamp", "to_json", "to_jsonb", "json_build_object", "json_build_array",
    "jsonb_build_object", "jsonb_build_array", "array_fill", "lower", "upper", "concat", "md5",
    "substr", "substring", "replace", "repeat", "coalesce", "round", "floor", "ceil", "abs",
    "make_interval", "make_date", "to_tsvector", "current_setting", "current_schema", "int4range",
    "tstzrange", "daterange", "numrange", "int8range", "date_part", "extract", "age", "length",
    "trim", "btrim", "ltrim", "rtrim", "left", "right", "char_length", "decode", "encode",
    "hstore", "setweight", "string_to_array", "array_append", "greatest", "least",
})  # fmt: skip


def walk(root: Message) -> Iterator[Message]:
    """A message and everything within it."""
    pending = [root]
    while pending:
        message = pending.pop()
        yield message
        for field, value in message.ListFields():
            if field.message_type is not None:
                pending += value if field.is_repeated else (value,)


def is_null(node: Node) -> bool:
    """Whether an expression is the constant NULL, cast or not."""
    if node.HasField("type_cast"):
        return is_null(node.type_cast.arg)
    return bool(node.HasField("a_const") and node.a_const.isnull)


def default(node: Node) -> Filled:
    """What a default puts into the rows that are there."""
    if is_null(node):
        return "none"
    return "database" if functions(node) <= _STABLE else "volatile"


def functions(node: Message) -> frozenset[str]:
    """The functions that are called within, by the last part of their names."""
    return frozenset(
        names[-1]
        for message in walk(node)
        if message.DESCRIPTOR.name == "FuncCall" and (names := texts(message.funcname))
    )


def proven(condition: Node) -> tuple[str, ...]:
    """The columns that are not NULL wherever a condition of a CHECK is met as people write it."""
    found: list[str] = []
    for part in _conjuncts(condition):
        if part.HasField("null_test") and part.null_test.nulltesttype == NullTestType.IS_NOT_NULL:
            found += _column(part.null_test.arg)
    return tuple(found)


def keys(condition: Node) -> tuple[str, ...]:
    """The columns that a condition compares with values, each row having to meet all of it."""
    found: list[str] = []
    for part in _conjuncts(condition):
        if not part.HasField("a_expr"):
            continue
        compared = part.a_expr
        plain = [name.string.sval for name in compared.name] == ["="]
        if plain and compared.kind == A_Expr_Kind.AEXPR_OP:
            left, right = compared.lexpr, compared.rexpr
            found += _column(left) if _is_value(right) else _column(right) * _is_value(left)
        elif plain and compared.kind == A_Expr_Kind.AEXPR_IN:
            listed = all(_is_value(item) for item in compared.rexpr.list.items)
            found += _column(compared.lexpr) * listed
    return tuple(found)


def _conjuncts(condition: Node) -> Iterator[Node]:
    pending = [condition]
    while pending:
        node = pending.pop()
        if node.HasField("bool_expr") and node.bool_expr.boolop == BoolExprType.AND_EXPR:
            pending += reversed(node.bool_expr.args)
        else:
            yield node


def _is_value(node: Node) -> bool:
    if node.HasField("type_cast"):
        return _is_value(node.type_cast.arg)
    return node.WhichOneof("node") in ("a_const", "param_ref")


def _column(node: Node) -> list[str]:
    names = texts(node.column_ref.fields) if node.HasField("column_ref") else ()
    return [names[-1]] if names else []


def is_plain_cast(node: Node, column: str, wanted: TypeName) -> bool:
    """Whether an expression is the column itself, cast to its new type or not at all."""
    if node.HasField("type_cast"):
        cast = node.type_cast
        return column_type(cast.type_name) == column_type(wanted) and _column(cast.arg) == [column]
    return _column(node) == [column]
