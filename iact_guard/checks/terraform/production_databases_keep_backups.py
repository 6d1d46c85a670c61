"""TF010: a fault is often found after days; the backup from before it must still exist then."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.answers import of_the_rest, one_a_place
from iact_guard.analyze.terraform.databases import Backups, backups_of
from iact_guard.analyze.terraform.instances import Instance
from iact_guard.analyze.terraform.production import Environment, environment_of_instance
from iact_guard.analyze.terraform.roots import Root, deployed, role
from iact_guard.model.fact import Fact
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.terraform import TerraformModule


def check(ctx: Context, module: TerraformModule, params: dict[str, Any]) -> Iterator[Answer]:
    """One answer a database of a root, whichever module declares it."""
    plans = deployed(ctx, module)
    if not plans:
        yield NotApplicable(f"judged where it is used: {role(ctx, module).reason}")
        return
    yield from of_the_rest(ctx, module)
    databases = [
        (root, instance, backups, environment_of_instance(ctx, root, instance))
        for root in plans
        for instance in root.instances
        if (backups := backups_of(instance)) and not backups.exempt
    ]
    judged = [each for each in databases if each[3].value is None or each[3].value.production]
    if databases and not judged:
        yield NotApplicable(f"its databases are not in production: {databases[0][3].reason}")
    yield from one_a_place(
        (each[1], answer) for each in judged for answer in _judge(*each, params["days"])
    )


def _judge(
    root: Root,
    instance: Instance,
    backups: Backups,
    environment: Fact[Environment],
    wanted: int,
) -> Iterator[Fail | Unknown]:
    days = backups.days
    number = days.content if isinstance(days.content, int | float) else None
    if number is not None and number >= wanted:
        return
    place = days.trail[0].location if backups.written and days.trail else instance.location
    where = Evidence(instance.location, f"{instance.address}: {environment.reason}")
    evidence = (*days.trail, where, *environment.evidence)
    anchor = f"{instance.module.definition.id}#{instance.type}.{instance.name}"
    if number is None:
        reason = days.reason or "no number of days"
        message = f"{instance.address}: for how long backups are kept is not known: {reason}"
        yield Unknown(message, place, evidence, anchor)
        return
    short = f"{instance.address} keeps backups for {_count(number)}, {wanted} are asked for"
    if environment.state != "known":
        yield Unknown(f"{short} in production: {environment.reason}", place, evidence, anchor)
    elif _elsewhere(root):
        reason = "AWS Backup may keep them: no file says whether it covers this database"
        yield Unknown(f"{short}; {reason}", place, evidence, anchor)
    else:
        yield Fail(short, place, evidence, anchor=anchor)


def _elsewhere(root: Root) -> bool:
    return "aws_backup_selection" in root.types


def _count(days: float) -> str:
    return "no days" if days == 0 else "1 day" if days == 1 else f"{days:g} days"
