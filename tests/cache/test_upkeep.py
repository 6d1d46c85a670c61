import os
import time
from pathlib import Path

import pytest

from iact_guard.cache import upkeep
from iact_guard.cache.entry import PRECISION
from iact_guard.cache.key import key
from iact_guard.cache.store import Store

DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Ten entries of a block each, the first used longest ago."""
    store = Store(tmp_path)
    for number in range(10):
        store.put(key(str(number)), number)
        place = store.folder / key(str(number))[:2] / f"{key(str(number))[2:]}.entry"
        when = time.time() - (10 - number) * DAY
        os.utime(place, (when, when))
    return store


def left(store: Store) -> list[int]:
    return [number for number in range(10) if store.get(key(str(number)), int) is not None]


def test_what_was_used_longest_ago_goes_first_and_room_is_made(store: Store) -> None:
    upkeep.shrink(store.folder, limit=5 * 4096)
    assert left(store) == [6, 7, 8, 9]


def test_use_keeps_an_entry(store: Store) -> None:
    assert store.get(key("0"), int) == 0
    upkeep.shrink(store.folder, limit=5 * 4096)
    assert left(store) == [0, 7, 8, 9]


def test_below_the_limit_nothing_goes(store: Store) -> None:
    upkeep.shrink(store.folder, limit=10 * 4096)
    assert len(left(store)) == 10


def test_what_a_killed_process_left_goes_what_is_being_written_stays(store: Store) -> None:
    folder = next(upkeep.items(store.folder)).path.parent
    old, new = folder / "new-old", folder / "new-new"
    for path in (old, new):
        path.touch()
    os.utime(old, (time.time() - 2 * PRECISION,) * 2)
    upkeep.shrink(store.folder)
    assert (old.exists(), new.exists()) == (False, True)


def test_it_looks_now_and_then_and_after_much_was_written(store: Store) -> None:
    small = 5 * 4096
    upkeep.shrink_now_and_then(store.folder, written=1, limit=small)
    assert len(left(store)) == 4
    store.put(key("0"), 0)
    store.put(key("1"), 1)
    upkeep.shrink_now_and_then(store.folder, written=1, limit=small)
    assert len(left(store)) == 6
    upkeep.shrink_now_and_then(store.folder, written=small, limit=small)
    assert len(left(store)) == 4


def test_clear_deletes_entries_and_nothing_else(store: Store, tmp_path: Path) -> None:
    own = store.folder / "aa"
    own.mkdir(exist_ok=True)
    (own / "mine.txt").write_text("x")
    (tmp_path / "environments").mkdir()
    assert upkeep.clear(store.folder) == 10
    assert not left(store)
    assert (own / "mine.txt").exists()
    assert (tmp_path / "environments").exists()
    assert upkeep.clear(tmp_path / "none") == 0
