"""Scanners run beside the policies, and leave nothing behind."""

import threading
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from iact_guard.model.scan import ScannerReport
from iact_guard.pipeline.request import DEFAULT_SCANNERS, CheckRequest
from iact_guard.pipeline.scanning import Scan, setting, start_scanners
from iact_guard.project import Project
from iact_guard.scanners import table
from iact_guard.tree import DictTree
from tests.pipeline.test_unchanged import Silent


def start(stack: ExitStack, ended: Event) -> list[Scan]:
    project = Project(DictTree({"a.py": "x = 1\n"}))
    request = CheckRequest(Path("/nowhere"))
    return start_scanners(
        stack, DEFAULT_SCANNERS, request, project, lambda name: ["a.py"], None, Silent(), ended
    )


def test_all_run_at_once_and_their_threads_are_gone_when_they_have_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    together = threading.Barrier(len(DEFAULT_SCANNERS), timeout=30)

    def scan(name: Any, request: Any) -> ScannerReport:
        together.wait()
        return ScannerReport(name, "ok")

    monkeypatch.setattr(table, "scan", scan)
    before = threading.active_count()
    with ExitStack() as stack:
        scans = start(stack, Event())
        assert [each.result().name for each in scans] == list(DEFAULT_SCANNERS)
        assert {each.result().status for each in scans} == {"ok"}
        assert threading.active_count() == before


def test_a_run_that_ends_early_stops_them_and_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []

    def scan(name: Any, request: Any) -> ScannerReport:
        while not request.cancelled():
            time.sleep(0.01)
        stopped.append(name)
        return ScannerReport(name, "timeout")

    monkeypatch.setattr(table, "scan", scan)
    ended = Event()
    with pytest.raises(KeyboardInterrupt), ExitStack() as stack:
        start(stack, ended)
        stack.enter_context(setting(ended))
        raise KeyboardInterrupt
    assert sorted(stopped) == sorted(DEFAULT_SCANNERS)
