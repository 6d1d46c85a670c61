"""WF210: a migration of production that nothing looked at before."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.database import production_migrations_of
from iact_guard.analyze.workflow.deploy.migration_checks import (
    checks_before,
    checks_elsewhere,
    library_that_checks,
)
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job, at its first migration."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    migrations = production_migrations_of(ctx, job)
    if migrations.state != "known":
        yield NotApplicable(migrations.reason)
        return
    first, *others = migrations.known
    before = checks_before(ctx, job, first)
    if any(each.holds is not False for each in before) or library_that_checks(ctx):
        return
    evidence = (*first.performed.via, *first.links, *first.evidence)
    evidence += tuple(item for each in before for item in each.evidence)
    places = tuple(Evidence(each.location, "and here") for each in others)
    elsewhere = [each for each in checks_elsewhere(ctx, job) if each.holds is not False]
    if before:
        yield Fail(
            f"production is migrated in {job.key} although the check before it cannot stop it"
            f" ({before[-1].what}): {before[-1].reason}",
            first.location,
            evidence,
            places,
        )
    elif elsewhere:
        other = elsewhere[0]
        yield Unknown(
            f"{other.what} looks at the migrations in {other.job.key} of {other.job.path}, and"
            f" nothing makes {job.key} wait for it; a required check, or a need, would",
            first.location,
            evidence,
        )
    else:
        message = f"production is migrated in {job.key} without a check or a plan before it"
        yield Fail(message, first.location, evidence, places)
