"""Names and types, as PostgreSQL's trees hold them."""

from collections.abc import Iterable

from postgast.pg_query_pb2 import Node, RangeVar, TypeName

_TYPES = {
    "int2": "smallint", "int4": "integer", "int8": "bigint", "int": "integer",
    "serial2": "smallint", "smallserial": "smallint", "serial4": "integer", "serial": "integer",
    "serial8": "bigint", "bigserial": "bigint", "bool": "boolean", "float4": "real",
    "float8": "double precision", "bpchar": "char", "decimal": "numeric",
}  # fmt: skip
SERIAL = frozenset({"serial2", "smallserial", "serial4", "serial", "serial8", "bigserial"})


def table(found: RangeVar) -> str:
    """The name of a table, with its schema unless that is `public`."""
    return joined((found.schemaname, found.relname))


def joined(parts: Iterable[str]) -> str:
    """`schema.name`."""
    return ".".join(part for part in parts if part and part != "public")


def texts(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The texts of a list of names."""
    return tuple(node.string.sval for node in nodes if node.HasField("string"))


def path(node: Node) -> tuple[str, ...]:
    """The parts of a dotted name, in whichever of its shapes it comes."""
    match node.WhichOneof("node"):
        case "list":
            return texts(node.list.items)
        case "string":
            return (node.string.sval,)
        case "type_name":
            return texts(node.type_name.names)
        case "object_with_args":
            return texts(node.object_with_args.objname)
        case "range_var":
            return tuple(table(node.range_var).split("."))
    return ()


def written_type(found: TypeName) -> str:
    """The last part of a type's name as it was written: `serial`, `int4`, `audit_kind`."""
    names = texts(found.names)
    return names[-1] if names else ""


def column_type(found: TypeName) -> str:
    """A type in its short name, with its length: `varchar(30)`, `numeric(8,2)`, `text[]`."""
    written = written_type(found)
    plain = _TYPES.get(written, written)
    sizes = [str(size.a_const.ival.ival) for size in found.typmods if size.a_const.HasField("ival")]
    if sizes and plain != "interval":
        plain = (
            f"{plain}({','.join(sizes)}{',0' if plain == 'numeric' and len(sizes) == 1 else ''})"
        )
    return plain + "[]" * len(found.array_bounds)
