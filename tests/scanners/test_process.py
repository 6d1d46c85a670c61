import os
import sys
from pathlib import Path

import pytest

from iact_guard.scanners.process import Deadline, finished, started
from iact_guard.scanners.request import never


@pytest.fixture(params=["told", "asked"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that tells of the end of a process, and one that must be asked again and again."""
    if request.param == "asked":
        monkeypatch.delattr(os, "pidfd_open", raising=False)


def ended(code: str, deadline: Deadline, tmp_path: Path) -> int | None:
    argv = [sys.executable, "-I", "-c", code]
    with started(argv, cwd=tmp_path, env={}, output=tmp_path / "out") as process:
        return finished(process, deadline)


@pytest.mark.usefixtures("system")
def test_the_exit_code_of_what_ends_in_time(tmp_path: Path) -> None:
    later = "import time; time.sleep(0.4); raise SystemExit(7)"
    assert ended(later, Deadline(60, never), tmp_path) == 7
    assert ended("pass", Deadline(60, never), tmp_path) == 0


@pytest.mark.usefixtures("system")
def test_none_where_the_deadline_or_the_user_came_first(tmp_path: Path) -> None:
    assert ended("import time; time.sleep(60)", Deadline(1, never), tmp_path) is None
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    assert ended("import time; time.sleep(60)", Deadline(60, cancelled), tmp_path) is None
