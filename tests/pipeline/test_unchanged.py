"""A result is remembered by all that it hangs on; whatever changes is judged anew."""

import datetime
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest

from iact_guard.cache import upkeep
from iact_guard.cache.store import Store
from iact_guard.load.shipped import shipped
from iact_guard.model.errors import UnreadableError, VcsError
from iact_guard.model.result import Result
from iact_guard.model.scan import ScannerReport
from iact_guard.pipeline import inputs, unchanged
from iact_guard.pipeline.check import run
from iact_guard.pipeline.event import Event
from iact_guard.pipeline.request import CheckRequest
from iact_guard.project import Project
from iact_guard.scanners import environment, identity
from iact_guard.settings import Config
from iact_guard.tree import DiskTree
from tests.command import GOOD, UNPINNED, write

CANARY = "c4nary-Zx81q7Lw0"


class Silent:
    """Nobody listens."""

    def expect(self, steps: int) -> None: ...
    def step(self, label: str = "") -> None: ...
    def say(self, label: str) -> None: ...


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    write(root, GOOD, UNPINNED)
    write(root, "app/settings.py", f'DB_PASSWORD = "{CANARY}"\n')
    write(root, "docs/notes.md", "# Notes\n")
    write(root, ".gitignore", "ignored*\n.iact-guard.yaml\n")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Result]:
    """The results that were worked out since."""
    seen: list[Result] = []

    def counted(request: CheckRequest, listener: Any) -> Result:
        seen.append(run(request, listener))
        return seen[-1]

    monkeypatch.setattr(unchanged, "run", counted)
    return seen


def check(root: Path, **more: Any) -> Result:
    store = Store(root.parent / "cache")
    request = CheckRequest(root, **({"scanners": ()} | more), store=store)
    return unchanged.check(request, Silent())


def test_nothing_changed_and_the_result_is_the_same_with_every_field(
    root: Path, runs: list[Result]
) -> None:
    more = {"line_hashes": True, "evidence_lines": True, "picture": True}
    first = check(root, **more)
    assert check(root, **more) == first
    assert len(runs) == 1
    assert first.findings
    assert first.line_hashes


@pytest.mark.parametrize(
    "change",
    [
        lambda root: write(root, GOOD, UNPINNED + "# more\n"),
        lambda root: write(root, "docs/notes.md", "# Other notes\n"),
        lambda root: write(root, "new.txt", ""),
        lambda root: (root / "docs/notes.md").unlink(),
        lambda root: (root / "docs/notes.md").rename(root / "docs/other.md"),
        lambda root: write(root, ".iact-guard.yaml", "policies: {WF101: off}\n"),
        lambda root: write(root, ".gitignore", ""),
        lambda root: (root / "link").symlink_to("/etc/passwd"),
        lambda root: (root / "inside").symlink_to("docs/notes.md"),
        lambda root: write(root, "large.yml", b"\0" * (5 * 1024**2)),
        lambda root: write(root, "other/.git/HEAD", "ref: refs/heads/main\n"),
    ],
)
def test_a_changed_tree_or_configuration_is_judged_anew(
    root: Path, runs: list[Result], change: Callable[[Path], Any]
) -> None:
    check(root)
    change(root)
    check(root)
    assert len(runs) == 2


def test_what_git_ignores_changes_nothing(root: Path, runs: list[Result]) -> None:
    first = check(root)
    write(root, "ignored.py", "x = 1\n")
    write(root, ".git/HEAD", "ref: refs/heads/other\n")
    assert check(root) == first
    assert len(runs) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"scanners": ("bandit",)}, {"fail_on": "low"}, {"offline": True}, {"line_hashes": True},
        {"evidence_lines": True}, {"picture": True}, {"below": "x/"},
    ],
)  # fmt: skip
def test_another_request_is_another_question(
    root: Path, runs: list[Result], more: dict[str, Any]
) -> None:
    check(root)
    check(root, **more)
    check(root)
    assert len(runs) == 2


def test_timings_are_of_this_run(root: Path, runs: list[Result]) -> None:
    assert "policies" in check(root, timings=True).timings
    assert list(check(root, timings=True).timings) == ["unchanged"]
    assert not check(root).timings
    assert len(runs) == 1


class Tomorrow(datetime.date):
    """A waiver may have ended."""

    @classmethod
    def today(cls) -> Self:
        return cls(2199, 1, 2)


@pytest.mark.parametrize(
    ("where", "name", "other"),
    [
        (inputs, "program", lambda *_: "another version"),
        (inputs, "installed", lambda: ("PyYAML-99.dist-info",)),
        (datetime, "date", Tomorrow),
        (sys, "version", "3.99.0"),
    ],
)
def test_a_new_version_package_python_or_day_is_judged_anew(
    root: Path, runs: list[Result], monkeypatch: pytest.MonkeyPatch, where: Any, name: str,
    other: Any,
) -> None:  # fmt: skip
    check(root)
    monkeypatch.setattr(where, name, other)
    check(root)
    assert len(runs) == 2


