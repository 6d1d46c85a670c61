"""Operations as code: the pieces of which advice is made."""

from collections.abc import Sequence

from iact_guard.analyze.migration.advice.source import Source, source
from iact_guard.model.literal import Value, text
from iact_guard.model.migration import Operation

POSTGRES = "django.contrib.postgres.operations"


def model_of(operation: Operation) -> str:
    """The model that an operation is about, as it writes it."""
    return text(operation.argument("model_name")) or text(operation.argument("name")) or "..."


def field_of(operation: Operation) -> str:
    """The field that an operation is about."""
    return text(operation.argument("name")) or text(operation.argument("old_name")) or "..."


def add_field(operation: Operation, field: Value | None) -> Source:
    """The same AddField with another field."""
    return _with_field("AddField", operation, field)


def alter_field(operation: Operation, field: Value | None) -> Source:
    """An AlterField of the same field."""
    return _with_field("AlterField", operation, field)


def _with_field(kind: str, operation: Operation, field: Value | None) -> Source:
    found = source(field)
    code = f'migrations.{kind}("{model_of(operation)}", "{field_of(operation)}", {found.code})'
    return Source(code, found.imports)


def again(operation: Operation) -> Source:
    """An operation of Django's own as it stands."""
    kind = operation.base or operation.kind
    parts, imports = [], dict[str, None]()
    for argument in operation.arguments:
        found = source(argument.value)
        parts.append(f"{argument.name}={found.code}" if argument.name else found.code)
        imports |= dict.fromkeys(found.imports)
    return Source(f"migrations.{kind}({', '.join(parts)})", tuple(imports))


def sql(forwards: str, backwards: str = "") -> str:
    """A RunSQL, which can be taken back."""
    reverse = _quoted(backwards) if backwards else "migrations.RunSQL.noop"
    return f"migrations.RunSQL({_quoted(forwards)}, {reverse})"


def _quoted(statement: str) -> str:
    return f"'{statement}'" if "'" not in statement else f'"""{statement}"""'


def apart(database: Sequence[str], state: Sequence[str]) -> str:
    """What the database does, and what the models learn."""
    parts = [
        f"{name}=[{', '.join(operations)}]"
        for name, operations in (("database_operations", database), ("state_operations", state))
        if operations
    ]
    return f"migrations.SeparateDatabaseAndState({', '.join(parts)})"


def quoted(columns: Sequence[str]) -> str:
    """Columns as SQL names them."""
    return ", ".join(f'"{column}"' for column in columns)
