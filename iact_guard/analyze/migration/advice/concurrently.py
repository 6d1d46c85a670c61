"""How to run what refuses to run in a transaction."""

from iact_guard.model.literal import Constant
from iact_guard.model.migration import Operation


def outside(operation: Operation) -> str:
    """A migration that is no transaction; of SQL one statement a query."""
    remedy = (
        "Move it into a migration of its own with `atomic = False` in the class Migration: what"
        " stays in one that is no transaction is not taken back when it fails"
    )
    sql = operation.argument("sql")
    if (operation.base or operation.kind) == "RunSQL" and isinstance(sql, Constant):
        return f'{remedy}. Of several statements make a list: `migrations.RunSQL(["...", "..."])`.'
    return f"{remedy}."
