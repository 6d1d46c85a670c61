"""How to write rows, and when, as Django code with the names at hand."""

from iact_guard.analyze.migration.effect import Waiting
from iact_guard.analyze.migration.steps import WriteRows
from iact_guard.model.literal import Reference, text
from iact_guard.model.migration import Operation

PORTION = 1000


def in_portions(operation: Operation, step: WriteRows) -> str:
    """The same rows, portion by portion, each committed before the next."""
    own = "In a migration of its own with `atomic = False`"
    if not step.model:
        first, last = "start", f"start + {PORTION - 1}"
        return (
            f"{own}, by a RunPython that goes through the keys: `for start in range(0, last + 1,"
            f' {PORTION}): schema_editor.execute("{_SQL[step.verb]} ... {step.table} ... WHERE id'
            f' BETWEEN %s AND %s", [{first}, {last}])`.'
        )
    if step.verb in ("insert", "any"):
        return (
            f"{own}, {PORTION} rows at a time: `for start in range(0, len(keys), {PORTION}):"
            f" {step.model}.objects.bulk_create(make(keys[start:start + {PORTION}]))`; each call is"
            " a transaction then."
        )
    done = "delete()" if step.verb == "delete" else f"update({_values(step)})"
    if step.serial:
        loop = f"for start in range(0, last + 1, {PORTION}):"
        rows = f"{step.model}.objects.filter(pk__range=(start, start + {PORTION - 1}))"
    else:
        loop = f'while keys := list(todo.values_list("pk", flat=True)[:{PORTION}]):'
        rows = f"{step.model}.objects.filter(pk__in=keys)"
    where = "`last` is the greatest key" if step.serial else "`todo` are the rows still to be done"
    return (
        f"{own}, portion by portion: `{loop} {rows}.{done}`, where {where}; what takes more than"
        " one statement goes into `with transaction.atomic():` within the loop."
    )


_SQL = {"insert": "INSERT INTO", "update": "UPDATE", "delete": "DELETE FROM", "any": "UPDATE"}


def _values(step: WriteRows) -> str:
    names = sorted(step.columns or ())
    return ", ".join(f"{name}=..." for name in names) or "..."


def check_first(waiting: Waiting, refused: Operation) -> str:
    """Apart, or with the checks made before."""
    kind = (refused.base or refused.kind).rpartition(".")[2]
    return (
        f"Move the {kind} into a migration of its own after this one. Where both must stay"
        " together: `migrations.RunSQL('SET CONSTRAINTS ALL IMMEDIATE', reverse_sql="
        f"migrations.RunSQL.noop)` as the first operation has the keys of {waiting.table} checked"
        " at once."
    )


def reverse(operation: Operation) -> str:
    """The argument that lets Django take it back."""
    if (operation.base or operation.kind) == "RunSQL":
        return (
            "Say how it is taken back: `migrations.RunSQL(..., reverse_sql=...)`, or"
            " `reverse_sql=migrations.RunSQL.noop` where nothing needs to be."
        )
    code = operation.argument("code")
    name = code.name if isinstance(code, Reference) else "..."
    return (
        f"Say how it is taken back: `migrations.RunPython({name}, reverse_code=...)`, or"
        " `reverse_code=migrations.RunPython.noop` where the rows may stay as they are."
    )


def nullable_before(operation: Operation, column: str) -> str:
    """A column that can be added again."""
    model, field = (text(operation.argument(a)) or "" for a in ("model_name", "name"))
    return (
        f'First `migrations.AlterField("{model}", "{field}", ...(..., null=True))` in a release of'
        f" its own, then the RemoveField: {column} can be added again to rows that lack it."
    )
