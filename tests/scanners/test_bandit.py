"""The real Bandit, on files written here."""

import os
from pathlib import Path
from typing import Any

import pytest

from iact_guard.model.scan import ScannerReport
from iact_guard.scanners import bandit
from iact_guard.scanners.request import ScanRequest
from iact_guard.settings import Bandit, Scanners
from iact_guard.tree import DictTree, DiskTree, Tree

SECRET = "Zx9-kanarien-Vogel-77"
SHELL = 'import subprocess\nsubprocess.call("ls " + input(), shell=True)\n'


def run(files: dict[str, Any] | Tree, **options: Any) -> ScannerReport:
    tree = DictTree(files) if isinstance(files, dict) else files
    request = ScanRequest(tree, tree.listing().files, Scanners(bandit=Bandit(**options)))
    return bandit.scan(request)


def rules(report: ScannerReport) -> list[tuple[str, str, int]]:
    return [(f.location.path, f.rule, f.location.line) for f in report.findings]


def test_findings_have_the_nodes_place_in_code_points() -> None:
    report = run({"a.py": 'import os\nñ = "ü"; os.system(ñ)\n'})
    [finding] = report.findings
    assert (finding.rule, finding.severity, finding.precision) == ("B605", "high", "high")
    assert (finding.location.column, finding.location.end_column) == (10, 22)
    assert report.status == "ok"
    assert report.scanned == 1
    assert report.version
    assert report.python


def test_a_finding_over_several_lines_stays_on_the_first() -> None:
    report = run({"a.py": "import os\n\nos.system(\n    input(),\n)  # end\n"})
    [finding] = report.findings
    assert (finding.location.line, finding.location.end_line) == (3, 3)
    assert (finding.location.column, finding.location.end_column) == (1, 11)


def test_no_text_of_the_report_holds_the_secret() -> None:
    source = (
        f'password = "{SECRET}"\n\n\ndef f(token="{SECRET}"):\n    g(password="{SECRET}")\n'
        f'    if token == "{SECRET}":\n        pass\n'
        f'\n\nimport os\nos.chmod("/srv/{SECRET}", 0o777)\nos.system("echo {SECRET}" + f)\n'
    )
    report = run({"a.py": source, "b.py": f'x = "{SECRET}\n'})
    assert {"B103", "B105", "B106", "B107"} <= {finding.rule for finding in report.findings}
    assert SECRET not in repr(report)


def test_a_file_that_does_not_parse_is_skipped_and_says_which_python_ran() -> None:
    report = run({"a.py": "def f(:\n", "b.py": SHELL})
    assert report.status == "partial"
    [skipped] = report.skipped
    assert skipped.path == "a.py"
    assert "Python 3." in skipped.reason
    assert report.scanned == 1
    assert ("b.py", "B602", 2) in rules(report)


def test_asserts_of_tests_are_no_findings_unless_asked_for() -> None:
    files = {"app/a.py": "assert 1\n", "tests/b.py": "assert 1\n", "app/test_c.py": "assert 1\n",
             "conftest.py": "assert 1\n", "contest/d.py": "assert 1\n"}  # fmt: skip
    assert [path for path, _, _ in rules(run(files))] == ["app/a.py", "contest/d.py"]
    assert len(run(files, asserts_in_tests=True).findings) == 5


def test_nosec_is_respected_and_an_unknown_id_is_told() -> None:
    call = 'import os\nos.system("ls " + input())'
    assert not run({"a.py": f"{call}  # nosec\n"}).findings
    assert not run({"a.py": f"{call}  # nosec B605\n"}).findings
    assert run({"a.py": f"{call}  # nosec B602\n"}).findings
    report = run({"a.py": f"{call}  # nosec B9999\n"})
    assert not report.findings
    [remark] = report.remarks
    assert (remark.location.path, remark.location.line) == ("a.py", 2)
    assert "B9999" in remark.message


