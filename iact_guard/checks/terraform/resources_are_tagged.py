"""TF009: a resource without tags belongs to nobody and to no bill."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.answers import by_cause, of_the_rest, one_a_place
from iact_guard.analyze.terraform.instances import Instance
from iact_guard.analyze.terraform.roots import deployed, role
from iact_guard.analyze.terraform.tags import Tags, family, label_attribute, tags_of
from iact_guard.analyze.terraform.terragrunt import governed
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.records import dataclass
from iact_guard.model.terraform import TerraformModule

_REMEDIES = {
    "default_tags": "Set the tags once in `default_tags` of the provider, or in `tags` of the"
    " resource.",
    "default_labels": "Set the labels once in `default_labels` of the provider, or in `labels` of"
    " the resource.",
    "": "Set them on the resource itself, from a shared local (`tags = local.tags`, for an"
    " autoscaling group `tag` blocks): no default tags of a provider reach it.",
}


def check(ctx: Context, module: TerraformModule, params: dict[str, Any]) -> Iterator[Answer]:
    """One answer a resource block; resources that nothing tags at all are one finding a cause."""
    plans = deployed(ctx, module)
    if not plans:
        yield NotApplicable(f"judged where it is used: {role(ctx, module).reason}")
        return
    yield from of_the_rest(ctx, module)
    outside = governed(ctx, module)
    instances = (instance for root in plans for instance in root.instances if not instance.data)
    found = [untagged for one in instances if (untagged := _untagged(one, params))]
    answers = [(untagged, _judge(untagged, outside)) for untagged in found]
    yield from by_cause(
        (untagged.instance, answer, untagged.cause)
        for untagged, answer in answers
        if _shared(untagged, answer, outside)
    )
    yield from one_a_place(
        (untagged.instance, answer)
        for untagged, answer in answers
        if not _shared(untagged, answer, outside)
    )


@dataclass(frozen=True, slots=True)
class _Untagged:
    instance: Instance
    tags: Tags
    missing: tuple[str, ...]

    @property
    def names(self) -> str:
        """The missing tags, with those that only look like them."""
        similar = {key.lower(): key for key in self.tags.merged}
        return ", ".join(
            f"{name} ({similar[name.lower()]} is another tag)" if name.lower() in similar else name
            for name in self.missing
        )

    @property
    def cause(self) -> tuple[str, ...]:
        """What resources that can be mended together have in common."""
        provider = self.tags.provider.block.header if self.tags.provider else None
        place = f"{provider.path}:{provider.line}" if provider else ""
        return (family(self.instance), self.names, self.tags.defaults_from, place)


def _shared(untagged: _Untagged, answer: Fail | Unknown, outside: Evidence | None) -> bool:
    """Whether the cause lies outside of the resource."""
    if isinstance(answer, Unknown):
        return outside is not None and outside in answer.evidence
    return untagged.tags.own.nothing


def _untagged(instance: Instance, params: dict[str, Any]) -> _Untagged | None:
    wanted = params["google_labels"] if family(instance) == "google" else params["tags"]
    tags = tags_of(instance)
    if family(instance) not in params["providers"] or not tags.takes_tags:
        return None
    missing = tuple(name for name in wanted if tags.get(name).nothing)
    return _Untagged(instance, tags, missing) if missing else None


def _judge(untagged: _Untagged, outside: Evidence | None) -> Fail | Unknown:
    instance, tags = untagged.instance, untagged.tags
    what = label_attribute(instance)
    anchor = f"{instance.module.definition.id}#{instance.type}.{instance.name}"
    reason = tags.unsure.reason if tags.unsure else ""
    evidence = tags.evidence
    if not reason and ("*" in tags.ignored or tags.ignored.issuperset(untagged.missing)):
        reason = f"its lifecycle ignores changes of {what}, so others may set them"
    if not reason and outside is not None:
        reason, evidence = outside.message, (*evidence, outside)
    if reason:
        message = f"{instance.address} may lack the {what} {untagged.names}: {reason}"
        return Unknown(message, instance.location, evidence, anchor)
    own = f"no {what}" if tags.own.nothing else f"{what} of its own"
    header = Evidence(instance.location, f"{instance.address} sets {own}")
    return Fail(
        f"{instance.address} lacks the {what} {untagged.names}",
        instance.location,
        (header, *evidence),
        remedy=_REMEDIES[tags.defaults_from],
        anchor=anchor,
    )