def test_another_policy_is_judged_anew(
    root: Path, runs: list[Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(root)
    policies = shipped()
    monkeypatch.setattr(unchanged, "shipped", lambda: (*policies[1:], policies[0]))
    check(root)
    assert len(runs) == 2


@pytest.mark.parametrize("name", ["bandit", "checkov", "safety"])
def test_a_changed_scanner_has_another_identity(
    name: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    options = Config().scanners
    monkeypatch.setattr(environment, "find", lambda name: tmp_path)
    before = identity.identity(name, options, tmp_path, offline=True)
    monkeypatch.setattr(environment, "lock_of", lambda name: b"checkov==99\nsafety==99\n")
    monkeypatch.setattr(identity, "installed", lambda: ("bandit-99.dist-info",))
    assert identity.identity(name, options, tmp_path, offline=True) != before


def test_other_advisories_are_another_identity_of_safety(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    options = Config().scanners
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(tmp_path))
    folder = tmp_path / "advisories"
    seen = {identity.identity("safety", options, tmp_path, offline=True)}
    write(folder, "current", "osv-1")
    seen.add(identity.identity("safety", options, tmp_path, offline=True))
    for content in ("{}", '{"a": 1}'):
        write(folder, "osv-1/insecure_full.json", content)
        seen.add(identity.identity("safety", options, tmp_path, offline=True))
    assert len(seen) == 4


def test_a_scanner_that_is_not_installed_is_tried_again(
    root: Path, runs: list[Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: Any, **__: Any) -> Path:
        raise environment.UnavailableError("no network")

    monkeypatch.setattr(environment, "find", lambda name: None)
    monkeypatch.setattr(environment, "ensure", unavailable)
    for _ in range(2):
        check(root, scanners=("checkov",))
    assert len(runs) == 2


@pytest.mark.parametrize(
    "report",
    [
        ScannerReport("bandit", "timeout", reason="not finished after 1 s"),
        ScannerReport("bandit", "failed", reason="it crashed"),
        ScannerReport("bandit", "partial", settled=False),
    ],
)
def test_what_another_run_may_say_otherwise_is_not_remembered(
    root: Path, monkeypatch: pytest.MonkeyPatch, report: ScannerReport
) -> None:
    result = check(root)
    runs: list[int] = []

    def unsettled(request: CheckRequest, listener: Any) -> Result:
        runs.append(1)
        return replace(result, scanners=(report,))

    monkeypatch.setattr(unchanged, "run", unsettled)
    for _ in range(2):
        check(root, fail_on="low")
    assert len(runs) == 2


def test_a_crash_of_ours_is_not_remembered(
    root: Path, runs: list[Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("iact_guard.evaluate.engine._check", lambda name: crash)
        check(root)
    check(root)
    assert len(runs) == 2


def test_what_changes_during_the_run_is_not_remembered(
    root: Path, runs: list[Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(request: CheckRequest, listener: Any) -> Result:
        write(root, "docs/notes.md", "# Being written\n")
        return run(request, listener)

    with monkeypatch.context() as patched:
        patched.setattr(unchanged, "run", edited)
        check(root)
    write(root, "docs/notes.md", "# Notes\n")
    check(root)
    assert len(runs) == 1


@pytest.mark.parametrize(
    "more", [{"files": frozenset({GOOD})}, {"staged": True}, {"trusted_rev": "HEAD"}]
)
def test_what_hangs_on_more_than_the_tree_is_judged_each_time(
    root: Path, runs: list[Result], more: dict[str, Any]
) -> None:
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
    subprocess.run(["git", "-C", str(root), *named, "commit", "-qm", "x"], check=True)
    for _ in range(2):
        check(root, **more)
    assert len(runs) == 2


def test_the_event_counts_only_where_its_base_is_believed(root: Path, runs: list[Result]) -> None:
    check(root)
    check(root, event=Event("push", base="0" * 40))
    assert len(runs) == 1
    with pytest.raises(VcsError):
        check(root, event=Event("pull_request", base="0" * 40, is_review=True))


def test_no_value_of_the_tree_is_in_the_entry(root: Path) -> None:
    check(root, line_hashes=True, evidence_lines=True)
    [item] = upkeep.items(root.parent / "cache/results")
    content = item.path.read_bytes()
    assert b"settings.py" in content
    assert CANARY.encode() not in content


def test_what_discovery_does_not_list_is_not_read(root: Path) -> None:
    """Else it would count, and no key would say so."""
    write(root, "ignored.txt", "x")
    project = Project(DiskTree(root))
    assert project.text("docs/notes.md")
    with pytest.raises(UnreadableError):
        project.text("ignored.txt")
