"""The real Safety, with a database that is built here."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from iact_guard.model.scan import ScannerReport
from iact_guard.scanners import advisories, safety
from iact_guard.scanners.osv import Advisory
from iact_guard.scanners.request import ScanRequest
from iact_guard.settings import Safety, Scanners
from iact_guard.tree import DictTree, DiskTree, Tree


def advisory(identity: str, package: str, *specs: str, **more: Any) -> Advisory:
    names = frozenset({identity, *more.pop("aliases", ())})
    return Advisory(
        identity, names, package, specs, more.get("severity"), "A sample.", "2030-01-02"
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("advisories") / "db"
    found = [
        advisory("PYSEC-1", "django", ">=3.0,<3.2.1", severity="critical", aliases=["CVE-2030-1"]),
        advisory("PYSEC-2", "django", "<3.1.5", ">=4,<4.0.1"),
        advisory("PYSEC-3", "foo-bar", "==1.0rc1"),
        advisory("PYSEC-4", "open", ">=0.dev0"),
    ]
    advisories.write(found, "a sample", folder)
    return folder


def run(source: Tree | dict[str, Any], database: Path, **options: Any) -> ScannerReport:
    tree = DictTree(source) if isinstance(source, dict) else source
    config = Safety(advisory_db=str(database), **({"timeout": 120} | options))
    return safety.scan(ScanRequest(tree, tree.listing().files, Scanners(safety=config)))


FILES: dict[str, str | bytes] = {
    "requirements.txt": "# web\nDjango==3.1  # pinned\n-r deps/base.txt\nrequests>=2\n",
    "deps/base.txt": "Foo.Bar == 1.0.rc.1 ; python_version > '3'\n-c ../constraints.txt\nheld\n",
    "constraints.txt": "held==1.0\nopen==7\n",
    "requirements/old.txt": "django==4.0\nopen==3.0+local\n-e .\n{{ no }}\n",
    "requirements/latin.txt": b"\xe9==1\n",
}


@pytest.fixture(scope="module")
def report(safety_python: Path, database: Path) -> ScannerReport:
    return run(FILES, database)


def test_findings_stand_on_the_exact_requirement(report: ScannerReport) -> None:
    found = {
        (f.location.path, f.location.line, f.location.column, f.location.end_column, f.rule)
        for f in report.findings
        if f.outcome == "fail"
    }
    assert found == {
        ("requirements.txt", 2, 1, 12, "PYSEC-1"),
        ("requirements.txt", 2, 1, 12, "PYSEC-2"),
        ("deps/base.txt", 1, 1, 20, "PYSEC-3"),
        ("constraints.txt", 2, 1, 8, "PYSEC-4"),
        ("requirements/old.txt", 1, 1, 12, "PYSEC-2"),
        ("requirements/old.txt", 2, 1, 16, "PYSEC-4"),
    }


def test_two_versions_of_one_package_are_both_audited_with_their_own_remedy(
    report: ScannerReport,
) -> None:
    remedies = {(f.location.path, f.rule): f.remedy for f in report.findings if f.outcome == "fail"}
    assert remedies["requirements.txt", "PYSEC-1"] == "Upgrade django to 3.2.1 or later."
    assert remedies["requirements.txt", "PYSEC-2"] == "Upgrade django to 3.1.5 or later."
    assert remedies["requirements/old.txt", "PYSEC-2"] == "Upgrade django to 4.0.1 or later."
    assert "No fixed version" in remedies["constraints.txt", "PYSEC-4"]


def test_severity_comes_from_the_advisory_else_it_is_high(report: ScannerReport) -> None:
    severities = {f.rule: f.severity for f in report.findings if f.outcome == "fail"}
    assert severities["PYSEC-1"] == "critical"
    assert severities["PYSEC-2"] == "high"
    [first] = [f for f in report.findings if f.rule == "PYSEC-1"]
    assert first.message == "django 3.1 has the known vulnerability PYSEC-1 (CVE-2030-1): A sample."


def test_what_is_not_pinned_is_said_line_by_line_and_never_gates(report: ScannerReport) -> None:
    told = [f for f in report.findings if f.outcome == "unknown"]
    assert [(f.location.path, f.location.line, f.gates) for f in told] == [
        ("requirements.txt", 4, False),
        ("requirements/old.txt", 3, False),
    ]
    assert "requests is not audited: its specifier allows several versions" in told[0].message


def test_lines_and_files_that_cannot_be_read_are_skipped(report: ScannerReport) -> None:
    assert report.status == "partial"
    reasons = {item.path: item.reason for item in report.skipped}
    assert reasons["requirements/latin.txt"].startswith("not UTF-8")
    assert reasons["requirements/old.txt"].startswith("line 4: not a requirement")
    assert report.scanned == 4


def test_the_advisories_are_named(report: ScannerReport) -> None:
    assert dict(report.details) == {
        "advisories": "a sample",
        "newest_advisory": "2030-01-02",
        "advisory_count": "4",
    }
    assert report.age_days is not None


def test_a_hostile_repository_changes_nothing_and_a_read_only_home_is_no_matter(
    safety_python: Path, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, home = tmp_path / "repo", tmp_path / "home"
    repository.mkdir()
    home.mkdir()
    trap = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    for name in ("safety", "yaml", "json", "requests", "sitecustomize", "authlib"):
        (repository / f"{name}.py").write_text(trap)
    (repository / ".safety-policy.yml").write_text(
        "version: '3.0'\nsecurity:\n  ignore-cvss-severity-below: 10\n"
        "  continue-on-vulnerability-error: true\n"
    )
    (repository / ".safety-project.ini").write_text("[project]\nid = x\n")
    (repository / "requirements.txt").write_text("django==3.1\n")
    home.chmod(0o500)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(repository))
    monkeypatch.setenv("SAFETY_API_KEY", "none-of-theirs")
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(safety_python.parents[3]))
    report = run(DiskTree(repository), database)
    assert report.status == "ok"
    assert [f.rule for f in report.findings] == ["PYSEC-1", "PYSEC-2"]
    assert not (tmp_path / "ran").exists()
    assert not list(home.iterdir())
    assert not list(repository.rglob("__pycache__"))


def test_it_tries_no_address_but_the_closed_port(
    safety_python: Path, database: Path, tmp_path: Path
) -> None:
    log, home = tmp_path / "network", tmp_path / "home"
    home.mkdir()
    (tmp_path / "r.txt").write_text("django==3.1\n")
    hook = (
        "import sys, runpy\n"
        f"def hook(event, args, log={str(log)!r}):\n"
        "    if event == 'socket.connect':\n"
        "        open(log, 'a').write(repr(args[1]) + '\\n')\n"
        "    if event == 'socket.getaddrinfo':\n"
        "        open(log, 'a').write(repr(args[0]) + '\\n')\n"
        "sys.addaudithook(hook)\n"
        "runpy.run_module('safety', run_name='__main__', alter_sys=True)\n"
    )
    argv = safety.arguments(safety_python, database, tmp_path / "out.json", tmp_path / "r.txt")
    assert argv[1:7] == ["-I", "-W", "ignore", "-m", "safety", "check"]
    done = subprocess.run(
        [argv[0], "-I", "-W", "ignore", "-c", hook, *argv[6:]],
        cwd=home,
        env=safety.environment_variables(home),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 64
    assert json.loads((tmp_path / "out.json").read_bytes())["vulnerabilities"]
    tried = log.read_text().split("\n") if log.exists() else []
    assert all("127.0.0.1" in address for address in tried if address)


def test_without_advisories_it_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(tmp_path / "none"))
    tree = DictTree(FILES)
    report = safety.scan(ScanRequest(tree, tree.listing().files))
    assert report.status == "not-installed"
    assert "iact-guard advisories update --from" in (report.reason or "")
    assert [f.outcome for f in report.findings] == ["unknown", "unknown"]


def test_advisories_older_than_allowed_fail_and_keep_the_findings(
    safety_python: Path, tmp_path: Path
) -> None:
    old = Advisory("PYSEC-9", frozenset({"PYSEC-9"}), "django", ("<4",), None, "", "2020-01-01")
    advisories.write([old], "old", tmp_path / "db")
    report = run({"requirements.txt": "django==3.1\n"}, tmp_path / "db", max_age_days=30)
    assert report.status == "failed"
    assert report.reason == (
        "the newest advisory is of 2020-01-01: older than max_age_days (30) allows"
    )
    assert [f.rule for f in report.findings] == ["PYSEC-9"]
    allowed = run({"requirements.txt": "django==3.1\n"}, tmp_path / "db", max_age_days=100_000)
    assert allowed.status == "ok"


@pytest.mark.parametrize("content", ["{", "[]", '{"meta": 3}'])
def test_a_broken_database_is_a_failure_with_its_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "insecure.json").write_text(content)
    report = run({"requirements.txt": "django==3.1\n"}, tmp_path)
    assert report.status == "failed"
    assert tmp_path.name in (report.reason or "")


def test_a_database_of_another_form_is_a_failure_with_its_exit_code(
    safety_python: Path, tmp_path: Path
) -> None:
    meta = {"schema_version": "9.9"}
    for name in ("insecure.json", "insecure_full.json"):
        data = {"meta": meta, "vulnerable_packages": {"django": ["<4"]}}
        (tmp_path / name).write_text(json.dumps(data))
    report = run({"requirements.txt": "django==3.1\n"}, tmp_path)
    assert report.status == "failed"
    assert "another form" in (report.reason or "")


def test_a_hanging_safety_is_a_timeout(
    safety_python: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = [str(safety_python), "-I", "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(safety, "arguments", lambda *_: argv)
    report = run({"requirements.txt": "django==3.1\n"}, database, timeout=1)
    assert (report.status, report.reason) == ("timeout", "not finished after 1 s")


def test_includes_in_a_circle_end(safety_python: Path, database: Path) -> None:
    files = {
        "requirements.txt": "-r b.txt\n-c b.txt\n",
        "b.txt": "-r requirements.txt\n-c b.txt\nx\n",
    }
    report = run(files, database)
    assert report.scanned == 2
    assert [f.location.path for f in report.findings] == ["b.txt"]
