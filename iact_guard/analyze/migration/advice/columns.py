"""The safe way to add a column, to make it NOT NULL, to take it away, to rename it."""

from iact_guard.analyze.migration.advice.advice import Advice, Part
from iact_guard.analyze.migration.advice.code import (
    POSTGRES,
    add_field,
    again,
    alter_field,
    apart,
    field_of,
    model_of,
    sql,
)
from iact_guard.analyze.migration.advice.source import source, with_options
from iact_guard.analyze.migration.steps import AddColumn, DropColumn, RenameColumn, SetNotNull
from iact_guard.model.literal import Call, Constant, Reference, Value
from iact_guard.model.migration import Operation


def with_database_default(operation: Operation) -> Advice | None:
    """The same field with its default in the database (Django 5.0); None where it is computed."""
    field = operation.argument("field")
    default = _database_default(field)
    if not default:
        return None
    found = add_field(operation, with_options(field, db_default=default, default=""))
    imports = found.imports
    if default == "Now()":
        imports = (*imports, "from django.db.models.functions import Now")
    return Advice(
        (Part("give the database the default", (found.code,), imports),),
        "(`db_default`: Django 5.0 and later.)",
    )


def nullable_first(operation: Operation, step: AddColumn, condition: str) -> Advice:
    """Expand now; fill the rows and contract in a later release."""
    field = operation.argument("field")
    added = add_field(operation, with_options(field, null="True", unique=""))
    first = Part("add it so that old code may leave it out", (added.code,), added.imports)
    fill = Part(f"fill {step.table}.{step.column.name} in batches, each committed", release=2)
    strict = SetNotNull(step.table, step.column)
    return Advice((first, fill, *_not_null(operation, strict, condition, release=2)))


def not_null(operation: Operation, step: SetNotNull, condition: str) -> Advice:
    """A check proves that there is no NULL, then NOT NULL costs a moment."""
    column = f"{step.table}.{step.column.name}"
    fill = Part(f"fill the rows in which {column} is NULL in batches, each committed")
    checked, *proved = _not_null(operation, step, condition)
    return Advice((checked, fill, *proved))


def _not_null(
    operation: Operation, step: SetNotNull, condition: str, release: int = 1
) -> tuple[Part, ...]:
    table, column, model = step.table, step.column.name, model_of(operation)
    name = f"{column}_not_null"
    filled = f"{condition}=models.Q({field_of(operation)}__isnull=False)"
    check = f'models.CheckConstraint({filled}, name="{name}")'
    altered = alter_field(operation, operation.argument("field"))
    statement = sql(
        f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET NOT NULL',
        f'ALTER TABLE "{table}" ALTER COLUMN "{column}" DROP NOT NULL',
    )
    return (
        Part(
            "have new rows checked",
            (f'AddConstraintNotValid("{model}", {check})',),
            (f"from {POSTGRES} import AddConstraintNotValid",),
            release=release,
        ),
        Part(
            "validate it",
            (f'ValidateConstraint("{model}", "{name}")',),
            (f"from {POSTGRES} import ValidateConstraint",),
            release=release,
        ),
        Part(
            "make it NOT NULL, which reads no row any more, and drop the check",
            (
                apart([statement], [altered.code]),
                f'migrations.RemoveConstraint("{model}", "{name}")',
            ),
            altered.imports,
            release=release,
        ),
    )


def forget_first(operation: Operation, step: DropColumn) -> Advice:
    """Let the code forget it, and drop it from the database in a later release."""
    parts = []
    if _must_be_named(step.field):
        loose = source(with_options(step.field, null="True"))
        code = (
            f'migrations.AlterField("{model_of(operation)}", "{field_of(operation)}", {loose.code})'
        )
        parts.append(Part("let INSERTs leave it out", (code,), loose.imports))
    removed = again(operation)
    parts.append(Part("let only the code forget it", (apart([], [removed.code]),)))
    statement = sql(f'ALTER TABLE "{step.table}" DROP COLUMN "{step.column}"')
    parts.append(Part("drop it", (statement,), release=2))
    return Advice(tuple(parts))


def keep_the_column(operation: Operation, step: RenameColumn) -> Advice:
    """Rename the field and pin the column: no SQL at all."""
    if (operation.base or operation.kind) == "AlterField":
        pinned = alter_field(
            operation, with_options(operation.argument("field"), db_column=f'"{step.column}"')
        )
        return Advice((Part("leave the column its name", (pinned.code,), pinned.imports),))
    field = source(with_options(step.field, db_column=f'"{step.column}"'))
    model, old = model_of(operation), field_of(operation)
    pinned_code = f'migrations.AlterField("{model}", "{old}", {field.code})'
    part = Part(
        "rename the field and leave the column its name (`db_column` in the model, too)",
        (pinned_code, again(operation).code),
        field.imports,
    )
    return Advice((part,), "Neither needs SQL.")


def under_another_name(table: str, name: str) -> Advice:
    """The new column keeps a name of its own until no old code runs."""
    why = (
        f"leave {table}.{name} as it is in this release: add the new column under a name of its"
        " own, nullable or with a default in the database, let the new code use it (`db_column`"
        f" where the field keeps its name), and drop {name} once no old code runs"
    )
    return Advice((Part(why),))


def keep_a_default(operation: Operation) -> Advice:
    """Before the models forget a column, INSERTs must be able to leave it out."""
    return Advice(
        (
            Part(
                f"before the models forget {field_of(operation)}, let it be NULL (`AlterField` with"
                " `null=True`) or give it a default in the database (`db_default`)"
            ),
        )
    )


def _must_be_named(field: Value | None) -> bool:
    """Whether INSERTs that leave a column out fail."""
    if not isinstance(field, Call):
        return False
    null = field.get("null")
    return field.get("db_default") is None and not (
        isinstance(null, Constant) and null.value is True
    )


def _database_default(field: Value | None) -> str:
    """A default of Python's as the database can have it, as code; empty for what is computed."""
    if not isinstance(field, Call):
        return ""
    auto = (field.get("auto_now_add"), field.get("auto_now"))
    if any(isinstance(value, Constant) and value.value is True for value in auto):
        return "Now()"
    default, blank = field.get("default"), field.get("blank")
    match default:
        case Constant(value=str() | bool() | int() | float()):
            return source(default).code
        case Reference(name="django.utils.timezone.now"):
            return "Now()"
        case None if isinstance(blank, Constant) and blank.value is True:
            return '""'
    return ""
