"""WF209: a migration of production that no finished backup stands before."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.database import (
    Backup,
    backups_before,
    production_migrations_of,
)
from iact_guard.analyze.workflow.unread import unread_in_production
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job, at its first migration."""
    fact = production_migrations_of(ctx, job)
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    if fact.state != "known":
        unread = unread_in_production(ctx, job).known
        if unread:
            message = f"whether {job.key} migrates production: {unread[0].reason}"
            yield Unknown(message, unread[0].location, unread[0].evidence)
        else:
            yield NotApplicable(fact.reason)
        return
    first, *others = fact.known
    backups = backups_before(ctx, job, first)
    if any(backup.holds for backup in backups):
        return
    here = first.location
    evidence = (*first.performed.via, *first.links, *first.evidence, *_evidence(backups))
    places = tuple(Evidence(each.location, "and here") for each in others)
    unclear = next((backup for backup in backups if backup.holds is None), None)
    if unclear:
        message = f"whether a backup stands before this migration: {unclear.reason}"
        yield Unknown(message, here, (*evidence, Evidence(unclear.location, unclear.reason)))
    elif backups:
        why = backups[-1].reason
        yield Fail(
            f"production is migrated although its backup may not exist ({backups[-1].what}): {why}",
            here,
            (*evidence, Evidence(backups[-1].location, why)),
            places,
        )
    else:
        yield Fail("production is migrated without a backup before it", here, evidence, places)


def _evidence(backups: tuple[Backup, ...]) -> Iterator[Evidence]:
    for backup in backups:
        yield from backup.evidence
