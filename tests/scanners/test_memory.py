"""Answers of scanners are remembered: what is asked anew, and what is not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iact_guard.cache import upkeep
from iact_guard.cache.entry import write
from iact_guard.cache.store import Store
from iact_guard.model.scan import ScannerReport
from iact_guard.scanners import (
    advisories,
    bandit,
    bandit_answer,
    bandit_memory,
    checkov,
    checkov_answer,
    checkov_memory,
    environment,
    safety,
    safety_answer,
)
from iact_guard.scanners.osv import Advisory
from iact_guard.scanners.request import ScanRequest
from iact_guard.scanners.table import scan
from iact_guard.settings import Bandit, Checkov, Safety, Scanners
from iact_guard.tree import DictTree

CANARY = "c4nary-Zx81q7Lw0"
PYTHON = {
    "a.py": 'import os\nos.system("ls " + input())\n',
    "b.py": f'password = "{CANARY}"\n',
    "c.py": "def f(:\n",
    "d.py": "x = 1  # nosec B9999\n",
}
INFRASTRUCTURE = {
    "main.tf": f'resource "aws_db_instance" "a" {{\n  password = "{CANARY}"\n}}\n',
    "Dockerfile": f"FROM python:latest\nENV API_TOKEN={CANARY}\n",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that were started since."""
    seen: list[Any] = []
    for module in (bandit, checkov, safety):
        real = module.started

        @contextmanager
        def counted(argv: Any, *, real: Any = real, **more: Any) -> Iterator[Any]:
            given = more.get("stdin")
            seen.append(given.read_text() if given else " ".join(argv))
            with real(argv, **more) as process:
                yield process

        monkeypatch.setattr(module, "started", counted)
    return seen


def request(files: dict[str, str], store: Store, **scanners: Any) -> ScanRequest:
    tree = DictTree(files)
    return ScanRequest(tree, tree.listing().files, Scanners(**scanners), store=Store(store.home))


def run_bandit(files: dict[str, str], store: Store, **options: Any) -> ScannerReport:
    return bandit.scan(request(files, store, bandit=Bandit(**options)))


def test_bandit_is_asked_of_changed_files_alone(store: Store, started: list[Any]) -> None:
    without = run_bandit(PYTHON, Store())
    first = run_bandit(PYTHON, store)
    assert first == without
    started.clear()
    assert run_bandit(PYTHON, store) == first
    assert not started
    changed = PYTHON | {"a.py": PYTHON["a.py"] + "assert 1\n"}
    second = run_bandit(changed, store)
    assert second == run_bandit(changed, Store())
    assert '"files": ["a.py"]' in started[0]


def test_a_renamed_file_is_asked_about(store: Store, started: list[Any]) -> None:
    run_bandit(PYTHON, store)
    started.clear()
    report = run_bandit({"e.py": PYTHON["a.py"]}, store)
    assert started
    assert report.findings[0].location.path == "e.py"


def test_what_bandit_is_told_to_skip_counts_what_we_drop_ourselves_does_not(
    store: Store, started: list[Any]
) -> None:
    run_bandit(PYTHON, store)
    started.clear()
    assert not [f for f in run_bandit(PYTHON, store, skips=["B605"]).findings if f.rule == "B605"]
    assert started
    started.clear()
    run_bandit(PYTHON, store, asserts_in_tests=True)
    assert not started


