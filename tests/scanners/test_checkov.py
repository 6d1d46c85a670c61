"""The real Checkov, on a repository that is written here and means no good."""

import json
import re
import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from iact_guard.model.finding import Finding
from iact_guard.model.scan import ScannerReport
from iact_guard.scanners import checkov
from iact_guard.scanners.checkov_answer import parts
from iact_guard.scanners.checkov_settings import read_settings
from iact_guard.scanners.process import scrubbed
from iact_guard.scanners.request import ScanRequest
from iact_guard.scanners.table import scan
from iact_guard.settings import Checkov, Scanners
from iact_guard.tree import DictTree, DiskTree, Tree

SECRET = "wJ7rXUtnKb2MDENGq9xRfiCYzEkLmNoPqRsTuVwX"
TOKEN = "AKIAZ7Q2XK5MWPLN3T4V"

FILES: dict[str, str | bytes] = {
    "infra/main.tf": f"""\
        # Ünïcödé before the blocks
        variable "encrypted" {{
          default = false
        }}

        resource "aws_db_instance" "main" {{
          engine              = "postgres"
          instance_class      = "db.t3.micro"
          password            = "{SECRET}"
          storage_encrypted   = var.encrypted
          publicly_accessible = true
        }}

        module "one" {{
          source = "./modules/db"
          public = true
        }}

        module "two" {{
          source = "./modules/db"
          public = true
        }}

        provider "aws" {{
          access_key = "{TOKEN}"
          secret_key = "{SECRET}"
        }}
        """,
    "infra/modules/db/main.tf": """\
        variable "public" {}

        resource "aws_db_instance" "inner" {
          engine              = "postgres"
          publicly_accessible = var.public
        }
        """,
    "infra/broken.tf": 'resource "aws_s3_bucket" "b" {\n  a = [1,\n',
    "infra/latin.tf": b"# \xe9\n",
    "infra/.serverless/main.tf": 'resource "aws_s3_bucket" "hidden" {\n  bucket = "h"\n}\n',
    "vendored/x/main.tf": 'resource "aws_s3_bucket" "module" {\n  bucket = "m"\n}\n',
    "-d\n.tf": 'resource "aws_s3_bucket" "odd" {\n  bucket = "o"\n}\n',
    "skipped.tf": '# x\nresource "aws_s3_bucket" "s" {\n'
    '  # checkov:skip=CKV_AWS_18: by intent\n  bucket = "s"\n}\n',
    ".github/workflows/ci.yml": """\
        name: ci
        on: [push]
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - run: echo ${{ github.event.issue.title }}
        """,
    ".github/workflows/bad.yml": "name: x\non: [push\njobs:\n",
    "deploy/web.yaml": """\
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec:
          containers:
            - name: web
              image: web:latest
              securityContext:
                privileged: true
        """,
    "deploy/broken.yaml": "apiVersion: v1\nkind: Pod\nspec: [\n",
    "chart/templates/web.yaml": "apiVersion: v1\nkind: Pod\nspec: {{ .Values.spec }}\n",
    "Dockerfile": f"FROM python:latest\nENV DB_PASSWORD={SECRET}\nRUN sudo true\n",
    "Dockerfile.binary": b"\xff\xfe\x00",
    "values.yaml": f"password: {SECRET}\n",
    ".env": f"PASSWORD={SECRET}\n",
}


def tree(files: dict[str, Any] = FILES) -> DictTree:
    return DictTree({k: dedent(v) if isinstance(v, str) else v for k, v in files.items()})


def run(source: Tree, **options: Any) -> ScannerReport:
    options = {"timeout": 120} | options
    paths = source.listing().files
    return checkov.scan(ScanRequest(source, paths, Scanners(checkov=Checkov(**options))))


