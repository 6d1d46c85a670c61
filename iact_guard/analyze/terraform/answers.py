"""Answers about instances to answers about what somebody wrote."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from iact_guard.analyze.terraform.instances import Instance
from iact_guard.model.location import Evidence, Location
from iact_guard.model.policy import Fail, Unknown

MAX_MORE = 20
MAX_PLACES = 50
_NAMED = 3


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


def by_cause(answers: Iterable[tuple[Instance, Fail, tuple[str, ...]]]) -> Iterator[Fail]:
    """One finding for all resource blocks that the same cause makes fail; the others are places.

    The message begins with the address of the instance.
    """
    groups: dict[tuple[str, ...], list[tuple[Instance, Fail]]] = {}
    for instance, answer, cause in answers:
        groups.setdefault(cause, []).append((instance, answer))
    for cause, members in groups.items():
        anchor = "#".join((_root_of(members[0][0]), *cause[:3]))
        blocks = {answer.location: (one, answer) for one, answer in reversed(members)}
        (one, first), *others = sorted(blocks.values(), key=lambda member: member[1].location)
        if others:
            yield replace(_together(one, first, others), anchor=anchor)
        else:
            (fail,) = one_a_place(members)
            yield replace(first, evidence=fail.evidence, anchor=anchor)


def _together(one: Instance, first: Fail, others: list[tuple[Instance, Fail]]) -> Fail:
    addresses = [one.address, *(other.address for other, _ in others)]
    more = f" and {len(addresses) - _NAMED} more" if len(addresses) > _NAMED else ""
    said = first.message.removeprefix(f"{one.address} lacks")
    return replace(
        first,
        message=f"{len(addresses)} resources lack{said}: {', '.join(addresses[:_NAMED])}{more}",
        places=tuple(
            Evidence(answer.location, f"{other.address} too")
            for other, answer in others[:MAX_PLACES]
        ),
    )


def _root_of(instance: Instance) -> str:
    *_, root = instance.module.lineage()
    return root.definition.id