@pytest.mark.parametrize("part", ["program", "installed", "version"])
def test_another_bandit_python_or_version_of_ours_is_asked_anew(
    store: Store, started: list[Any], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    run_bandit(PYTHON, store)
    started.clear()
    if part == "version":
        monkeypatch.setattr(sys, "version", f"3.9{sys.version.removeprefix('3')}")
    else:
        monkeypatch.setattr(
            bandit_memory, part, lambda *_: ("other",) if part == "installed" else "other"
        )
    run_bandit(PYTHON, store)
    assert started


def test_a_file_that_bandit_died_on_is_tried_again(
    store: Store, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(bandit, "_BOOT", "raise SystemExit(1)")
        report = run_bandit({"a.py": PYTHON["a.py"]}, store)
        assert report.status == "partial"
    started.clear()
    assert run_bandit({"a.py": PYTHON["a.py"]}, store).status == "ok"
    assert started


def test_a_made_up_place_is_asked_about_anew(store: Store, started: list[Any]) -> None:
    run_bandit({"a.py": PYTHON["a.py"]}, store)
    [item] = upkeep.items(store.folder)
    key = item.path.parent.name + item.path.stem
    answer = Store(store.home).get(key, bandit_answer.Answer)
    assert answer
    issue = replace(answer.issues[0], line=99_999)
    Store(store.home).put(key, replace(answer, issues=(issue,)))
    started.clear()
    assert run_bandit({"a.py": PYTHON["a.py"]}, store) == run_bandit(
        {"a.py": PYTHON["a.py"]}, Store()
    )
    assert started


def run_checkov(files: dict[str, str], store: Store, **options: Any) -> ScannerReport:
    return checkov.scan(request(files, store, checkov=Checkov(**options)))


def test_checkov_is_asked_of_what_changed_by_the_files_that_each_process_reads(
    checkov_python: Path, store: Store, started: list[Any]
) -> None:
    first = run_checkov(INFRASTRUCTURE, store)
    assert first.findings
    assert len(started) == 2
    started.clear()
    assert run_checkov(INFRASTRUCTURE, store) == first
    # Severities are ours: no reason to ask.
    own = run_checkov(INFRASTRUCTURE, store, severities={"CKV_DOCKER_7": "critical"})
    assert own != first
    assert not started
    image = INFRASTRUCTURE | {"Dockerfile": "FROM python:3.12\n"}
    assert run_checkov(image, store) != first
    assert len(started) == 1
    assert "dockerfile" in started.pop()
    assert run_checkov(image, store, skips=["CKV_DOCKER_2"], frameworks=["dockerfile"])
    assert len(started) == 1


def test_another_environment_version_of_ours_or_skip_is_another_question_to_checkov(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {checkov_memory.memory(store, ()).settings}
    settings.add(checkov_memory.memory(store, ("CKV_DOCKER_2",)).settings)
    with monkeypatch.context() as patched:
        patched.setattr(environment, "lock_of", lambda name: b"checkov==99")
        settings.add(checkov_memory.memory(store, ()).settings)
    monkeypatch.setattr(checkov_memory, "program", lambda *_: "other")
    settings.add(checkov_memory.memory(store, ()).settings)
    assert len(settings) == 4


def test_an_answer_about_files_that_were_not_given_is_asked_for_anew(
    checkov_python: Path, store: Store, started: list[Any]
) -> None:
    files = {"Dockerfile": "FROM python:latest\n"}
    right = run_checkov(files, store)
    [item] = upkeep.items(store.folder)
    key = item.path.parent.name + item.path.stem
    answer = Store(store.home).get(key, checkov_answer.Answer)
    assert answer
    [dockerfile, *rest] = answer.sections
    moved = tuple(replace(result, path="../../etc/passwd") for result in dockerfile.failed)
    Store(store.home).put(key, replace(answer, sections=(replace(dockerfile, failed=moved), *rest)))
    started.clear()
    assert run_checkov(files, store) == right
    assert started


@pytest.fixture
def database(tmp_path: Path) -> Path:
    advisories.write([sample("<3.2.1")], "a sample", tmp_path / "db")
    return tmp_path / "db"


def sample(spec: str) -> Advisory:
    names = frozenset({"PYSEC-1"})
    return Advisory("PYSEC-1", names, "django", (spec,), "critical", "A sample.", "2030-01-02")


def run_safety(files: dict[str, str], store: Store, database: Path) -> ScannerReport:
    options = Safety(advisory_db=str(database), timeout=120)
    return safety.scan(request(files, store, safety=options))


def test_safety_is_asked_of_other_pins_and_with_other_advisories(
    safety_python: Path, store: Store, started: list[Any], database: Path, tmp_path: Path
) -> None:
    first = run_safety({"requirements.txt": "django==3.1\n"}, store, database)
    assert first.findings
    assert started
    started.clear()
    assert run_safety({"requirements.txt": "django==3.1\n"}, store, database) == first
    # The same pins elsewhere: found there, without asking.
    moved = run_safety({"requirements.txt": "# web\n\ndjango==3.1\n"}, store, database)
    assert moved.findings[0].location.line == 3
    assert not started
    assert not run_safety({"requirements.txt": "django==3.3\n"}, store, database).findings
    assert started
    started.clear()
    advisories.write([sample("<3.0")], "a sample", tmp_path / "newer")
    assert not run_safety({"requirements.txt": "django==3.1\n"}, store, tmp_path / "newer").findings
    assert started


def test_another_version_of_ours_is_another_question_to_safety(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = safety_answer.key_of(["django==3.1"], database)
    monkeypatch.setattr(safety_answer, "program", lambda *_: "other")
    assert safety_answer.key_of(["django==3.1"], database) != before


def test_no_value_of_the_tree_is_remembered(
    checkov_python: Path, store: Store, tmp_path: Path
) -> None:
    run_bandit(PYTHON, store)
    run_checkov(INFRASTRUCTURE, store)
    entries = [item.path.read_bytes() for item in upkeep.items(store.folder)]
    assert len(entries) == 6
    assert not [entry for entry in entries if CANARY.encode() in entry]


def test_a_cache_full_of_nonsense_changes_nothing(store: Store) -> None:
    right = run_bandit(PYTHON, store)
    for item in list(upkeep.items(store.folder)):
        write(item.path, item.path.parent.name + item.path.stem, {"file": [], "issues": {"a": -1}})
    again = request(PYTHON, store, bandit=Bandit())
    assert scan("bandit", again) == right
    assert again.store.notes
