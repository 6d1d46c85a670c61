"""Answers about instances to answers about what somebody wrote."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.instances import Instance
from iact_guard.analyze.terraform.roots import left_out
from iact_guard.model.location import Evidence, Location
from iact_guard.model.policy import Fail, Unknown
from iact_guard.model.terraform import TerraformModule

MAX_MORE = 20
MAX_PLACES = 50
_NAMED = 3


def of_the_rest(ctx: Context, module: TerraformModule) -> Iterator[Unknown]:
    """One answer for each bound of the analysis that leaves a part of a root unjudged."""
    for limit in left_out(ctx, module):
        message = f"{limit.message}: what else {module.folder or 'the root'} makes is not judged"
        yield Unknown(message, limit.location, (limit,), f"{module.id}#{limit.message}")


def one_a_place(
    answers: Iterable[tuple[Instance, Fail | Unknown]],
) -> Iterator[Fail | Unknown]:
    """One answer where `for_each`, or several calls, make the same fault of one place.

    The message begins with the address of the instance; the other addresses become evidence.
    """
    groups: dict[tuple[type, Location, str], list[tuple[Instance, Fail | Unknown]]] = {}
    for instance, answer in answers:
        said = answer.message.removeprefix(instance.address)
        groups.setdefault((type(answer), answer.location, said), []).append((instance, answer))
    for (one, first), *others in groups.values():
        addresses = dict.fromkeys(other.address for other, _ in others)
        addresses.pop(one.address, None)  # the same instance, in another plan of the root
        more = (Evidence(one.location, f"{address} too") for address in addresses)
        yield replace(first, evidence=(*first.evidence, *islice(more, MAX_MORE)))


def by_cause(
    answers: Iterable[tuple[Instance, Fail | Unknown, tuple[str, ...]]],
) -> Iterator[Fail | Unknown]:
    """One answer for all resource blocks with the same cause; the others are its places.

    The message begins with the address of the instance.
    """
    groups: dict[tuple[type, tuple[str, ...]], list[tuple[Instance, Fail | Unknown]]] = {}
    for instance, answer, cause in answers:
        groups.setdefault((type(answer), cause), []).append((instance, answer))
    for (_, cause), members in groups.items():
        anchor = "#".join((_root_of(members[0][0]), *cause[:3]))
        blocks = {answer.location: (one, answer) for one, answer in reversed(members)}
        (one, first), *others = sorted(blocks.values(), key=lambda member: member[1].location)
        if others:
            yield replace(_together(one, first, others), anchor=anchor)
        else:
            (fail,) = one_a_place(members)
            yield replace(first, evidence=fail.evidence, anchor=anchor)


def _together(
    one: Instance, first: Fail | Unknown, others: list[tuple[Instance, Fail | Unknown]]
) -> Fail | Unknown:
    addresses = [one.address, *(other.address for other, _ in others)]
    more = f" and {len(addresses) - _NAMED} more" if len(addresses) > _NAMED else ""
    said = first.message.removeprefix(one.address).replace(" lacks ", " lack ", 1)
    message = f"{len(addresses)} resources{said}: {', '.join(addresses[:_NAMED])}{more}"
    places = tuple(Evidence(a.location, f"{o.address} too") for o, a in others[:MAX_PLACES])
    if isinstance(first, Unknown):
        return replace(first, message=message, evidence=(*first.evidence, *places[:MAX_MORE]))
    return replace(first, message=message, places=places)


def _root_of(instance: Instance) -> str:
    *_, root = instance.module.lineage()
    return root.definition.id
