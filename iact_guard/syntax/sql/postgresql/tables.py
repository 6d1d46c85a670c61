"""CREATE TABLE and ALTER TABLE to nodes."""

from collections.abc import Callable, Iterator

from postgast.pg_query_pb2 import (
    AlterTableCmd,
    AlterTableStmt,
    AlterTableType,
    ColumnDef,
    Constraint,
    ConstrType,
    CreateStmt,
    DropBehavior,
    Node,
)

from iact_guard.syntax.sql.nodes import (
    AddColumn,
    AddRule,
    Change,
    Column,
    Create,
    DropColumn,
    DropRule,
    Filled,
    Hidden,
    Retype,
    Rule,
    RuleKind,
    SetDefault,
    SetNull,
    ValidateRule,
)
from iact_guard.syntax.sql.nodes import Node as Said
from iact_guard.syntax.sql.postgresql import expressions
from iact_guard.syntax.sql.postgresql.names import (
    SERIAL,
    column_type,
    table,
    texts,
    written_type,
)

_KINDS: dict[int, RuleKind] = {
    ConstrType.CONSTR_CHECK: "check",
    ConstrType.CONSTR_UNIQUE: "unique",
    ConstrType.CONSTR_PRIMARY: "primary key",
    ConstrType.CONSTR_EXCLUSION: "exclude",
    ConstrType.CONSTR_FOREIGN: "foreign key",
}


def create(statement: CreateStmt) -> Iterator[Said]:
    """CREATE TABLE."""
    name = table(statement.relation)
    columns: list[Column] = []
    rules: list[Rule] = []
    for element in statement.table_elts:
        if element.HasField("column_def"):
            columns.append(column(element.column_def))
        elif element.HasField("constraint") and (found := rule(element.constraint)):
            rules.append(found)
    keyed = {key for each in rules if each.kind == "primary key" for key in each.columns}
    parents = [table(parent.range_var) for parent in statement.inh_relations]
    yield Create(
        name,
        columns=tuple(_keyed(each) if each.name in keyed else each for each in columns),
        rules=tuple(rules),
        maybe=statement.if_not_exists,
        parent=parents[0] if parents else "",
        partition=statement.HasField("partbound"),
    )


def _keyed(found: Column) -> Column:
    return Column(found.name, found.type, True, found.filled, primary=True)


def column(found: ColumnDef) -> Column:
    """A column's definition, with the constraints that stand in it."""
    filled: Filled = "volatile" if written_type(found.type_name) in SERIAL else "none"
    not_null, unique, primary, check, references = filled == "volatile", False, False, False, ""
    for item in found.constraints:
        inner = item.constraint
        match inner.contype:
            case ConstrType.CONSTR_NOTNULL:
                not_null = True
            case ConstrType.CONSTR_DEFAULT:
                filled = expressions.default(inner.raw_expr)
            case ConstrType.CONSTR_GENERATED:
                filled = "generated"
            case ConstrType.CONSTR_IDENTITY:
                filled, not_null = "identity", True
            case ConstrType.CONSTR_PRIMARY:
                primary = not_null = True
            case ConstrType.CONSTR_UNIQUE:
                unique = True
            case ConstrType.CONSTR_CHECK:
                check = True
            case ConstrType.CONSTR_FOREIGN:
                references = table(inner.pktable)
    kind = column_type(found.type_name)
    return Column(found.colname, kind, not_null, filled, unique, primary, check, references)


def rule(found: Constraint) -> Rule | None:
    """A constraint of a table; None for what is none, as NOT NULL of PostgreSQL 18 in old words."""
    kind = _KINDS.get(found.contype)
    if kind is None:
        return None
    columns = texts(found.fk_attrs) if kind == "foreign key" else texts(found.keys)
    proves = expressions.proven(found.raw_expr) if kind == "check" else ()
    return Rule(
        found.conname,
        kind,
        columns or proves,
        valid=not found.skip_validation,
        references=table(found.pktable) if kind == "foreign key" else "",
        using_index=found.indexname,
        proves=columns if kind == "primary key" else proves,
    )


def alter(statement: AlterTableStmt) -> Iterator[Said]:
    """The subcommands of ALTER TABLE, and of ALTER INDEX and ALTER VIEW in its form.

    All locks are taken at the start: what takes little comes last here, behind what takes much.
    """
    name = table(statement.relation)
    found = [said for item in statement.cmds for said in _command(name, item.alter_table_cmd)]
    yield from sorted(found, key=_is_mild)


def _is_mild(said: Said) -> bool:
    match said:
        case ValidateRule() | AddRule(rule=Rule(kind="foreign key")):
            return True
    return False


def _command(name: str, command: AlterTableCmd) -> Iterator[Said]:
    kind = AlterTableType.Name(command.subtype)
    method = _COMMANDS.get(kind)
    if method is not None:
        yield from method(name, command)
    elif kind in _CHANGES:
        yield Change(name, _CHANGES[kind])
    else:
        yield Hidden(f"what {kind.removeprefix('AT_')} does to a table is not known")


