"""A second process: its answer, its death, and what it must never do."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from iact_guard.pipeline.second import SecondDiedError, is_possible, second

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing to fork with")


def test_its_answer_comes_back_however_long() -> None:
    with second(lambda: {"pid": os.getpid(), "much": "x" * 1_000_000}) as answer:
        found = answer()
    assert found["pid"] != os.getpid()
    assert len(found["much"]) == 1_000_000


def test_a_crash_is_told_by_its_place_without_its_text() -> None:
    def work() -> Any:
        raise ValueError("s3cret-value")

    with second(work) as answer, pytest.raises(SecondDiedError) as error:
        answer()
    assert "ValueError" in str(error.value)
    assert "s3cret" not in str(error.value)


def test_a_death_is_told() -> None:
    def work() -> Any:
        os.kill(os.getpid(), 9)

    with second(work) as answer, pytest.raises(SecondDiedError, match="signal 9"):
        answer()


def test_it_does_nothing_that_this_process_does_at_its_end(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    try:
        with second(lambda: 1) as answer:
            assert answer() == 1
    finally:
        mark.write_text(mark.read_text() + "x" if mark.exists() else "x")
    assert mark.read_text() == "x"


def test_leaving_early_ends_it() -> None:
    reading, writing = os.pipe()

    def work() -> Any:
        os.close(reading)
        threading.Event().wait(60)

    with pytest.raises(KeyboardInterrupt), second(work):
        raise KeyboardInterrupt
    os.close(writing)
    assert os.read(reading, 1) == b""  # nobody holds the other end any more
    os.close(reading)


def test_threads_forbid_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iact_guard.pipeline.second._cores", lambda: 2)
    assert is_possible()
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert not is_possible()
    finally:
        ended.set()
        thread.join()


def test_one_core_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iact_guard.pipeline.second._cores", lambda: 1)
    assert not is_possible()
