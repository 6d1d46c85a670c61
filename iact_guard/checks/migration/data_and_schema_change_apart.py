"""DM017: locks on tables are not kept while rows are written."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.rows import two_migrations
from iact_guard.analyze.migration.databases.engine import engine
from iact_guard.analyze.migration.mixed import Change, Mixed, mixed
from iact_guard.analyze.migration.replay import effects
from iact_guard.analyze.migration.steps import WriteRows
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Migration
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, migration: Migration, params: dict[str, Any]) -> Iterator[Answer]:
    """Any number of rows in a transaction that alters tables in use."""
    if migration.atomic is False or not engine(ctx.project.config.database).transactional:
        yield NotApplicable("it is no transaction: no lock is kept")
        return
    found = effects(ctx, migration)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    judged: set[str] = set()
    for each in mixed(found.known):
        step, operation = each.outcome.step, each.operation
        if not isinstance(step, WriteRows) or operation.id in judged or step.extent == "row":
            continue
        changes = each.before or (each.after if each.outcome.noticed else ())
        if not changes:
            continue
        judged.add(operation.id)
        evidence = tuple(Evidence(c.operation.location, f"locks {c.table}") for c in changes)
        if step.extent == "unknown":
            message = f"whether a lock is kept while many rows of {step.table} are written"
            yield Unknown(message, operation.location, evidence, anchor=operation.id)
            continue
        yield Fail(
            _message(each, changes[0], step.table),
            operation.location,
            (*each.outcome.evidence, *evidence),
            remedy=two_migrations(operation, changes[0].operation),
            anchor=operation.id,
        )


def _message(each: Mixed, change: Change, table: str) -> str:
    kind = (change.operation.base or change.operation.kind).rpartition(".")[2]
    where = f"{kind} (line {change.operation.location.line})"
    if each.before:
        who = "nobody reads or writes it" if change.everybody else "nobody writes it"
        return (
            f"the lock that {where} takes on {change.table} is kept while the rows of {table} are"
            f" written: {who} until the last one is done"
        )
    return (
        f"the rows of {table} stay locked while {where} waits for the lock on {change.table}: who"
        " waits for one of them may keep it waiting in turn, a deadlock"
    )
