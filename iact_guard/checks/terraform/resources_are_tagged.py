"""TF009: a resource without tags belongs to nobody and to no bill."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.answers import one_a_place
from iact_guard.analyze.terraform.instances import Instance
from iact_guard.analyze.terraform.roots import deployed, role
from iact_guard.analyze.terraform.tags import family, label_attribute, tags_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.terraform import TerraformModule


def check(ctx: Context, module: TerraformModule, params: dict[str, Any]) -> Iterator[Answer]:
    """One answer a resource block, whatever `for_each` makes of it."""
    plans = deployed(ctx, module)
    if not plans:
        yield NotApplicable(f"judged where it is used: {role(ctx, module).reason}")
        return
    instances = (instance for root in plans for instance in root.instances if not instance.data)
    yield from one_a_place(
        (instance, answer) for instance in instances for answer in _judge(instance, params)
    )


def _judge(instance: Instance, params: dict[str, Any]) -> Iterator[Fail | Unknown]:
    wanted = params["google_labels"] if family(instance) == "google" else params["tags"]
    tags = tags_of(instance)
    if family(instance) not in params["providers"] or not tags.takes_tags:
        return
    missing = [name for name in wanted if tags.get(name).nothing]
    if not missing:
        return
    similar = {key.lower(): key for key in tags.merged}
    names = ", ".join(
        f"{name} ({similar[name.lower()]} is another tag)" if name.lower() in similar else name
        for name in missing
    )
    what = label_attribute(instance)
    anchor = f"{instance.module.definition.id}#{instance.type}.{instance.name}"
    unsure = tags.unsure
    if unsure is not None:
        message = f"{instance.address} may lack the {what} {names}: {unsure.reason}"
        yield Unknown(message, instance.location, tags.evidence, anchor)
        return
    header = Evidence(instance.location, f"{instance.address} sets {_own(instance)}")
    message = f"{instance.address} lacks the {what} {names}"
    yield Fail(message, instance.location, (header, *tags.evidence), anchor=anchor)


def _own(instance: Instance) -> str:
    what = label_attribute(instance)
    return f"no {what}" if tags_of(instance).own.nothing else f"{what} of its own"
