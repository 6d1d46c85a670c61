"""An operation and the state before and after it, to the steps that Django takes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from iact_guard.analyze.migration.columns import (
    Column,
    Hidden,
    Nothing,
    Shape,
    Through,
    field_class,
    may_lead_to,
    same_custom,
    shape,
)
from iact_guard.analyze.migration.declared import shipped
from iact_guard.analyze.migration.state import Field, Model, State, groups, part_name
from iact_guard.analyze.migration.statements import may_do
from iact_guard.analyze.migration.steps import (
    ANYTHING,
    AddColumn,
    AddConstraint,
    BuildIndex,
    ChangeDefault,
    ChangeType,
    Comment,
    ConstraintKind,
    CreateTable,
    Declared,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropTable,
    May,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetNotNull,
    Step,
    Unclear,
    ValidateConstraint,
)
from iact_guard.model.literal import Call, Constant, Items, Reference, Value, same, text
from iact_guard.model.migration import UNKNOWN, Operation

MAX_MODELS = 1_000
"""Above it nobody is searched for references to a model: a search for each would take minutes."""
MAX_FIELDS = 1_600
"""Of a model, as many as PostgreSQL has columns in a table: more are not searched at a renaming."""


class Forwards:
    """Steps of one operation. `declared` is the table of operations of packages."""

    def __init__(
        self, label: str, before: State, after: State, declared: Mapping[str, str]
    ) -> None:
        self.label = label
        self.before = before
        self.after = after
        self.declared = declared

    def steps(self, operation: Operation) -> Iterator[Step]:
        """What is done to the database, in order; nothing for what only Django sees."""
        kind = operation.kind
        plain = operation.base or kind
        if kind in self.declared:
            yield from self._declared(operation)
        elif kind == UNKNOWN:
            reason = f"the operation cannot be read: {operation.reason}"
            yield Unclear(reason, may=ANYTHING)
        elif operation.base and (changed := _changed(operation)):
            reason = f"`{kind}` has its own `{changed}`: what of {plain} is left is not known"
            yield Unclear(reason, may=ANYTHING)
        elif (method := _METHODS.get(plain)) is not None:
            for step in method(self, operation):
                if isinstance(step, Unclear) and not step.may:
                    yield replace(step, may=_MAY.get(plain, step.may))
                else:
                    yield step
        elif plain not in _SILENT | shipped().silent:
            reason = (
                f"what `{kind}` does is not known: `migrations.operations` in the configuration"
                " can say it"
            )
            yield Unclear(reason, may=ANYTHING)

    def _declared(self, operation: Operation) -> Iterator[Step]:
        model = self._model(operation)
        table = (model.table or "") if model else ""
        yield Declared(operation.kind, self.declared[operation.kind], table)
        name = text(operation.argument("name"))
        found = model.find(name) if model and operation.kind in shipped().sets_default else None
        if model and found:
            column = shape(found, model, self.before)
            if isinstance(column, Column):
                yield ChangeDefault(table, column.name, dropped=False)

    def _model(self, operation: Operation) -> Model | None:
        name = text(operation.argument("model_name")) or text(operation.argument("name"))
        return self.before.get(self.label, name)

    def _table(self, operation: Operation) -> tuple[Model | None, str, Iterator[Step]]:
        """The model before the operation and its table, or the step that says why there is none."""
        model = self._model(operation)
        if model is None:
            name = text(operation.argument("model_name")) or text(operation.argument("name"))
            called = f"the model {self.label}.{name}" if name else "its model"
            return None, "", iter((Unclear(f"{called} is not in the state before it"),))
        if not model.has_table:
            return None, "", iter(())
        if model.table is None:
            return None, "", iter((Unclear(f"the table of {model.name} has a computed name"),))
        return model, model.table, iter(())

    def _create_model(self, operation: Operation) -> Iterator[Step]:
        model = self.after.get(self.label, text(operation.argument("name")))
        if model is None or not isinstance(operation.argument("fields"), Items):
            yield Unclear("its name or its fields are computed")
            return
        if not model.has_table:
            return
        if model.table is None:
            yield Unclear(f"the table of {model.name} has a computed name")
            return
        shapes = [shape(f, model, self.after) for f in model.fields.values()]
        columns = tuple(s for s in shapes if isinstance(s, Column))
        references = tuple(dict.fromkeys(c.references for c in columns if c.references))
        yield CreateTable(model.table, references, columns)
        for found in shapes:
            if isinstance(found, Through):
                yield _through_table(found, model.table)

    def _delete_model(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is None:
            return
        shapes = [shape(f, model, self.before) for f in model.fields.values()]
        for found in shapes:
            if isinstance(found, Through) and found.table:
                yield DropTable(found.table, (table, found.references))
        references = [s.references for s in shapes if isinstance(s, Column) and s.references]
        yield DropTable(table, tuple(dict.fromkeys(references)))

    def _rename_model(self, operation: Operation) -> Iterator[Step]:
        old = self.before.get(self.label, text(operation.argument("old_name")))
        new = self.after.get(self.label, text(operation.argument("new_name")))
        if old is None or new is None:
            yield Unclear("the model that it renames is not in the state before it")
            return
        yield from self._renamed_table(old, new)

    def _alter_table(self, operation: Operation) -> Iterator[Step]:
        model, _, why = self._table(operation)
        yield from why
        new = self.after.models.get(model.key) if model else None
        if model is not None and new is not None:
            yield from self._renamed_table(model, new)

    def _renamed_table(self, old: Model, new: Model) -> Iterator[Step]:
        if not old.has_table:
            return
        if old.table is None or new.table is None:
            yield Unclear(f"the table of {old.name} has a computed name")
            return
        if old.table == new.table:
            return
        yield RenameTable(old.table, new.table)
        if len(old.fields) > MAX_FIELDS:
            yield Unclear("too many fields to find those with a table of their own", old.table)
            return
        for name, item in old.fields.items():
            if not isinstance(item.value, Call) or "ManyToMany" not in field_class(item.value):
                continue
            was = shape(item, old, self.before)
            now = shape(new.fields[name], new, self.after) if name in new.fields else None
            if isinstance(was, Through) and isinstance(now, Through) and was.table != now.table:
                yield RenameTable(was.table or "?", now.table or "?")

    def _order_with_respect_to(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is None:
            return
        new = self.after.models.get(model.key, model).options.get("order_with_respect_to")
        old = model.options.get("order_with_respect_to")
        has, had = _given(new), _given(old)
        if has and not had:
            yield AddColumn(table, Column("_order", "integer", True, "python"))
        elif had and not has:
            yield DropColumn(table, "_order")

    def _table_comment(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is not None:
            yield Comment(table)

    def _together(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is None:
            return
        unique = (operation.base or operation.kind) == "AlterUniqueTogether"
        option = "unique_together" if unique else "index_together"
        old = groups(model.options.get(option))
        new = groups(operation.argument(option))
        if old is None or new is None:
            yield Unclear(f"its {option} is computed", table)
            return
        before, after = frozenset(old), frozenset(new)
        for names in old:
            if names not in after:
                name = ", ".join(names)
                yield DropConstraint(table, name) if unique else DropIndex(table, name)
        for names in new:
            if names not in before:
                name = ", ".join(names)
                if unique:
                    yield AddConstraint(table, name, "unique")
                else:
                    yield BuildIndex(table, "", name, cause="index_together")

    def _add_field(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        new = self.after.models.get(model.key) if model else None
        found = new.find(text(operation.argument("name"))) if new else None
        if model is None:
            return
        if new is None or found is None:
            yield Unclear("the name of the field is computed", table)
            return
        what = shape(found, new, self.after)
        match what:
            case Column():
                yield AddColumn(table, what)
            case Through():
                yield _through_table(what, table)
            case Hidden(reason=reason):
                yield Unclear(reason, table, may=frozenset({"require", "index"}))

    def _field(
        self, operation: Operation, model: Model | None, table: str, name: str
    ) -> tuple[Field | None, Iterator[Step]]:
        found = model.find(text(operation.argument(name))) if model else None
        if model is not None and found is None:
            called = text(operation.argument(name)) or "it changes"
            reason = f"the field {called} of {model.name} is not in the state before it"
            return None, iter((Unclear(reason, table),))
        return found, iter(())

    def _remove_field(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        found, why = self._field(operation, model, table, "name")
        yield from why
        if model is None or found is None:
            return
        match shape(found, model, self.before):
            case Column(name=name, references=references):
                yield DropColumn(table, name, references)
            case Through(table=through, references=references):
                yield DropTable(through or "?", (table, references))
            case Hidden(reason=reason):
                yield Unclear(reason, table)

    def _rename_field(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        found, why = self._field(operation, model, table, "old_name")
        yield from why
        new = self.after.models.get(model.key) if model else None
        renamed = new.find(text(operation.argument("new_name"))) if new else None
        if model is None or found is None or new is None or renamed is None:
            return
        old_shape, new_shape = shape(found, model, self.before), shape(renamed, new, self.after)
        match old_shape, new_shape:
            case Column(name=old), Column(name=now) if old != now:
                yield RenameColumn(table, old, now)
            case Through(table=old), Through(table=now) if old != now:
                yield RenameTable(old or "?", now or "?")
            case (Hidden(reason=reason), _) | (_, Hidden(reason=reason)):
                yield Unclear(reason, table)

    def _alter_field(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        found, why = self._field(operation, model, table, "name")
        yield from why
        new = self.after.models.get(model.key) if model else None
        altered = new.find(text(operation.argument("name"))) if new else None
        if model is None or found is None or new is None or altered is None:
            return
        if same(found.value, altered.value):
            return
        old_shape = shape(found, model, self.before)
        new_shape = shape(altered, new, self.after)
        yield from self._altered(model, table, old_shape, new_shape)

    def _altered(self, model: Model, table: str, old: Shape, new: Shape) -> Iterator[Step]:
        match old, new:
            case (Hidden(reason=reason), _) | (_, Hidden(reason=reason)):
                yield Unclear(reason, table, may=frozenset({"require", "rename", "index"}))
            case Column(), Column():
                rekeyed = old.primary and old.type != new.type
                if rekeyed and len(self.before.models) > MAX_MODELS:
                    yield Unclear("too many models to find those that refer to it", table)
                    return
                referencing = self._referencing(model) if rekeyed else ()
                yield from changed_column(table, old, new, referencing)
            case Through(), Through():
                if old.table != new.table and old.table and new.table:
                    yield RenameTable(old.table, new.table)
                elif old.references != new.references:
                    yield Unclear("its table refers to another one afterwards", table)
            case Nothing(), Nothing():
                return
            case _:
                yield Unclear("Django cannot turn such a field into the other", table)

    def _referencing(self, model: Model) -> tuple[str, ...]:
        """Tables with a foreign key to a model."""
        found: dict[str, None] = {}
        earlier = (old for (_, old), new in self.before.renamed.items() if new == model.key)
        names = frozenset((model.name.lower(), *earlier))
        for other in self.before.models.values():
            if not other.has_table or not other.table:
                continue
            for item in other.fields.values():
                if other is not model and not may_lead_to(item, other, names):
                    continue
                what = shape(item, other, self.before)
                if isinstance(what, Column) and what.target == model.table:
                    found[other.table] = None
                elif (
                    isinstance(what, Through)
                    and what.table
                    and (other is model or what.references == model.table)
                ):
                    found[what.table] = None
        return tuple(found)

    def _add_index(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is not None:
            value = operation.argument("index")
            concurrently = (operation.base or operation.kind) == "AddIndexConcurrently"
            yield BuildIndex(table, part_name(value), _index_columns(value), concurrently)

    def _remove_index(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is not None:
            concurrently = (operation.base or operation.kind) == "RemoveIndexConcurrently"
            yield DropIndex(table, text(operation.argument("name")) or "", concurrently)

    def _rename_index(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is not None:
            old = text(operation.argument("old_name")) or ""
            yield RenameIndex(table, old, text(operation.argument("new_name")) or "")

    def _add_constraint(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is None:
            return
        value = operation.argument("constraint")
        valid = (operation.base or operation.kind) != "AddConstraintNotValid"
        kind = _constraint_kind(value)
        if kind == "unknown":
            yield Unclear("the class of the constraint is not one of Django's", table)
        else:
            yield AddConstraint(
                table, part_name(value), kind, valid, by_index=_is_index(value, kind)
            )

    def _alter_constraint(self, operation: Operation) -> Iterator[Step]:
        """Only what Django sees of it changes: its message."""
        yield from self._table(operation)[2]

    def _remove_constraint(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is None:
            return
        name = text(operation.argument("name")) or ""
        known = model.constraints.get(name)
        if known is not None and _is_index(known.value, _constraint_kind(known.value)):
            yield DropIndex(table, name)
        else:
            yield DropConstraint(table, name)

    def _validate(self, operation: Operation) -> Iterator[Step]:
        model, table, why = self._table(operation)
        yield from why
        if model is not None:
            yield ValidateConstraint(table, text(operation.argument("name")) or "")

    def _run_sql(self, operation: Operation) -> Iterator[Step]:
        sql = operation.argument("sql")
        if _is_noop(sql) or (isinstance(sql, Items) and not sql.items):
            return
        reason = "raw SQL is not read by this version, beyond what its words rule out"
        yield Unclear(reason, may=may_do(sql))

    def _separate(self, operation: Operation) -> Iterator[Step]:
        """Its operations are taken one by one: here only what hides them."""
        if operation.arguments:
            yield Unclear("its arguments are computed, and operations may be among them")

    def _run_python(self, operation: Operation) -> Iterator[Step]:
        if not _is_noop(operation.argument("code")):
            yield Unclear("what the function of RunPython writes is not analysed", schema=False)


_METHODS = {
    "CreateModel": Forwards._create_model,
    "DeleteModel": Forwards._delete_model,
    "RenameModel": Forwards._rename_model,
    "AlterModelTable": Forwards._alter_table,
    "AlterModelTableComment": Forwards._table_comment,
    "AlterOrderWithRespectTo": Forwards._order_with_respect_to,
    "AlterUniqueTogether": Forwards._together,
    "AlterIndexTogether": Forwards._together,
    "AddField": Forwards._add_field,
    "RemoveField": Forwards._remove_field,
    "RenameField": Forwards._rename_field,
    "AlterField": Forwards._alter_field,
    "AddIndex": Forwards._add_index,
    "AddIndexConcurrently": Forwards._add_index,
    "RemoveIndex": Forwards._remove_index,
    "RemoveIndexConcurrently": Forwards._remove_index,
    "RenameIndex": Forwards._rename_index,
    "AddConstraint": Forwards._add_constraint,
    "AddConstraintNotValid": Forwards._add_constraint,
    "AlterConstraint": Forwards._alter_constraint,
    "RemoveConstraint": Forwards._remove_constraint,
    "ValidateConstraint": Forwards._validate,
    "RunSQL": Forwards._run_sql,
    "RunPython": Forwards._run_python,
    "SeparateDatabaseAndState": Forwards._separate,
}
_SILENT = frozenset({"AlterModelOptions", "AlterModelManagers"})
# What an operation may do of which a part is not known.
_MAY: dict[str, frozenset[May]] = {
    "AddField": frozenset({"require"}),
    "RemoveField": frozenset({"remove"}),
    "RenameField": frozenset({"rename"}),
    "AddIndex": frozenset({"index"}),
    "AlterIndexTogether": frozenset({"index"}),
    "SeparateDatabaseAndState": ANYTHING,
}
# Methods of Django's operations that decide what happens to the database.
_DECISIVE = ("database_forwards", "_run_sql", "__init__", "__new__")


def _changed(operation: Operation) -> str:
    """The method that makes a subclass something else than what it derives from."""
    if operation.base == "RunPython" and "database_forwards" not in operation.overrides:
        return ""  # other arguments, another function: it writes rows either way
    return next((name for name in _DECISIVE if name in operation.overrides), "")


def changed_column(
    table: str, old: Column, new: Column, referencing: tuple[str, ...] = ()
) -> Iterator[Step]:
    """The steps from one form of a column to another."""
    if old.name != new.name:
        yield RenameColumn(table, old.name, new.name)
    retyped = False
    if old.custom or new.custom:
        if not same_custom(old, new):
            yield Unclear(f"the type of {new.name} hangs on a field class that is not known", table)
    elif old.type != new.type:
        retyped = True
        yield from _retyped(table, old, new, referencing)
    elif not old.type:
        yield Unclear(f"the type of {new.name} is computed", table)
    if old.not_null is None or new.not_null is None:
        # The same class twice: what it does about NULL, it does in both.
        if not (old.custom and old.not_null == new.not_null):
            yield Unclear(f"whether {new.name} may be NULL is not known", table)
    elif old.not_null != new.not_null:
        yield SetNotNull(table, new) if new.not_null else DropNotNull(table, new.name)
        retyped = retyped or bool(new.references)
    yield from _changed_rest(table, old, new, again=retyped)


def _changed_rest(table: str, old: Column, new: Column, *, again: bool) -> Iterator[Step]:
    """Default, keys, indexes, comment."""
    if not same(old.database_default, new.database_default):
        yield ChangeDefault(table, new.name, dropped=new.database_default is None)
    if old.references and (not new.references or again):
        yield DropConstraint(table, f"{old.name} foreign key", old.references)
    if new.references and (not old.references or again):
        yield AddConstraint(
            table, f"{new.name} foreign key", "foreign key", references=new.references
        )
    if old.unique and not new.unique:
        yield DropConstraint(table, f"{old.name} unique")
    if new.unique and not old.unique:
        yield AddConstraint(table, f"{new.name} unique", "unique")
    if old.index and not new.index and not new.unique:
        yield DropIndex(table, f"{old.name} index")
    if new.index and not old.index:
        cause = "no longer unique" if old.unique else "db_index turned on"
        yield BuildIndex(table, "", new.name, cause=cause)
    if old.check and not new.check:
        yield DropConstraint(table, f"{old.name} check")
    if new.check and not old.check:
        yield AddConstraint(table, f"{new.name} check", "check")
    if old.comment != new.comment:
        yield Comment(table, new.name)


def _retyped(table: str, old: Column, new: Column, referencing: tuple[str, ...]) -> Iterator[Step]:
    if not old.type or not new.type:
        yield Unclear(f"the type of {new.name} is computed", table)
    elif old.target and new.target:
        yield Unclear(f"{new.name} refers to another table afterwards", table)
    else:
        yield ChangeType(table, old, new, referencing)


def _through_table(found: Through, table: str) -> Step:
    references = tuple(dict.fromkeys((table, found.references)))
    return CreateTable(found.table or "?", references)


def _given(value: Value | None) -> bool:
    return value is not None and not (isinstance(value, Constant) and not value.value)


def _is_noop(value: Value | None) -> bool:
    if isinstance(value, Reference):
        return value.name.endswith((".RunPython.noop", ".RunSQL.noop"))
    return isinstance(value, Constant) and isinstance(value.value, str) and not value.value.strip()


def _index_columns(value: Value | None) -> str:
    fields = value.get("fields") if isinstance(value, Call) else None
    names = [text(f) or "?" for f in fields.items] if isinstance(fields, Items) else []
    return ", ".join(name.removeprefix("-") for name in names) or "expressions"


_CONSTRAINTS: dict[str, ConstraintKind] = {
    "CheckConstraint": "check",
    "UniqueConstraint": "unique",
    "ExclusionConstraint": "exclude",
}


def _constraint_kind(value: Value | None) -> ConstraintKind:
    if isinstance(value, Call) and value.function.startswith("django."):
        return _CONSTRAINTS.get(value.function.rpartition(".")[2], "unknown")
    return "unknown"


def _is_index(value: Value | None, kind: ConstraintKind) -> bool:
    if kind != "unique" or not isinstance(value, Call):
        return False
    named = ("condition", "include", "opclasses")
    expressions = any(not argument.name for argument in value.arguments)
    return expressions or any(_given(value.get(name)) for name in named)
