from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.migration.state import layers
from iact_guard.analyze.migration.state.layers import Layered

_CHANGES = st.lists(
    st.tuples(st.sampled_from(["set", "delete", "copy"]), st.integers(0, 9), st.integers()),
    max_size=60,
)


@settings(max_examples=150)
@given(_CHANGES, st.integers(0, 4))
def test_it_answers_like_a_dictionary_and_copies_stay_as_they_were(
    changes: list[tuple[str, int, int]], top: int
) -> None:
    layered, plain = Layered({1: 1, 2: 2}), {1: 1, 2: 2}
    earlier: list[tuple[Layered[int, int], dict[int, int]]] = []
    before, layers.MAX_TOP = layers.MAX_TOP, top
    try:
        for what, key, value in changes:
            if what == "set":
                layered[key] = plain[key] = value
            elif what == "delete":
                assert layered.pop(key, None) == plain.pop(key, None)
            else:
                earlier.append((layered, dict(plain)))
                layered = layered.copy()
    finally:
        layers.MAX_TOP = before
    for found, expected in [*earlier, (layered, plain)]:
        assert dict(found) == expected
        assert len(found) == len(expected)
        assert [key for key in range(10) if key in found] == sorted(expected)


def test_keys_keep_the_order_in_which_they_came() -> None:
    layered = Layered({"a": 1, "b": 2}).copy()
    layered["c"] = 3
    layered["a"] = 4
    assert list(layered.items()) == [("a", 4), ("b", 2), ("c", 3)]
