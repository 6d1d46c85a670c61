"""How to write rows, and when, as Django code with the names at hand."""

from iact_guard.analyze.migration.effect import Impact, Waiting
from iact_guard.analyze.migration.steps import BuildIndex, WriteRows
from iact_guard.model.literal import Reference, text
from iact_guard.model.migration import Migration, Operation

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


def two_migrations(rows: Operation, change: Operation) -> str:
    """The schema in one, the rows in another."""
    code = rows.argument("code")
    kind = (rows.base or rows.kind).rpartition(".")[2]
    shown = f"{kind}({code.name}, ...)" if isinstance(code, Reference) else f"{kind}(...)"
    other = (change.base or change.kind).rpartition(".")[2]
    return (
        f"Two migrations: the {other} in one, `migrations.{shown}` in another with `atomic = False`"
        " that writes portion by portion."
    )


def one_each(migration: Migration, first: Operation) -> str:
    """A migration for each operation."""
    kind = (first.base or first.kind).rpartition(".")[2]
    return (
        f"Leave one operation in {migration.name}, and give each of the others a migration of its"
        f" own (those that need no `atomic = False` without it); or make {kind} one that can be"
        " repeated (IF EXISTS, IF NOT EXISTS)."
    )


def drop_first(step: BuildIndex) -> str:
    """Make room for the second try."""
    name = step.name or "..."
    return (
        "In a migration of its own with `atomic = False`, which first drops what a failed build"
        f" left: `migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS \"{name}\"',"
        " migrations.RunSQL.noop)`, then the build without IF NOT EXISTS."
    )


def with_a_bound(impact: Impact) -> str:
    """A lock that is given up soon, where there is no way without it."""
    if impact == "row_locks":
        return "Write them in portions, in a migration of its own with `atomic = False`."
    if impact.endswith(("scan", "rewrite")):
        return (
            "Take the way that needs no such lock (concurrently, NOT VALID and VALIDATE, a new"
            " column beside the old one), or a window in which nobody uses it."
        )
    return (
        'Give up soon rather than let everybody queue: `migrations.RunSQL("SET lock_timeout ='
        ' \'2s\'", "RESET lock_timeout")` as the first operation, in a migration of its own that is'
        " tried again until it goes through."
    )
