"""DM021: whoever waits for a lock makes all others wait behind: not for longer than agreed."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.timeouts import Bound, timeouts
from iact_guard.analyze.migration.waits import waits
from iact_guard.model.location import Location
from iact_guard.model.migration import Migration
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """The first operation that waits without the bound that the project expects."""
    expected = {name: bound for name, bound in params.items() if bound}
    if not expected or ctx.project.config.database.engine != "postgresql":
        yield NotApplicable("the project expects no bound, or another database sets it")
        return
    found = waits(ctx, migration)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    around = timeouts(ctx, ctx.project.entities("repository")[0]).known
    for name, bound in expected.items():
        for wait in found.known:
            own = wait.bounds.get(name, 0)
            if own is None:
                message = f"whether {name} is at most {bound} ms is computed"
                yield Unknown(message, wait.operation.location, anchor=wait.operation.id)
                break
            if name in wait.bounds and _is_enough(own, bound):
                continue
            others = [each for each in around if each.name == name]
            if name not in wait.bounds and any(_is_enough(o.milliseconds, bound) for o in others):
                continue
            yield _too_long(wait.operation.location, wait.table, name, own, bound, others)
            break


def _is_enough(bound: int, expected: int) -> bool:
    return 0 < bound <= expected


def _too_long(
    location: Location, table: str, name: str, own: int, expected: int, others: list[Bound]
) -> Fail:
    longest = own or max((other.milliseconds for other in others), default=0)
    what = f"with {name} at {longest} ms" if longest else f"without {name}"
    return Fail(
        f"it waits for a lock on {table} {what}: everybody else waits behind it ({expected} ms are"
        " agreed)",
        location,
        tuple(other.evidence for other in others),
        remedy=f"Begin the migration with `migrations.RunSQL(\"SET {name} = '{expected}ms'\","
        f" reverse_sql=migrations.RunSQL.noop)`, or set it for all of them:"
        f' `"OPTIONS": {{"options": "-c {name}={expected}"}}` of DATABASES.',
    )