def _add_column(name: str, command: AlterTableCmd) -> Iterator[Said]:
    yield AddColumn(name, column(getattr(command, "def").column_def), command.missing_ok)


def _drop_column(name: str, command: AlterTableCmd) -> Iterator[Said]:
    yield DropColumn(name, command.name)


def _retype(name: str, command: AlterTableCmd) -> Iterator[Said]:
    definition: ColumnDef = getattr(command, "def").column_def
    wanted = definition.type_name
    using = definition.HasField("raw_default")
    plain = using and expressions.is_plain_cast(definition.raw_default, command.name, wanted)
    yield Retype(name, command.name, column_type(wanted), using and not plain, plain)


def _default(name: str, command: AlterTableCmd) -> Iterator[Said]:
    value: Node = getattr(command, "def")
    dropped = value.WhichOneof("node") is None or expressions.is_null(value)
    yield SetDefault(name, command.name, dropped)


def _identity(name: str, command: AlterTableCmd) -> Iterator[Said]:
    yield SetDefault(name, command.name, dropped=command.subtype == AlterTableType.AT_DropIdentity)


def _not_null(name: str, command: AlterTableCmd) -> Iterator[Said]:
    yield SetNull(name, command.name, command.subtype == AlterTableType.AT_SetNotNull)


def _add_rule(name: str, command: AlterTableCmd) -> Iterator[Said]:
    written: Constraint = getattr(command, "def").constraint
    found = rule(written)
    if found is not None:
        yield AddRule(name, found)
    elif written.contype == ConstrType.CONSTR_NOTNULL and not written.skip_validation:
        yield from (SetNull(name, key, True) for key in texts(written.keys))
    else:
        yield Hidden("what this kind of constraint does is not known")


def _validate(name: str, command: AlterTableCmd) -> Iterator[Said]:
    yield ValidateRule(name, command.name)


def _drop_rule(name: str, command: AlterTableCmd) -> Iterator[Said]:
    yield DropRule(name, command.name, command.behavior == DropBehavior.DROP_CASCADE)


def _attach(name: str, command: AlterTableCmd) -> Iterator[Said]:
    yield Change(name, "take partition")
    yield Change(table(getattr(command, "def").partition_cmd.name), "become partition")


def _detach(name: str, command: AlterTableCmd) -> Iterator[Said]:
    found = getattr(command, "def").partition_cmd
    yield Change(name, "detach partition concurrently" if found.concurrent else "detach partition")


_COMMANDS: dict[str, Callable[[str, AlterTableCmd], Iterator[Said]]] = {
    "AT_AddColumn": _add_column,
    "AT_DropColumn": _drop_column,
    "AT_AlterColumnType": _retype,
    "AT_ColumnDefault": _default,
    "AT_AddIdentity": _identity,
    "AT_SetIdentity": _identity,
    "AT_DropIdentity": _identity,
    "AT_SetNotNull": _not_null,
    "AT_DropNotNull": _not_null,
    "AT_AddConstraint": _add_rule,
    "AT_ValidateConstraint": _validate,
    "AT_DropConstraint": _drop_rule,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
}
_CHANGES = {
    "AT_SetStatistics": "column options",
    "AT_SetOptions": "column options",
    "AT_ResetOptions": "column options",
    "AT_SetStorage": "storage",
    "AT_SetCompression": "storage",
    "AT_DropExpression": "storage",
    "AT_SetRelOptions": "table options",
    "AT_ResetRelOptions": "table options",
    "AT_ReplaceRelOptions": "table options",
    "AT_ClusterOn": "table options",
    "AT_DropCluster": "table options",
    "AT_DetachPartitionFinalize": "table options",
    "AT_ChangeOwner": "owner",
    "AT_AlterConstraint": "rules",
    "AT_EnableRule": "rules",
    "AT_EnableAlwaysRule": "rules",
    "AT_EnableReplicaRule": "rules",
    "AT_DisableRule": "rules",
    "AT_EnableRowSecurity": "row security",
    "AT_DisableRowSecurity": "policy",
    "AT_ForceRowSecurity": "row security",
    "AT_NoForceRowSecurity": "policy",
    "AT_ReplicaIdentity": "replica identity",
    "AT_AddInherit": "inheritance",
    "AT_DropInherit": "inheritance",
    "AT_EnableTrig": "switch trigger",
    "AT_EnableAlwaysTrig": "switch trigger",
    "AT_EnableReplicaTrig": "switch trigger",
    "AT_EnableTrigAll": "switch trigger",
    "AT_EnableTrigUser": "switch trigger",
    "AT_DisableTrig": "switch trigger",
    "AT_DisableTrigAll": "switch trigger",
    "AT_DisableTrigUser": "switch trigger",
    "AT_SetExpression": "rewrite",
    "AT_SetLogged": "rewrite",
    "AT_SetUnLogged": "rewrite",
    "AT_SetTableSpace": "rewrite",
    "AT_SetAccessMethod": "rewrite",
}
"""Subcommands that show in no column, index or constraint, to the steps' kinds of change."""
