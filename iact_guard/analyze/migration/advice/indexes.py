"""The safe way to an index, and to a unique constraint."""

from collections.abc import Sequence

from iact_guard.analyze.migration.advice.advice import Advice, Part
from iact_guard.analyze.migration.advice.code import (
    POSTGRES,
    add_field,
    again,
    alter_field,
    apart,
    model_of,
    quoted,
    sql,
)
from iact_guard.analyze.migration.advice.names import django_name
from iact_guard.analyze.migration.advice.source import source, with_options
from iact_guard.analyze.migration.state.columns import Column, field_class
from iact_guard.analyze.migration.state.models import part_name
from iact_guard.analyze.migration.steps import AddColumn, AddConstraint, BuildIndex
from iact_guard.model.literal import Call, Value
from iact_guard.model.migration import Operation

MAX_INDEX_NAME = 30
"""Characters that Django lets the name of an index have."""
_VARCHAR = frozenset({
    "CharField", "SlugField", "EmailField", "URLField", "FileField", "ImageField", "FilePathField",
})  # fmt: skip
_LIKE = {"varchar": "varchar_pattern_ops", "text": "text_pattern_ops"}


def build_concurrently(operation: Operation, step: BuildIndex) -> Advice:
    """The index in a migration of its own, outside a transaction."""
    kind = operation.base or operation.kind
    if kind == "AddIndex":
        index = source(operation.argument("index"))
        code = f'AddIndexConcurrently("{model_of(operation)}", {index.code})'
        imports = (*index.imports, f"from {POSTGRES} import AddIndexConcurrently")
        return Advice((Part("build it beside the work", (code,), imports, atomic=False),))
    if kind == "RunSQL":
        why = (
            "write CREATE INDEX CONCURRENTLY, as the only statement of a RunSQL in a migration of"
            " its own with `atomic = False`"
        )
        return Advice((Part(why),))
    columns = tuple(name.strip() for name in step.columns.split(","))
    if kind == "AlterField":
        field = operation.argument("field")
        state = alter_field(operation, field)
        code = apart([_index(step.table, columns)], [state.code])
        built = Part("build it beside the work", (code,), state.imports, atomic=False)
        return Advice((*_like(step.table, columns, field), built))
    names = ", ".join(f'"{name}"' for name in columns)
    named = f"{'_'.join(columns)}_idx"[-MAX_INDEX_NAME:].lstrip("_0123456789")
    called = f'models.Index(fields=[{names}], name="{named}")'
    code = f'AddIndexConcurrently("{model_of(operation)}", {called})'
    imports = (f"from {POSTGRES} import AddIndexConcurrently",)
    why = "put it into Meta.indexes and build it beside the work"
    return Advice((Part(why, (code,), imports, atomic=False),))


def column_then_index(operation: Operation, step: AddColumn) -> Advice:
    """The column first, its index afterwards, beside the work."""
    field = operation.argument("field")
    added = add_field(operation, with_options(field, db_index="False"))
    whole = alter_field(operation, field)
    columns = (step.column.name,)
    code = apart([_index(step.table, columns)], [whole.code])
    return Advice(
        (
            Part("add the column without its index", (added.code,), added.imports),
            *_like(step.table, columns, step.column),
            Part("build it beside the work", (code,), whole.imports, atomic=False),
        )
    )


def column_then_unique(operation: Operation, step: AddColumn) -> Advice:
    """The column first, then the unique index beside the work, then the constraint of it."""
    field, column = operation.argument("field"), step.column
    plain = with_options(field, unique="", null="True")
    if isinstance(plain, Call) and field_class(plain) == "OneToOneField":
        plain = Call("django.db.models.ForeignKey", plain.arguments, plain.location)
        plain = with_options(plain, db_index="False")
    added = add_field(operation, plain)
    whole = alter_field(operation, field)
    return Advice(
        (
            Part(
                "add the column without the rule, so that it may be NULL",
                (added.code,),
                added.imports,
            ),
            *_using_index(step.table, (column.name,), whole.code, whole.imports, column),
        )
    )


def unique_by_index(operation: Operation, step: AddConstraint) -> Advice:
    """A unique index beside the work becomes the constraint."""
    kind = operation.base or operation.kind
    if step.by_index or not step.columns or step.kind != "unique":
        return Advice(
            (
                Part(
                    "take the statement that `sqlmigrate` shows, build it with CREATE UNIQUE INDEX"
                    " CONCURRENTLY in a RunSQL of a migration with `atomic = False`, and put the"
                    f" {kind} beside it as `state_operations` of SeparateDatabaseAndState"
                ),
            )
        )
    name = part_name(operation.argument("constraint"))
    state = again(operation)
    field = operation.argument("field")
    return Advice(_using_index(step.table, step.columns, state.code, state.imports, field, name))


def exclusion(step: AddConstraint) -> Advice:
    """There is none beside the work."""
    return Advice(
        (
            Part(
                f"PostgreSQL builds {step.name} under the lock only: do it while nobody needs"
                f" {step.table}, with a `lock_timeout`, or on a new table to which the rows move"
            ),
        )
    )


def _using_index(
    table: str,
    columns: Sequence[str],
    state: str,
    imports: tuple[str, ...],
    field: Value | Column | None,
    name: str = "",
) -> tuple[Part, ...]:
    name = name or django_name(table, columns, "_uniq")
    build = sql(
        f'CREATE UNIQUE INDEX CONCURRENTLY "{name}" ON "{table}" ({quoted(columns)})',
        f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"',
    )
    attach = sql(
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE USING INDEX "{name}"',
        f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
    )
    return (
        *_like(table, columns, field),
        Part("build its index beside the work", (build,), atomic=False),
        Part("make it the constraint", (apart([attach], [state]),), imports),
    )


def _index(table: str, columns: Sequence[str], suffix: str = "", ops: str = "") -> str:
    name = django_name(table, columns, suffix)
    return sql(
        f'CREATE INDEX CONCURRENTLY "{name}" ON "{table}" ({quoted(columns)}{ops})',
        f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"',
    )


def _like(table: str, columns: Sequence[str], field: Value | Column | None) -> tuple[Part, ...]:
    """The index for LIKE that Django adds for texts with an index of their own."""
    type_ = field.type.partition("(")[0] if isinstance(field, Column) else ""
    if isinstance(field, Call):
        kind = field_class(field)
        type_ = "varchar" if kind in _VARCHAR else "text" if kind == "TextField" else ""
    ops = _LIKE.get(type_)
    if ops is None:
        return ()
    built = _index(table, columns, "_like", f" {ops}")
    return (Part("build the index for LIKE, which Django adds for texts", (built,), atomic=False),)
