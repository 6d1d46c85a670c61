"""The safe way to a check and to a foreign key."""

from iact_guard.analyze.migration.advice.advice import Advice, Part
from iact_guard.analyze.migration.advice.code import (
    POSTGRES,
    add_field,
    again,
    alter_field,
    apart,
    model_of,
    sql,
)
from iact_guard.analyze.migration.advice.names import check_name, django_name
from iact_guard.analyze.migration.advice.source import source, with_options
from iact_guard.analyze.migration.state.models import part_name
from iact_guard.analyze.migration.steps import AddColumn, AddConstraint, ValidateConstraint
from iact_guard.model.literal import Call
from iact_guard.model.migration import Operation

_SIGNED = {
    "PositiveIntegerField": "IntegerField",
    "PositiveBigIntegerField": "BigIntegerField",
    "PositiveSmallIntegerField": "SmallIntegerField",
}


def check_later(operation: Operation, step: AddConstraint) -> Advice:
    """Added NOT VALID, validated in the next migration."""
    if (operation.base or operation.kind) == "AddConstraint":
        name = part_name(operation.argument("constraint"))
        constraint = source(operation.argument("constraint"))
        model = model_of(operation)
        return Advice(
            (
                Part(
                    "add it for new rows",
                    (f'AddConstraintNotValid("{model}", {constraint.code})',),
                    (*constraint.imports, f"from {POSTGRES} import AddConstraintNotValid"),
                ),
                Part(
                    "validate it",
                    (f'ValidateConstraint("{model}", "{name}")',),
                    (f"from {POSTGRES} import ValidateConstraint",),
                ),
            )
        )
    state = again(operation)
    return Advice(
        _positive(step.table, step.columns[0] if step.columns else "...", state.code, state.imports)
    )


def column_then_check(operation: Operation, step: AddColumn) -> Advice:
    """The column as a plain number, then its check, NOT VALID first."""
    field = operation.argument("field")
    plain = field
    if isinstance(field, Call):
        kind = field.function.rpartition(".")[2]
        signed = f"django.db.models.{_SIGNED.get(kind, 'IntegerField')}"
        plain = Call(signed, field.arguments, field.location)
    added, whole = add_field(operation, plain), alter_field(operation, field)
    return Advice(
        (
            Part("add the column without the check", (added.code,), added.imports),
            *_positive(step.table, step.column.name, whole.code, whole.imports),
        )
    )


def _positive(table: str, column: str, state: str, imports: tuple[str, ...]) -> tuple[Part, Part]:
    name = check_name(table, column)
    added = f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" CHECK ("{column}" >= 0) NOT VALID'
    return _not_valid(table, name, added, state, imports)


def foreign_key_later(operation: Operation, step: AddConstraint) -> Advice:
    """Added NOT VALID, validated in the next migration; not touched where only NULL changes."""
    column = step.columns[0] if step.columns else "..."
    state = again(operation)
    if step.again:
        loose = sql(
            f'ALTER TABLE "{step.table}" ALTER COLUMN "{column}" DROP NOT NULL',
            f'ALTER TABLE "{step.table}" ALTER COLUMN "{column}" SET NOT NULL',
        )
        part = Part("change NULL only", (apart([loose], [state.code]),), state.imports)
        return Advice((part,), "The foreign key stays as it is.")
    return Advice(_reference(step.table, column, step.references, state.code, state.imports))


def column_then_reference(operation: Operation, step: AddColumn) -> Advice:
    """The column without the constraint, then the constraint, NOT VALID first."""
    field, column = operation.argument("field"), step.column
    added = add_field(operation, with_options(field, db_constraint="False", null="True"))
    whole = alter_field(operation, with_options(field, null="True"))
    return Advice(
        (
            Part("add the column without the constraint", (added.code,), added.imports),
            *_reference(step.table, column.name, column.references, whole.code, whole.imports),
        )
    )


def _reference(
    table: str, column: str, other: str, state: str, imports: tuple[str, ...]
) -> tuple[Part, Part]:
    name = django_name(table, (column,), "_fk")
    added = (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ("{column}")'
        f' REFERENCES "{other}" DEFERRABLE INITIALLY DEFERRED NOT VALID'
    )
    return _not_valid(table, name, added, state, imports)


def _not_valid(
    table: str, name: str, added: str, state: str, imports: tuple[str, ...]
) -> tuple[Part, Part]:
    taken_back = f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'
    return (
        Part("add it for new rows", (apart([sql(added, taken_back)], [state]),), imports),
        Part("validate it", (sql(f'ALTER TABLE "{table}" VALIDATE CONSTRAINT "{name}"'),)),
    )


def validate_alone(operation: Operation, step: ValidateConstraint) -> Advice:
    """In a migration of its own."""
    if (operation.base or operation.kind) == "ValidateConstraint":
        code = (f'ValidateConstraint("{model_of(operation)}", "{step.name}")',)
        imports: tuple[str, ...] = (f"from {POSTGRES} import ValidateConstraint",)
    else:
        code = (sql(f'ALTER TABLE "{step.table}" VALIDATE CONSTRAINT "{step.name}"'),)
        imports = ()
    return Advice((Part("validate it in a migration of its own", code, imports),))