def test_pyproject_is_read_by_us_and_what_it_switches_off_is_told() -> None:
    files = {
        "pyproject.toml": '[tool.bandit]\nskips = ["B404", "B602"]\nexclude_dirs = ["vendor"]\n'
        '[tool.bandit.assert_used]\nskips = ["*/checks.py"]\n',
        "a.py": SHELL,
        "vendor/b.py": "import pickle\n",
        "app/checks.py": "assert 1\n",
    }
    report = run(files)
    assert not report.findings
    assert report.scanned == 2
    told = " ".join(remark.message for remark in report.remarks)
    assert "skips: B404, B602" in told
    assert "vendor (1 files left out)" in told


def test_settings_come_from_the_trusted_tree() -> None:
    tree = DictTree({"pyproject.toml": '[tool.bandit]\nskips = ["B404", "B602"]\n', "a.py": SHELL})
    report = bandit.scan(ScanRequest(tree, tree.listing().files, settings=DictTree({})))
    assert [rule for _, rule, _ in rules(report)] == ["B404", "B602"]


def test_the_number_of_processes_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"p{n % 7}/m{n}.py": SHELL * (n % 5 + 1) for n in range(60)}
    files["p1/broken.py"] = "def ("
    monkeypatch.setattr(bandit, "SHARE", 1000)
    one = run(files)
    monkeypatch.setattr(bandit, "SHARE", 5)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert run(files) == one
    assert one.scanned == 60


def test_a_worker_that_hangs_is_a_timeout_that_keeps_what_was_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hang = "import sys, time; print('', flush=True); time.sleep(60)"
    monkeypatch.setattr(bandit, "_BOOT", hang.replace("print('', flush=True); ", ""))
    report = run({"a.py": SHELL}, timeout=1)
    assert report.status == "timeout"
    assert report.reason == "not finished after 1 s"
    assert [item.reason for item in report.skipped] == ["out of time"]


def test_a_worker_that_dies_costs_the_file_it_died_on(monkeypatch: pytest.MonkeyPatch) -> None:
    dying = bandit._BOOT.replace(
        "main()",
        "from bandit.core.manager import BanditManager as M; import os; scan = M.run_tests; "
        "M.run_tests = lambda m: os._exit(9) if 'evil' in m.files_list[0] else scan(m); main()",
    )
    monkeypatch.setattr(bandit, "_BOOT", dying)
    report = run({"a.py": SHELL, "evil.py": SHELL, "z.py": SHELL})
    assert report.status == "partial"
    assert [(s.path, s.reason) for s in report.skipped] == [
        ("evil.py", "Bandit's process died on it")
    ]
    assert {path for path, _, _ in rules(report)} == {"a.py", "z.py"}


@pytest.mark.parametrize(
    "content",
    [
        b"x = " + b"[" * 40_000 + b"]" * 40_000,
        b"x = " + b"-" * 200_000 + b"1",
        b"x = " + b"a." * 100_000 + b"b",
        b"x" + b" + x" * 100_000,
        b"\xff\xfe\0binary",
        b"\0" * 1000,
        b"# coding: nonsense\nx = 1\n",
    ],
    ids=["brackets", "unary", "attributes", "sum", "utf-16", "zeros", "coding"],
)
def test_hostile_content_is_a_skipped_file(content: bytes) -> None:
    report = run({"bad.py": content, "ok.py": SHELL})
    assert report.status == "partial"
    assert [item.path for item in report.skipped] == ["bad.py"]
    assert [path for path, _, _ in rules(report)] == ["ok.py", "ok.py"]


def test_a_coding_comment_and_a_byte_order_mark_keep_the_columns() -> None:
    latin = '# coding: latin-1\nimport os; é = "é"; os.system(é)\n'.encode("latin-1")
    marked = b'\xef\xbb\xbfimport os; os.system("a" + b)\n'
    found = {
        f.location.path: f.location.column for f in run({"l.py": latin, "m.py": marked}).findings
    }
    assert found == {"l.py": 21, "m.py": 12}


def test_nothing_of_the_tree_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    repository = tmp_path / "repo"
    repository.mkdir()
    for name in (
        "bandit",
        "json",
        "yaml",
        "stevedore",
        "rich",
        "iact_guard",
        "sitecustomize",
        "ast",
    ):
        (repository / f"{name}.py").write_text(trap)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PYTHONPATH", str(repository))
    report = run(DiskTree(repository))
    assert report.status == "ok", report
    assert report.scanned == 8
    assert not (tmp_path / "ran").exists()
