"""Answers about instances to answers about what somebody wrote."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from iact_guard.analyze.terraform.instances import Instance
from iact_guard.model.location import Evidence, Location
from iact_guard.model.policy import Fail, Unknown

MAX_MORE = 20


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
