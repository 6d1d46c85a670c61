"""Records behave as the library's frozen dataclasses do."""

import dataclasses
from dataclasses import field, replace
from typing import Any

import pytest

from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Ours:
    first: int
    names: tuple[str, ...] = ()
    more: list[int] = field(default_factory=list, compare=False)
    hidden: str = field(default="x", repr=False)

    @property
    def double(self) -> int:
        return self.first * 2


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    first: int
    names: tuple[str, ...] = ()
    more: list[int] = field(default_factory=list, compare=False)
    hidden: str = field(default="x", repr=False)


@dataclass(slots=True, eq=False)
class Node:
    value: int


@dataclass(slots=True)
class Changing:
    value: int = 1

    def __post_init__(self) -> None:
        self.value += 1


@dataclass(frozen=True, slots=True)
class Empty:
    pass


ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, ("a",)), {}),
    ((1,), {"hidden": "y", "more": [2]}),
    ((), {"first": 3, "names": ("b", "c")}),
]


@pytest.mark.parametrize(("given", "named"), ARGUMENTS)
def test_values_are_made_shown_and_taken_apart_alike(
    given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    ours, theirs = Ours(*given, **named), Theirs(*given, **named)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours.double == theirs.first * 2


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), ((1, (), [], "", 5), {}), ((1,), {"no": 1})]
)
def test_what_the_library_refuses_is_refused(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    for made in (Ours, Theirs):
        with pytest.raises(TypeError):
            made(*given, **named)


def test_equal_values_are_one_in_a_set() -> None:
    assert Ours(1, more=[1]) == Ours(1, more=[2])
    assert len({Ours(1), Ours(1), Ours(2)}) == 2
    assert Ours(1) != Ours(1, hidden="z")
    another: object = Theirs(1)
    assert Ours(1) != another
    assert Empty() == Empty()


def test_a_default_that_is_made_is_made_for_each() -> None:
    assert Ours(1).more is not Ours(1).more


def test_one_may_be_made_of_another() -> None:
    assert replace(Ours(1, ("a",)), first=2) == Ours(2, ("a",))


def test_without_comparison_each_is_itself() -> None:
    node = Node(1)
    assert node != Node(1)
    assert len({node, Node(1)}) == 2


def test_what_may_change_has_no_hash_and_is_completed() -> None:
    changing = Changing()
    assert changing.value == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(changing)


def test_there_is_no_room_for_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Node(1).other = 1  # type: ignore[attr-defined]
