"""A statement of PostgreSQL to nodes: nothing of it is left out in silence."""

from collections.abc import Callable, Iterator
from typing import Any

from postgast.pg_query_pb2 import (
    AlterEnumStmt,
    AlterObjectSchemaStmt,
    AlterTableStmt,
    CommentStmt,
    CreateStmt,
    CreateTableAsStmt,
    DropBehavior,
    DropStmt,
    IndexStmt,
    Node,
    ObjectType,
    ReindexObjectType,
    ReindexStmt,
    RenameStmt,
    TransactionStmt,
    TransactionStmtKind,
    TruncateStmt,
    VacuumStmt,
    VariableSetStmt,
    ViewStmt,
)

from iact_guard.syntax.sql.nodes import (
    Aside,
    Ask,
    Cascade,
    Change,
    CheckDeferred,
    Comment,
    Create,
    CreateIndex,
    Drop,
    DropIndex,
    Hidden,
    Lock,
    Relation,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetTimeout,
    Timeout,
    Truncate,
)
from iact_guard.syntax.sql.nodes import Node as Said
from iact_guard.syntax.sql.postgresql import expressions, rows, tables
from iact_guard.syntax.sql.postgresql.names import joined, path, table

_RELATIONS: dict[int, Relation] = {
    ObjectType.OBJECT_TABLE: "table",
    ObjectType.OBJECT_VIEW: "view",
    ObjectType.OBJECT_MATVIEW: "materialized view",
    ObjectType.OBJECT_FOREIGN_TABLE: "table",
}
# Dropped with CASCADE, these take columns, defaults or rules of tables along.
_WIDE = frozenset({
    "FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE", "OPERATOR", "OPCLASS", "OPFAMILY", "TYPE",
    "DOMAIN", "EXTENSION", "SCHEMA", "SEQUENCE", "COLLATION", "LANGUAGE", "CAST", "FDW",
})  # fmt: skip
_UNITS = {"us": 0.001, "": 1, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_MODES = (
    "", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE",
    "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
)  # fmt: skip


def said(statement: Node) -> tuple[Said, ...]:
    """What a statement says; of a kind that is not known, that it is not."""
    kind = statement.WhichOneof("node") or ""
    inner = getattr(statement, kind) if kind else None
    if kind in _STATEMENTS:
        return tuple(_STATEMENTS[kind](inner))
    if kind in _ASIDE:
        return (Aside(_words(kind), alone=kind in _ALONE),)
    return (Hidden(f"what {_words(kind) or 'an empty statement'} does is not known"),)


def _words(kind: str) -> str:
    """`CREATE FUNCTION` of `create_function_stmt`."""
    return _ASIDE.get(kind) or kind.removesuffix("_stmt").replace("_", " ").upper()


def _alter_table(statement: AlterTableStmt) -> Iterator[Said]:
    if statement.objtype in (ObjectType.OBJECT_TABLE, ObjectType.OBJECT_FOREIGN_TABLE):
        yield from tables.alter(statement)
    else:
        yield Aside(f"ALTER {_object(statement.objtype)}")


def _create_as(statement: CreateTableAsStmt) -> Iterator[Said]:
    kind = _RELATIONS.get(statement.objtype, "table")
    yield from rows.within(statement.query)
    yield Create(table(statement.into.rel), kind, maybe=statement.if_not_exists)


def _view(statement: ViewStmt) -> Iterator[Said]:
    yield Create(table(statement.view), "view", maybe=statement.replace)


def _index(statement: IndexStmt) -> Iterator[Said]:
    columns = tuple(item.index_elem.name or "expression" for item in statement.index_params)
    yield CreateIndex(
        table(statement.relation),
        statement.idxname,
        columns,
        statement.unique,
        statement.concurrent,
        statement.if_not_exists,
    )


def _drop(statement: DropStmt) -> Iterator[Said]:
    kind, cascade = statement.remove_type, statement.behavior == DropBehavior.DROP_CASCADE
    for item in statement.objects:
        names = path(item)
        if kind in _RELATIONS:
            yield Drop(joined(names), _RELATIONS[kind])
        elif kind == ObjectType.OBJECT_INDEX:
            yield DropIndex(
                joined(names), concurrently=statement.concurrent, maybe=statement.missing_ok
            )
        elif kind == ObjectType.OBJECT_TRIGGER:
            yield Change(joined(names[:-1]), "drop trigger")
        elif kind == ObjectType.OBJECT_RULE:
            yield Change(joined(names[:-1]), "rules")
        elif kind == ObjectType.OBJECT_POLICY:
            yield Change(joined(names[:-1]), "policy")
        elif cascade and _object(kind) in _WIDE:
            yield Cascade(f"DROP {_object(kind)}", joined(names))
        else:
            yield Aside(f"DROP {_object(kind)}")


def _object(kind: int) -> str:
    """`FOREIGN TABLE` of `OBJECT_FOREIGN_TABLE`."""
    return str(ObjectType.Name(kind)).removeprefix("OBJECT_").replace("_", " ")


def _rename(statement: RenameStmt) -> Iterator[Said]:
    kind, to = statement.rename_type, statement.newname
    name = table(statement.relation)
    schema = statement.relation.schemaname
    if kind in _RELATIONS:
        yield RenameTable(name, joined((schema, to)))
    elif kind == ObjectType.OBJECT_COLUMN and statement.relation_type in _RELATIONS:
        yield RenameColumn(name, statement.subname, to)
    elif kind == ObjectType.OBJECT_INDEX:
        yield RenameIndex(name, joined((schema, to)))
    elif kind in (
        ObjectType.OBJECT_TABCONSTRAINT,
        ObjectType.OBJECT_TRIGGER,
        ObjectType.OBJECT_POLICY,
        ObjectType.OBJECT_RULE,
    ):
        yield Change(name, "rename")
    elif kind == ObjectType.OBJECT_SCHEMA:
        yield Hidden("every table of the schema is called otherwise afterwards")
    else:
        yield Aside(f"ALTER {_object(kind)}")


def _schema(statement: AlterObjectSchemaStmt) -> Iterator[Said]:
    if statement.object_type in _RELATIONS:
        to = joined((statement.newschema, statement.relation.relname))
        yield RenameTable(table(statement.relation), to)
    else:
        yield Aside(f"ALTER {_object(statement.object_type)}")


def _enum(statement: AlterEnumStmt) -> Iterator[Said]:
    if statement.old_val:
        yield Change(joined(name.string.sval for name in statement.type_name), "rename value")
    else:
        yield Aside("ALTER TYPE ... ADD VALUE")


def _comment(statement: CommentStmt) -> Iterator[Said]:
    names = path(statement.object)
    if statement.objtype in _RELATIONS:
        yield Comment(joined(names))
    elif statement.objtype == ObjectType.OBJECT_COLUMN:
        yield Comment(joined(names[:-1]), names[-1])
    else:
        yield Aside("COMMENT")


def _vacuum(statement: VacuumStmt) -> Iterator[Said]:
    full = any(option.def_elem.defname == "full" for option in statement.options)
    what = ("vacuum full" if full else "vacuum") if statement.is_vacuumcmd else "analyze"
    if not statement.rels:
        yield Hidden("every table is vacuumed") if full else Aside(what.upper(), alone=True)
    for item in statement.rels:
        yield Change(table(item.vacuum_relation.relation), what)


def _reindex(statement: ReindexStmt) -> Iterator[Said]:
    concurrently = any(option.def_elem.defname == "concurrently" for option in statement.params)
    what = "reindex concurrently" if concurrently else "reindex"
    if statement.kind == ReindexObjectType.REINDEX_OBJECT_TABLE:
        yield Change(table(statement.relation), what)
    elif statement.kind == ReindexObjectType.REINDEX_OBJECT_INDEX:
        yield Change(f"index {table(statement.relation)}", what)
    else:
        yield Hidden("every index of a schema or a database is built again")


def _set(statement: VariableSetStmt) -> Iterator[Said]:
    if statement.name in ("lock_timeout", "statement_timeout"):
        bounds = [_milliseconds(item) for item in statement.args]
        lock = statement.name == "lock_timeout"
        name: Timeout = "lock_timeout" if lock else "statement_timeout"
        yield SetTimeout(name, bounds[0] if bounds else None, statement.is_local)
    else:
        yield Aside(f"SET {statement.name}".rstrip())


def _milliseconds(value: Node) -> int | None:
    if not value.HasField("a_const"):
        return None
    constant = value.a_const
    if constant.HasField("sval"):
        text = constant.sval.sval.strip()
        number = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
        unit = text[len(number) :].strip()
        try:
            return int(float(number) * _UNITS[unit])
        except (ValueError, KeyError, OverflowError):
            return None
    return constant.ival.ival if not constant.isnull else None


def _transaction(statement: TransactionStmt) -> Iterator[Said]:
    kind = TransactionStmtKind.Name(statement.kind).removeprefix("TRANS_STMT_").replace("_", " ")
    # COMMIT ends the migration's transaction: to take its locks for held errs on the safe side.
    if kind in ("BEGIN", "START", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK TO"):
        yield Aside(kind)
    else:
        yield Hidden(f"what is left after {kind} is not followed")


def _many(field: str) -> Callable[[Any], Iterator[str]]:
    """The names of the tables that a statement lists."""
    return lambda statement: (table(item.range_var) for item in getattr(statement, field))


def _truncate(statement: TruncateStmt) -> Iterator[Said]:
    cascade = statement.behavior == DropBehavior.DROP_CASCADE
    for item in statement.relations:
        yield Truncate(table(item.range_var), cascade)


def _lock(statement: Any) -> Iterator[Said]:
    mode = _MODES[statement.mode] if 0 <= statement.mode < len(_MODES) else ""
    for name in _many("relations")(statement):
        yield Lock(name, mode)


def _statistics(statement: Any) -> Iterator[Said]:
    for name in _many("relations")(statement):
        yield Change(name, "statistics")


def _change(what: str, field: str = "relation") -> Callable[[Any], Iterator[Said]]:
    return lambda statement: iter((Change(table(getattr(statement, field)), what),))


def _refresh(statement: Any) -> Iterator[Said]:
    what = "refresh concurrently" if statement.concurrent else "refresh"
    yield Change(table(statement.relation), what)


def _cluster(statement: Any) -> Iterator[Said]:
    if statement.HasField("relation"):
        yield Change(table(statement.relation), "cluster")
    else:
        yield Hidden("every table that was clustered before is written anew")


def _create_schema(statement: Any) -> Iterator[Said]:
    yield Aside("CREATE SCHEMA")
    for element in statement.schema_elts:
        yield from said(element)


def _call(statement: Any) -> Iterator[Said]:
    yield Ask(tuple(sorted(expressions.functions(statement))))


def _deferred(statement: Any) -> Iterator[Said]:
    yield CheckDeferred(now=not statement.deferred)


def _create(statement: CreateStmt) -> Iterator[Said]:
    yield from tables.create(statement)


_STATEMENTS: dict[str, Callable[[Any], Iterator[Said]]] = {
    "alter_table_stmt": _alter_table,
    "create_stmt": _create,
    "create_table_as_stmt": _create_as,
    "view_stmt": _view,
    "index_stmt": _index,
    "drop_stmt": _drop,
    "rename_stmt": _rename,
    "alter_object_schema_stmt": _schema,
    "alter_enum_stmt": _enum,
    "comment_stmt": _comment,
    "vacuum_stmt": _vacuum,
    "reindex_stmt": _reindex,
    "variable_set_stmt": _set,
    "transaction_stmt": _transaction,
    "truncate_stmt": _truncate,
    "lock_stmt": _lock,
    "create_stats_stmt": _statistics,
    "create_trig_stmt": _change("create trigger"),
    "rule_stmt": _change("rules"),
    "create_policy_stmt": _change("policy", "table"),
    "alter_policy_stmt": _change("policy", "table"),
    "refresh_mat_view_stmt": _refresh,
    "cluster_stmt": _cluster,
    "create_schema_stmt": _create_schema,
    "call_stmt": _call,
    "constraints_set_stmt": _deferred,
    "insert_stmt": rows.insert,
    "update_stmt": rows.update,
    "delete_stmt": rows.delete,
    "merge_stmt": rows.merge,
    "copy_stmt": rows.copy,
    "select_stmt": rows.select,
}
# Statements that touch no table in use.
_ASIDE: dict[str, str] = {
    "create_function_stmt": "CREATE FUNCTION",
    "alter_function_stmt": "ALTER FUNCTION",
    "define_stmt": "CREATE AGGREGATE, OPERATOR or TYPE",
    "create_enum_stmt": "CREATE TYPE",
    "composite_type_stmt": "CREATE TYPE",
    "create_range_stmt": "CREATE TYPE",
    "create_domain_stmt": "CREATE DOMAIN",
    "create_seq_stmt": "CREATE SEQUENCE",
    "alter_seq_stmt": "ALTER SEQUENCE",
    "create_extension_stmt": "CREATE EXTENSION",
    "alter_extension_stmt": "ALTER EXTENSION",
    "create_cast_stmt": "CREATE CAST",
    "create_conversion_stmt": "CREATE CONVERSION",
    "create_op_class_stmt": "CREATE OPERATOR CLASS",
    "create_op_family_stmt": "CREATE OPERATOR FAMILY",
    "create_role_stmt": "CREATE ROLE",
    "alter_role_stmt": "ALTER ROLE",
    "alter_role_set_stmt": "ALTER ROLE",
    "drop_role_stmt": "DROP ROLE",
    "alter_owner_stmt": "ALTER ... OWNER TO",
    "alter_default_privileges_stmt": "ALTER DEFAULT PRIVILEGES",
    "grant_stmt": "GRANT or REVOKE",
    "grant_role_stmt": "GRANT or REVOKE",
    "reassign_owned_stmt": "REASSIGN OWNED",
    "create_event_trig_stmt": "CREATE EVENT TRIGGER",
    "alter_event_trig_stmt": "ALTER EVENT TRIGGER",
    "create_publication_stmt": "CREATE PUBLICATION",
    "alter_publication_stmt": "ALTER PUBLICATION",
    "create_subscription_stmt": "CREATE SUBSCRIPTION",
    "drop_subscription_stmt": "DROP SUBSCRIPTION",
    "create_fdw_stmt": "CREATE FOREIGN DATA WRAPPER",
    "create_foreign_server_stmt": "CREATE SERVER",
    "create_user_mapping_stmt": "CREATE USER MAPPING",
    "alter_database_set_stmt": "ALTER DATABASE",
    "alter_database_stmt": "ALTER DATABASE",
    "createdb_stmt": "CREATE DATABASE",
    "dropdb_stmt": "DROP DATABASE",
    "alter_system_stmt": "ALTER SYSTEM",
    "alter_stats_stmt": "ALTER STATISTICS",
    "variable_show_stmt": "SHOW",
    "explain_stmt": "EXPLAIN",
    "check_point_stmt": "CHECKPOINT",
    "discard_stmt": "DISCARD",
    "notify_stmt": "NOTIFY",
    "listen_stmt": "LISTEN",
    "unlisten_stmt": "UNLISTEN",
    "create_transform_stmt": "CREATE TRANSFORM",
    "create_plang_stmt": "CREATE LANGUAGE",
    "alter_object_depends_stmt": "ALTER ... DEPENDS ON",
    "alter_tsdictionary_stmt": "ALTER TEXT SEARCH DICTIONARY",
    "alter_tsconfiguration_stmt": "ALTER TEXT SEARCH CONFIGURATION",
    "prepare_stmt": "PREPARE",
    "deallocate_stmt": "DEALLOCATE",
    "sec_label_stmt": "SECURITY LABEL",
}
_ALONE = frozenset({"createdb_stmt", "dropdb_stmt", "alter_system_stmt", "drop_subscription_stmt"})
