"""Nodes of SQL to steps, with what the models tell of the tables that they name."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, get_args

from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.sql.functions import is_quiet
from iact_guard.analyze.migration.sql.models import Models
from iact_guard.analyze.migration.state.columns import Column
from iact_guard.analyze.migration.steps import (
    ANYTHING,
    AddColumn,
    AddConstraint,
    Aside,
    BuildIndex,
    Change,
    ChangeDefault,
    ChangeTable,
    ChangeType,
    CheckDeferred,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropTable,
    LockTable,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetNotNull,
    SetTimeout,
    Step,
    Truncate,
    Unclear,
    ValidateConstraint,
    WriteRows,
)
from iact_guard.model.location import Location
from iact_guard.syntax.sql import nodes

# Tables of Django's own with a handful of rows.
_SMALL = frozenset({
    "django_migrations", "django_content_type", "django_site", "auth_permission", "auth_group",
})  # fmt: skip


class Translator:
    """Takes nodes one by one, in the scene of their operation."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.models = Models(scene.before)

    def steps(self, node: nodes.Node, place: Location) -> Iterator[Step]:
        """What a node does to the database."""
        match node:
            case nodes.Create() | nodes.Drop() | nodes.RenameTable():
                yield from self._relation(node)
            case nodes.AddColumn() | nodes.DropColumn() | nodes.RenameColumn() | nodes.Retype():
                yield from self._column(node)
            case nodes.SetDefault(table=table, column=name, dropped=dropped):
                yield ChangeDefault(self._table(table), name, dropped)
            case nodes.SetNull(table=table, column=name, not_null=not_null):
                yield from self._null(self._table(table), name, not_null)
            case nodes.AddRule(table=table, rule=rule):
                yield self._rule(self._table(table), rule)
            case nodes.ValidateRule(table=table, name=name):
                yield ValidateConstraint(self._table(table), name)
            case nodes.DropRule(table=table, name=name):
                table = self._table(table)
                yield DropConstraint(table, name, self.models.references(table, name))
            case nodes.CreateIndex() | nodes.DropIndex() | nodes.RenameIndex():
                yield from self._index(node)
            case nodes.Comment(table=table):
                yield ChangeTable(self._table(table), "comment")
            case nodes.Change(table=table, what=what):
                yield self._change(table, what)
            case nodes.Write():
                yield self._write(node, place)
            case _:
                yield from self._rest(node)

    def _rest(self, node: nodes.Node) -> Iterator[Step]:
        match node:
            case nodes.Truncate(table=table, cascade=cascade):
                yield Truncate(self._table(table), cascade)
            case nodes.Lock(table=table, mode=mode):
                yield LockTable(self._table(table), mode)
            case nodes.SetTimeout(name=name, milliseconds=bound, local=local):
                yield SetTimeout(name, bound, local)
            case nodes.CheckDeferred(now=now):
                yield CheckDeferred(now)
            case nodes.Ask(functions=functions):
                loud = [name for name in functions if not is_quiet(name)]
                if loud:
                    reason = f"what the function `{loud[0]}` does is not known"
                    yield Unclear(reason, may=ANYTHING)
                else:
                    yield Aside("SELECT")
            case nodes.Aside(what=what, alone=alone):
                yield Aside(what, alone)
            case nodes.Cascade(what=what, name=name):
                reason = f"{what} {name} CASCADE takes along whatever depends on it"
                yield Unclear(reason, may=frozenset({"remove"}))
            case nodes.Hidden(reason=reason) | nodes.Refused(reason=reason):
                yield Unclear(reason, may=ANYTHING)

    def _table(self, name: str) -> str:
        return self.models.name(name)

    def _relation(self, node: nodes.Create | nodes.Drop | nodes.RenameTable) -> Iterator[Step]:
        match node:
            case nodes.Create(table=name, kind=kind, maybe=maybe):
                table = self._table(name)
                if maybe and self.scene.catalogue.exists(table):
                    yield ChangeTable(table, "replace view") if kind == "view" else _untouched(node)
                    return
                columns = tuple(map(column, node.columns))
                named = [c.references for c in node.columns] + [r.references for r in node.rules]
                references = tuple(dict.fromkeys(self._table(each) for each in named if each))
                yield CreateTable(table, references, columns, kind, maybe)
                if node.parent:
                    change: Change = "new partition" if node.partition else "take partition"
                    yield ChangeTable(self._table(node.parent), change)
            case nodes.Drop(table=name, kind=kind):
                references = self.models.targets(name)
                yield DropTable(self._table(name), references, kind, self.models.use(name))
            case nodes.RenameTable(table=name, to=to):
                if name.endswith("_seq") and self.models.model(name) is None:
                    yield Aside("ALTER SEQUENCE")  # which ALTER TABLE renames as well
                else:
                    yield RenameTable(self._table(name), to, self.models.use(name))

    def _column(
        self, node: nodes.AddColumn | nodes.DropColumn | nodes.RenameColumn | nodes.Retype
    ) -> Iterator[Step]:
        table = self._table(node.table)
        match node:
            case nodes.AddColumn(column=new):
                found = column(new)
                references = self._table(found.references) if found.references else ""
                yield AddColumn(table, replace(found, references=references))
            case nodes.DropColumn(column=name):
                old = self.models.column(node.table, name)
                references = old.references if old else ""
                indexed = bool(old and (old.index or old.unique))
                use = self.models.use(node.table, name)
                yield DropColumn(table, name, references, indexed, use)
            case nodes.RenameColumn(column=name, to=to):
                yield RenameColumn(table, name, to, self.models.use(node.table, name))
            case nodes.Retype(column=name, type=kind, not_null=not_null):
                old = self.models.column(node.table, name)
                if old is None and not node.computed:
                    yield Unclear(f"which type {name} had before is not known", table)
                    return
                old = old or Column(name, "", None, "none")
                new_type = replace(old, type=kind, target="")
                yield ChangeType(table, old, new_type, (), node.computed, node.cast)
                if not_null is not None and not_null != old.not_null:
                    yield from self._null(table, name, not_null)

    def _null(self, table: str, name: str, not_null: bool) -> Iterator[Step]:
        if not not_null:
            yield DropNotNull(table, name)
            return
        old = self.models.column(table, name) or Column(name, "", None, "none")
        yield SetNotNull(table, replace(old, not_null=True))

    def _rule(self, table: str, rule: nodes.Rule) -> Step:
        one = rule.columns[0] if len(rule.columns) == 1 else ""
        known = self.models.column(table, one) if rule.references and one else None
        return AddConstraint(
            table,
            rule.name,
            rule.kind,
            rule.valid,
            references=self._table(rule.references) if rule.references else "",
            using_index=rule.using_index,
            proves=rule.proves,
            columns=rule.columns,
            again=bool(known and known.references == rule.references),
        )

    def _index(
        self, node: nodes.CreateIndex | nodes.DropIndex | nodes.RenameIndex
    ) -> Iterator[Step]:
        match node:
            case nodes.CreateIndex(table=name, columns=columns):
                if node.maybe and self.scene.catalogue.holder(node.name):
                    yield _untouched(node)
                    return
                yield BuildIndex(
                    self._table(name),
                    node.name,
                    ", ".join(columns),
                    node.concurrently,
                    unique=node.unique,
                    unless_exists=node.maybe,
                )
            case nodes.DropIndex(name=name, table=table):
                table = self._table(table) if table else self._holder(name)
                yield DropIndex(table, name, node.concurrently, node.maybe)
            case nodes.RenameIndex(name=name, to=to):
                yield RenameIndex(self._holder(name), name, to)

    def _holder(self, index: str) -> str:
        return self.scene.catalogue.holder(index) or self.models.holder(index) or "?"

    def _change(self, name: str, what: str) -> Step:
        change: Change = next(known for known in get_args(Change) if known == what)
        of_index = name.removeprefix("index ")
        if of_index != name:
            return ChangeTable(self._holder(of_index), change)
        return ChangeTable(self._table(name), change)

    def _write(self, node: nodes.Write, place: Location) -> Step:
        columns = None if node.columns is None else frozenset(node.columns)
        table = self._table(node.table)
        return WriteRows(table, node.verb, self._extent(node), columns, place, whole=node.whole)

    def _extent(self, node: nodes.Write) -> Literal["row", "all"]:
        few = node.rows is not None or node.table in _SMALL
        return "row" if few or self.models.is_key(node.table, frozenset(node.keys)) else "all"


def column(found: nodes.Column) -> Column:
    """A column as it is defined, in the words of the state."""
    return Column(
        found.name,
        found.type,
        found.not_null,
        found.filled,
        unique=found.unique and not found.primary,
        check=found.check,
        primary=found.primary,
        references=found.references,
    )


def _untouched(node: nodes.Create | nodes.CreateIndex) -> Step:
    what = "INDEX" if isinstance(node, nodes.CreateIndex) else node.kind.upper()
    return Aside(f"CREATE {what} IF NOT EXISTS, which is there")
