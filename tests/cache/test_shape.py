import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iact_guard.cache.shape import ShapeError, plain, shaped
from iact_guard.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Inner:
    """A part."""

    number: int
    word: Literal["a", "b"]


@dataclass(frozen=True, slots=True)
class Outer:
    """Every kind of type that is remembered."""

    text: str
    flag: bool
    share: float
    maybe: Inner | None
    many: tuple[Inner, ...]
    pair: tuple[str, int]
    by_place: Mapping[tuple[str, int], str]


INNER = st.builds(Inner, st.integers(), st.sampled_from(["a", "b"]))
# Names of files may hold bytes that are no UTF-8.
TEXT = st.text(st.characters())
OUTER = st.builds(
    Outer,
    TEXT,
    st.booleans(),
    st.floats(allow_nan=False),
    st.none() | INNER,
    st.lists(INNER).map(tuple),
    st.tuples(TEXT, st.integers()),
    st.dictionaries(st.tuples(TEXT, st.integers()), TEXT),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(OUTER)
def test_what_goes_in_comes_out(value: Outer) -> None:
    assert shaped(Outer, json.loads(json.dumps(plain(value)))) == value


@given(JSON)
def test_other_data_is_refused_and_never_crashes(data: Any) -> None:
    with pytest.raises(ShapeError):
        shaped(Outer, data)
    with pytest.raises(ShapeError):
        shaped(Finding, data)


@pytest.mark.parametrize(
    "data",
    [
        {"number": True, "word": "a"},
        {"number": 1.0, "word": "a"},
        {"number": 1, "word": "c"},
        {"number": 1, "word": ["a"]},
        {"number": 1},
        {"number": 1, "word": "a", "more": 1},
    ],
)
def test_nearly_right_is_wrong(data: Any) -> None:
    with pytest.raises(ShapeError):
        shaped(Inner, data)


def test_a_type_that_json_cannot_hold_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        shaped(bytes, "x")
