import errno
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from iact_guard.cache import entry, upkeep
from iact_guard.cache.key import key
from iact_guard.cache.store import Store

KEY = key("some", "thing")
Numbers = tuple[int, ...]


def only_entry(store: Store) -> Path:
    [item] = upkeep.items(store.folder)
    return item.path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def read(store: Store, key: str = KEY) -> Any:
    """What a later run finds."""
    later = Store(store.home)
    found = later.get(key, Numbers)
    store.notes = later.notes
    return found


def test_a_value_is_found_by_a_later_run_under_its_key_alone(store: Store) -> None:
    store.put(KEY, (1, 2))
    assert read(store) == (1, 2)
    assert read(store, key("some", "other")) is None
    assert not store.notes


def test_how_the_parts_of_a_key_are_cut_counts() -> None:
    assert key("ab", "c") != key("a", "bc")
    assert key("a\udcff") == key("a\udcff")


def test_without_a_folder_nothing_is_remembered() -> None:
    store = Store()
    store.put(KEY, (1,))
    store.close()
    assert store.get(KEY, int) is None
    assert not store.notes


def test_only_the_user_can_read_it(store: Store) -> None:
    store.put(KEY, (1,))
    path = only_entry(store)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, store.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content.replace(b"1", b"7"),
        lambda content: b"[1,2]",
        lambda content: os.urandom(500),
        lambda content: b"[" * 100_000,
    ],
)
def test_a_damaged_entry_is_a_miss_with_a_note_and_goes(store: Store, damage: Any) -> None:
    store.put(KEY, (1, 2))
    path = only_entry(store)
    path.write_bytes(damage(path.read_bytes()))
    assert read(store) is None
    assert store.notes == [f"a damaged entry in {store.folder} was left out"]
    assert not path.exists()
    store.put(KEY, (1, 2))
    assert read(store) == (1, 2)


@pytest.mark.parametrize("made_up", [{"a": 1}, [[1]], ["1"], None, [1, [2]]])
def test_an_entry_of_another_shape_is_a_miss_though_its_digest_is_right(
    store: Store, made_up: Any
) -> None:
    store.put(KEY, (1,))
    path = only_entry(store)
    entry.write(path, KEY, made_up)
    assert read(store) is None
    assert store.notes


def test_the_entry_of_another_key_is_a_miss(store: Store) -> None:
    other = key("other")
    store.put(KEY, (1,))
    path = only_entry(store)
    place = store.folder / other[:2] / f"{other[2:]}.entry"
    place.parent.mkdir(exist_ok=True)
    path.rename(place)
    assert read(store, other) is None
    assert store.notes


def test_links_pipes_and_folders_in_the_place_of_an_entry_are_no_entries(store: Store) -> None:
    store.put(KEY, (1,))
    path = only_entry(store)
    elsewhere = store.folder / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert read(store) is None
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert read(store) is None
    path.unlink(missing_ok=True)
    path.mkdir()
    assert read(store) is None
    assert store.notes


def test_a_folder_that_others_write_to_is_not_used(store: Store) -> None:
    store.put(KEY, (1,))
    store.folder.chmod(0o770)
    assert read(store) is None
    assert "you alone write to" in store.notes[0]
    later = Store(store.home)
    later.put(key("more"), (1,))
    assert len(list(upkeep.items(store.folder))) == 1


def test_a_link_in_the_place_of_the_folder_is_not_followed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "cache").mkdir()
    store.folder.symlink_to(tmp_path / "other")
    store.put(KEY, (1,))
    assert store.notes
    assert not list((tmp_path / "other").iterdir())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_folder_that_takes_nothing_is_one_note_and_leaves_no_rest(
    store: Store, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    store.put(KEY, (1,))

    def fail(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "replace", fail)
    store.put(key("a"), (1,))
    store.put(key("b"), (1,))
    assert store.notes == [f"{store.folder} cannot be written: {os.strerror(code).lower()}"]
    assert not list(store.folder.glob("*/new-*"))
    assert read(store) == (1,)


def test_a_file_in_the_place_of_the_folder_is_a_note(store: Store, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("x")
    store.put(KEY, (1,))
    assert len(store.notes) == 1
    assert read(store) is None


def test_the_folder_keeps_its_entries_out_of_a_checkout_around_it(store: Store) -> None:
    store.put(KEY, (1,))
    assert (store.folder / ".gitignore").read_text() == "*\n"


def write_many(home: Path, seed: int) -> None:
    store = Store(home)
    for number in range(200):
        store.put(key("shared", str(number % 20)), tuple(range(number % 20)) * 50)
        found = store.get(key("shared", str((number * 7 + seed) % 20)), Numbers)
        assert found is None or found == tuple(range((number * 7 + seed) % 20)) * 50
    assert not store.notes


def test_several_processes_write_and_read_the_same_entries(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("spawn")
    running = [fork.Process(target=write_many, args=(tmp_path, seed)) for seed in range(4)]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [0] * 4
    assert len(list(upkeep.items(Store(tmp_path).folder))) == 20


WRITER = """
import sys
from pathlib import Path
from iact_guard.cache.key import key
from iact_guard.cache.store import Store
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    for number in range(20):
        store.put(key("shared", str(number)), tuple(range(20_000)))
"""


def test_a_process_killed_while_it_writes_leaves_whole_entries_or_none(tmp_path: Path) -> None:
    for pause in (0.01, 0.05, 0.1):
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        )
        with process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
        store = Store(tmp_path)
        for number in range(20):
            found = store.get(key("shared", str(number)), Numbers)
            assert found in (None, tuple(range(20_000)))
        assert not store.notes
    store = Store(tmp_path)
    store.put(KEY, (1,))
    assert read(store) == (1,)
