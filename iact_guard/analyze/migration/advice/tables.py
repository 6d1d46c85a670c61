"""The safe way to take a table away, to rename it, and to give a column another type."""

from iact_guard.analyze.migration.advice.advice import Advice, Part
from iact_guard.analyze.migration.advice.code import (
    add_field,
    again,
    apart,
    field_of,
    model_of,
    sql,
)
from iact_guard.analyze.migration.advice.source import source, with_options
from iact_guard.analyze.migration.steps import ChangeType, DropTable, RenameTable
from iact_guard.model.literal import text
from iact_guard.model.migration import Operation


def forget_table(operation: Operation, step: DropTable) -> Advice:
    """Let the code forget it, and drop it in a later release."""
    drop = Part("drop the table", (sql(f'DROP TABLE "{step.table}" CASCADE'),), release=2)
    if (operation.base or operation.kind) not in ("DeleteModel", "RemoveField"):
        return Advice((Part("let the models forget it in this release"), drop))
    state = again(operation)
    return Advice((Part("let only the code forget it", (apart([], [state.code]),)), drop))


def keep_the_table(operation: Operation, step: RenameTable) -> Advice:
    """Rename the model and pin the table: no SQL at all."""
    kind = operation.base or operation.kind
    if kind == "RenameModel":
        old = text(operation.argument("old_name")) or "..."
        pin = f'migrations.AlterModelTable("{old}", "{step.table}")'
        why = "rename the model and leave the table its name (`db_table` in Meta, too)"
        closing = (
            "Neither needs SQL; but a many-to-many field of it needs a `through` model first,"
            " since a column of its table is named for the model."
        )
        return Advice((Part(why, (pin, again(operation).code)),), closing)
    if kind == "RenameField":
        why = f'leave the table its name: `db_table="{step.table}"` in the field'
    else:
        why = f'leave the table its name: `db_table = "{step.table}"` in Meta, and no {kind}'
    return Advice((Part(why),))


def beside(operation: Operation, step: ChangeType) -> Advice:
    """A new column beside the old one; the code moves over."""
    if step.new.primary:
        why = (
            f"add a column of type {step.new.type} beside {step.new.name}, keep it in step by a"
            " trigger, fill it in batches, build a unique index on it CONCURRENTLY, and swap the"
            " two in one short transaction, the columns that refer to it likewise"
        )
        return Advice((Part(why),))
    model, name, field = model_of(operation), field_of(operation), operation.argument("field")
    fresh = source(with_options(field, null="True", db_column="", unique="", primary_key=""))
    added = f'migrations.AddField("{model}", "{name}_new", {fresh.code})'
    pinned = source(with_options(field, null="True", db_column=f'"{name}_new"'))
    forget = f'migrations.RemoveField("{model}", "{name}")'
    rename = f'migrations.RenameField("{model}", "{name}_new", "{name}")'
    column = f'migrations.AlterField("{model}", "{name}_new", {pinned.code})'
    loose = sql(f'ALTER TABLE "{step.table}" ALTER COLUMN "{step.old.name}" DROP NOT NULL')
    gone = sql(f'ALTER TABLE "{step.table}" DROP COLUMN "{step.old.name}"')
    return Advice(
        (
            Part(
                "add a column of the new type, which the code fills as well",
                (added,),
                fresh.imports,
            ),
            Part(f"fill {name}_new in batches, each committed"),
            Part(
                "let the code use the new column only",
                (loose, apart([], [forget, column, rename])),
                pinned.imports,
                release=2,
            ),
            Part("drop the old one", (gone,), release=3),
        )
    )


def generated(operation: Operation) -> Advice:
    """A value of its own in each row: not at once."""
    added = add_field(
        operation, with_options(operation.argument("field"), null="True", db_default="")
    )
    return Advice(
        (
            Part("add the column empty", (added.code,), added.imports),
            Part("set the default for new rows, and fill the others in batches, each committed"),
        )
    )