@pytest.fixture(scope="module")
def hostile(checkov_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository on disk, with every trap that ran code or hid findings."""
    folder = tmp_path_factory.mktemp("hostile")
    trap = f"open({str(folder / 'ran')!r}, 'w').close()\n"
    repository = folder / "repo"
    for path, text in FILES.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        content = text if isinstance(text, bytes) else dedent(text).encode()
        (repository / path).write_bytes(content)
    for name in ("yaml", "checkov", "safety", "bandit", "json", "sitecustomize", "checks/evil"):
        (repository / f"{name}.py").parent.mkdir(exist_ok=True)
        (repository / f"{name}.py").write_text(trap)
    (repository / "checks/__init__.py").write_text(trap)
    (repository / ".checkov.yaml").write_text(
        "external-checks-dir: [checks]\nsoft-fail: true\nskip-check: [CKV_AWS_144, --bad]\n"
        "skip-path: [vendored]\n"
    )
    (repository / "infra/.checkov.yml").write_text("external-checks-dir: [checks]\n")
    return repository


@pytest.fixture(scope="module")
def report(hostile: Path) -> ScannerReport:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(hostile)
        patch.setenv("PYTHONPATH", str(hostile))
        patch.setenv("LOG_LEVEL", "DEBUG")
        patch.setenv("BC_API_KEY", "none-of-theirs")
        patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        return run(DiskTree(hostile))


def found(report: ScannerReport, rule: str, path: str) -> list[Finding]:
    return [f for f in report.findings if f.rule == rule and f.location.path == path]


def test_nothing_of_the_repository_ran_and_nothing_was_written(
    report: ScannerReport, hostile: Path
) -> None:
    assert report.status == "partial"
    assert not (hostile.parent / "ran").exists()
    assert not list(hostile.rglob("__pycache__"))


def test_the_attribute_is_the_place_where_our_tree_has_it(report: ScannerReport) -> None:
    [public] = found(report, "CKV_AWS_17", "infra/main.tf")
    [encrypted] = found(report, "CKV_AWS_16", "infra/main.tf")
    [multi_az] = found(report, "CKV_AWS_157", "infra/main.tf")
    assert (public.location.line, public.location.column) == (11, 3)
    assert encrypted.location.line == 10
    assert (multi_az.location.line, multi_az.location.end_column) == (6, 34)
    [privileged] = found(report, "CKV_K8S_16", "deploy/web.yaml")
    assert privileged.location.line == 9


def test_every_place_is_one_line_of_a_file_of_the_tree(report: ScannerReport) -> None:
    assert len(report.findings) > 40
    for finding in report.findings:
        where = finding.location
        assert where.path in FILES
        assert where.line == where.end_line >= 1
        assert where.column < where.end_column


def test_two_calls_of_a_module_are_one_finding_with_both_calls(report: ScannerReport) -> None:
    [finding] = found(report, "CKV_AWS_17", "infra/modules/db/main.tf")
    assert "module.one.aws_db_instance.inner, module.two.aws_db_instance.inner" in finding.message
    assert [item.location.line for item in finding.evidence] == [14, 19]
    assert finding.anchor == "aws_db_instance.inner"


def test_what_checkov_drops_in_silence_is_a_skipped_file(report: ScannerReport) -> None:
    reasons = {item.path: item.reason for item in report.skipped}
    assert set(reasons) == {
        "infra/broken.tf",
        "infra/latin.tf",
        ".github/workflows/bad.yml",
        "deploy/broken.yaml",
        "Dockerfile.binary",
    }
    assert reasons["infra/broken.tf"] == "Checkov cannot parse it"
    assert "UTF-8" in reasons["infra/latin.tf"]


def test_hidden_folders_and_odd_names_are_scanned_as_discovery_says(report: ScannerReport) -> None:
    assert found(report, "CKV_AWS_18", "infra/.serverless/main.tf")
    assert found(report, "CKV_AWS_18", "-d\n.tf")


def test_settings_are_parsed_by_us_and_told(report: ScannerReport) -> None:
    assert not [f for f in report.findings if f.rule == "CKV_AWS_144"]
    assert not [f for f in report.findings if f.location.path.startswith("vendored")]
    told = [item.message for item in report.remarks]
    assert "skip-check: CKV_AWS_144" in told
    assert "skip-path: /vendored (1 files left out)" in told
    assert "`external-checks-dir` is not honoured" in told
    assert "checkov:skip switches CKV_AWS_18 off here" in told
    assert "1 templates of manifests are no manifests: not scanned" in told
    assert not found(report, "CKV_AWS_18", "skipped.tf")


def test_severities_are_ours_and_teams_override_them(report: ScannerReport) -> None:
    assert found(report, "CKV_AWS_41", "infra/main.tf")[0].severity == "critical"
    assert found(report, "CKV_AWS_17", "infra/main.tf")[0].severity == "high"
    assert found(report, "CKV_DOCKER_7", "Dockerfile")[0].severity == "low"
    files = {"Dockerfile": "FROM python:latest\n"}
    own = run(tree(files), severities={"CKV_DOCKER_7": "critical"}, skips=["CKV_DOCKER_2"])
    assert found(own, "CKV_DOCKER_7", "Dockerfile")[0].severity == "critical"
    assert not found(own, "CKV_DOCKER_2", "Dockerfile")


def test_no_text_of_the_report_holds_a_secret_or_its_hash(report: ScannerReport) -> None:
    secrets = [f for f in report.findings if f.rule.startswith("CKV_SECRET")]
    assert secrets
    assert all(f.anchor == "" for f in secrets)
    text = repr(report)
    assert SECRET not in text
    assert TOKEN not in text
    assert not re.search(r"[0-9a-f]{40}", text)


def test_it_opens_no_connection_and_asks_no_name_server(
    checkov_python: Path, tmp_path: Path
) -> None:
    """The very command, with a hook in the interpreter that writes down every attempt."""
    staged, home = tmp_path / "staged", tmp_path / "home"
    staged.mkdir()
    home.mkdir()
    (staged / "Dockerfile").write_text("FROM python:latest\n")
    (staged / "main.tf").write_text('module "x" {\n  source = "terraform-aws-modules/rds/aws"\n}\n')
    log = tmp_path / "network"
    hook = (
        "import sys, runpy\n"
        f"def hook(event, args, log={str(log)!r}):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname'):\n"
        "        open(log, 'a').write(event + '\\n')\n"
        "sys.addaudithook(hook)\n"
        "runpy.run_module('checkov.main', run_name='__main__', alter_sys=True)\n"
    )
    argv = checkov.arguments(checkov_python, staged, ["terraform", "dockerfile", "secrets"], [])
    assert argv[1:4] == ["-I", "-m", "checkov.main"]
    done = subprocess.run(
        [argv[0], "-I", "-c", hook, *argv[4:]],
        cwd=home,
        env=scrubbed(home) | checkov._ENVIRONMENT,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert json.loads(done.stdout)
    assert not log.exists()


def test_a_repository_without_infrastructure_starts_nothing(checkov_python: Path) -> None:
    report = run(tree({"a.py": "x = 1\n", "values.yaml": "a: 1\n"}), timeout=1)
    assert (report.status, report.scanned, report.findings) == ("ok", 0, ())


def test_time_out_is_a_status_and_the_process_is_gone(
    checkov_python: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); "
    argv = [str(checkov_python), "-I", "-c", f"{child}time.sleep(60)"]
    monkeypatch.setattr(checkov, "arguments", lambda *_: argv)
    report = run(tree({"Dockerfile": "FROM x\n"}), timeout=2)
    assert report.status == "timeout"
    assert report.reason == "not finished after 2 s: dockerfile, secrets"
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()


@pytest.mark.parametrize(
    ("program", "code"),
    [("raise SystemExit(1)", 1), ("print('Traceback')", 0), ("print('[3]')", 0)],
)
def test_an_exit_without_a_report_is_a_failure(
    checkov_python: Path, monkeypatch: pytest.MonkeyPatch, program: str, code: int
) -> None:
    argv = [str(checkov_python), "-I", "-c", program]
    monkeypatch.setattr(checkov, "arguments", lambda *_: argv)
    report = run(tree({"Dockerfile": "FROM x\n"}))
    assert report.status == "failed"
    assert f"(exit code {code})" in (report.reason or "")


def test_offline_without_an_environment_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(tmp_path / "none"))
    source = tree({"Dockerfile": "FROM x\n"})
    report = scan("checkov", ScanRequest(source, source.listing().files, offline=True))
    assert report.status == "not-installed"
    assert "iact-guard scanners install checkov" in (report.reason or "")
    assert not (tmp_path / "none").exists()


def test_three_forms_of_a_report_are_read(tmp_path: Path) -> None:
    part = {"check_type": "terraform", "results": {}}
    for number, (data, count) in enumerate([(part, 1), ([part, part], 2), ({"passed": 0}, 0)]):
        output = tmp_path / f"{number}.json"
        output.write_text(json.dumps(data))
        assert len(parts(output)) == count


def test_paths_to_skip_that_are_regular_expressions_are_refused_aloud() -> None:
    settings = read_settings(
        tree({".checkov.yml": "skip-path: ['(a+)+$', docs/]\nskip-check: A\n"})
    )
    assert settings.skip_paths == ("/docs/",)
    assert settings.excludes("x/docs/a.tf")
    assert not settings.excludes("mydocs/a.tf")
    assert "1 entries that are no plain name" in settings.ignored[0].message
