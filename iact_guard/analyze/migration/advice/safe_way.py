"""How to do it instead, as Django code with the names at hand."""

from iact_guard.analyze.migration.state.columns import field_class
from iact_guard.analyze.migration.state.models import flag, part_name
from iact_guard.analyze.migration.steps import DropColumn, RenameColumn
from iact_guard.model.literal import Call, Constant, Reference, text
from iact_guard.model.migration import Operation


def with_database_default(operation: Operation) -> str:
    """The same field with its default in the database; empty where that has no short form."""
    field = operation.argument("field")
    default = _default(field) if isinstance(field, Call) else ""
    if not default or not isinstance(field, Call):
        return ""
    written = f"models.{field_class(field)}(..., db_default={default})"
    return (
        f"Give the database the default: `{_call('AddField', operation, written)}` (Django 5.0 and"
        " later; before, add it with null=True and make it NOT NULL in a later release)."
    )


def nullable_first(operation: Operation) -> str:
    """Expand now, contract in a later release."""
    field = operation.argument("field")
    kind = field_class(field) if isinstance(field, Call) else "..."
    prefix = "models." if isinstance(field, Call) and field.function.startswith("django.") else ""
    nullable = _call("AddField", operation, f"{prefix}{kind}(..., null=True)")
    strict = _call("AlterField", operation, f"{prefix}{kind}(...)")
    return (
        f"Let old code leave it out: `{nullable}` now; once no old code runs, fill the rows in"
        f" batches, then `{strict}`."
    )


def forget_first(operation: Operation, step: DropColumn) -> str:
    """Remove it from the state, and from the database in a later release."""
    removed = _call("RemoveField", operation)
    return (
        "In this release only the code forgets it (a NOT NULL column needs null=True or a"
        " db_default before): `migrations.SeparateDatabaseAndState(state_operations="
        f"[{removed}])`. In the next one: "
        f"""`migrations.RunSQL('ALTER TABLE "{step.table}" DROP COLUMN "{step.column}"')`."""
    )


def under_another_name(table: str, name: str) -> str:
    """The new column keeps a name of its own until no old code runs."""
    return (
        f"Leave {table}.{name} as it is in this release: add the new column under a name of its"
        " own, nullable or with a default in the database, let the new code use it (`db_column`"
        f" where the field keeps its name), and drop {name} once no old code runs."
    )


def keep_the_column(operation: Operation, step: RenameColumn) -> str:
    """Rename the field and pin the column."""
    if (operation.base or operation.kind) == "AlterField":
        return f'Leave the column its name: `db_column="{step.column}"` in the field.'
    model = _name(operation, "model_name")
    old, new = _name(operation, "old_name"), _name(operation, "new_name")
    pinned = f'migrations.AlterField("{model}", "{old}", ...(..., db_column="{step.column}"))'
    return (
        f'Rename the field and leave the column its name: `db_column="{step.column}"` in the model,'
        f' and in the migration `{pinned}` before `migrations.RenameField("{model}", "{old}",'
        f' "{new}")`: neither needs SQL.'
    )


def build_concurrently(operation: Operation, columns: str) -> str:
    """The index in a migration of its own, outside a transaction."""
    model = _name(operation, "model_name") or _name(operation, "name")
    kind = operation.base or operation.kind
    if kind in ("AddField", "AlterField"):
        field = f'"{_name(operation, "name")}"'
        index = f"models.Index(fields=[{field}], name=...)"
        first = "Leave the index out of the field (`db_index=False`) and put it into Meta.indexes; "
    else:
        index, first = _index(operation, columns), ""
    call = f'AddIndexConcurrently("{model}", {index})'
    where = "in a migration" if first else "In a migration"
    return (
        f"{first}{where} of its own with `atomic = False`: `{call}` from"
        " django.contrib.postgres.operations."
    )


def _index(operation: Operation, columns: str) -> str:
    value = operation.argument("index")
    if columns == "expressions" or not isinstance(value, Call):
        names = ", ".join(f'"{column.strip()}"' for column in columns.split(","))
        return "..." if columns == "expressions" else f"models.Index(fields=[{names}], name=...)"
    kind = field_class(value)
    named = "models.Index" if kind == "Index" else kind
    names = ", ".join(f'"{column.strip()}"' for column in columns.split(","))
    return f'{named}(fields=[{names}], name="{part_name(value)}")'


def _default(field: Call) -> str:
    """A default as it may be shown: texts may be secrets, and are not."""
    if flag(field, "auto_now_add") or flag(field, "auto_now"):
        return "Now()"
    default = field.get("default")
    match default:
        case Constant(value=bool() | int() | float() as value):
            return str(value)
        case Constant(value=""):
            return '""'
        case Constant(value=str()):
            return "..."
        case Reference(name="django.utils.timezone.now"):
            return "Now()"
    if default is None and flag(field, "blank"):
        return '""'
    return ""


def _call(kind: str, operation: Operation, field: str = "") -> str:
    parts = [f'"{_name(operation, "model_name")}"', f'"{_name(operation, "name")}"']
    return f"migrations.{kind}({', '.join([*parts, *([field] if field else [])])})"


def _name(operation: Operation, argument: str) -> str:
    return text(operation.argument(argument)) or ""
