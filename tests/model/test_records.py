"""Records behave as the library's frozen dataclasses do."""

import copy
import dataclasses
import pickle
from dataclasses import field, replace
from functools import cached_property
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


@dataclass(frozen=True, slots=True, order=True)
class Version:
    major: int
    minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    first: int = 1
    second: str


@dataclass(frozen=True)
class Roomy:
    value: list[int] = field(default_factory=list)

    @cached_property
    def size(self) -> int:
        return len(self.value)


def test_values_are_ordered_field_by_field() -> None:
    assert sorted([Version(2), Version(1, 3), Version(1)]) == [
        Version(1),
        Version(1, 3),
        Version(2),
    ]
    assert Version(1) <= Version(1) < Version(1, 1)
    with pytest.raises(TypeError):
        assert Version(1) < 2  # type: ignore[operator]


def test_a_field_without_a_default_may_follow_where_all_are_named() -> None:
    assert Named(second="x") == Named(first=1, second="x")
    with pytest.raises(TypeError):
        Named(1, "x")  # type: ignore[call-arg]


def test_without_slots_there_is_room_for_what_is_worked_out_later() -> None:
    assert Roomy([1, 2]).size == 2
    assert Roomy() == Roomy()


def test_the_library_takes_the_class_for_one_of_its_own() -> None:
    ours, theirs = dataclasses.fields(Ours), dataclasses.fields(Theirs)
    assert dataclasses.is_dataclass(Ours)
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine.name, mine.type) == (other.name, other.type)
        assert (mine.default, mine.default_factory) == (other.default, other.default_factory)


def test_values_are_taken_apart_by_position() -> None:
    match Ours(1, ("a",)):
        case Ours(first, names):
            assert (first, names) == (1, ("a",))


def test_values_are_copied_and_pickled() -> None:
    assert pickle.loads(pickle.dumps(Ours(1, ("a",)))) == copy.deepcopy(Ours(1, ("a",)))


def test_a_default_that_all_values_would_share_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):

        @dataclass(slots=True)
        class _Shared:
            value: list[int] = []
