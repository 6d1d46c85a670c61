"""A secret value stays where it is: in no output, at any verbosity, in no crash."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from iact_guard.cli import main
from iact_guard.load.shipped import shipped
from iact_guard.report import REPORTERS
from tests.command import iact_guard, write

CANARY = "c4nary-Zx81q7Lw0"
FILES = {
    ".github/workflows/deploy.yml": f"""\
name: Deploy
on: push
env:
  API_TOKEN: {CANARY}
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    services:
      db: {{image: "postgres:15", env: {{POSTGRES_PASSWORD: {CANARY}}}}}
    steps:
      - uses: acme/deploy@v1
        with: {{token: {CANARY}}}
      - name: Log in
        run: |
          export DB_PASSWORD={CANARY}
          curl -H "Authorization: Bearer {CANARY}" https://u:{CANARY}@example.com
          python manage.py migrate --password {CANARY} || true
          mysql -p{CANARY} < dump.sql
""",
    ".github/workflows/broken.yml": f"on: push\njobs: [password: {CANARY}\n",
    ".github/actions/x/action.yml": f"""\
name: X
inputs: {{password: {{default: {CANARY}}}}}
runs:
  using: composite
  steps:
    - {{shell: bash, run: "TOKEN={CANARY} deploy"}}
""",
    "main.tf": f"""\
terraform {{
  backend "s3" {{
    bucket     = "b"
    secret_key = "{CANARY}"
  }}
}}
variable "db_password" {{
  default = "{CANARY}"
}}
locals {{
  api = {{ token = "{CANARY}" }}
  url = "postgres://u:{CANARY}@db/x"
}}
resource "aws_db_instance" "production" {{
  password = var.db_password
  username = local.api.token
  tags     = {{ Environment = "production", secret = "{CANARY}" }}
}}
""",
    "broken.tf": f'resource "a" "b" {{\n  password = "{CANARY}\n',
    "prod.auto.tfvars": f'db_password = "{CANARY}"\n',
    ".env": f"SECRET_KEY={CANARY}\nexport API_KEY='{CANARY}'\n",
    "settings.py": f"""\
import subprocess
SECRET_KEY = "{CANARY}"
DATABASES = {{"default": {{"PASSWORD": "{CANARY}"}}}}
connect(password="{CANARY}")
def login(password="{CANARY}"):
    subprocess.call("login " + password, shell=True)
    assert password == "{CANARY}"
""",
    "broken.py": f'password = "{CANARY}"\nx = (\n',
    "shop/migrations/0001_initial.py": f"""\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("User", [("id", models.AutoField(primary_key=True))]),
        migrations.RunSQL("ALTER ROLE app PASSWORD '{CANARY}'"),
        migrations.AddField("User", "password", models.TextField(default="{CANARY}")),
    ]
""",
    "shop/migrations/0002_more.py": f"""\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField("User", "token", models.TextField(default="{CANARY}")),
    ]
""",
    "requirements.txt": "jinja2==2.10\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository full of it."""
    folder = tmp_path_factory.mktemp("canary")
    for path, text in FILES.items():
        write(folder, path, text)
    return folder


def test_no_report_holds_it(root: Path, tmp_path: Path) -> None:
    formats = tuple(REPORTERS)
    options = [part for name in formats for part in ("-o", f"{name}:{tmp_path / name}")]
    run = iact_guard("check", str(root), "--timings", *options)
    assert run.code == 2, run.err
    for text in (run.out, run.err, *((tmp_path / name).read_text() for name in formats)):
        assert text is run.err or "SC001" in text
        assert CANARY not in text
        assert CANARY[:8] not in text


def test_files_alone_hold_it_no_more(root: Path) -> None:
    for path in FILES:
        for format in ("console", "json", "sarif"):
            run = iact_guard(
                "check", str(root / path), "--root", str(root), "--scanners", "none",
                "--format", format,
            )  # fmt: skip
            assert CANARY[:8] not in run.out + run.err, path


def test_the_model_does_not_hold_it(root: Path) -> None:
    run = iact_guard("model", str(root))
    assert '"API_TOKEN"' in run.out
    assert CANARY[:8] not in run.out + run.err


ELSEWHERE = "q9Wm4xT7zKp2"
SPREAD = {
    "app/settings.py": f'API_TOKEN = "{ELSEWHERE}"\n',
    "app/use.py": f'import subprocess\nsubprocess.call("deploy {ELSEWHERE}", shell=True)\n',
    "tests/conftest.py": 'API_TOKEN = "k3Zw8Yq1Lm5v"\n',
    "app/more.py": 'import subprocess\nsubprocess.call("x k3Zw8Yq1Lm5v", shell=True)\n',
    ".github/workflows/ci.yml": """\
on: push
jobs:
  a:
    runs-on: x
    steps:
      - run: |
          mytool --password Wald7Mohn9x
          DB_PASSWORD='tr da4e ba' other
          sshpass -p Hex0ff1ce99 ssh host
""",
    "main.tf": """\
variable "db_password" {
  default = "Brücke-77-Wald"
}
locals {
  path = var.db_password
  loud = upper(var.db_password)
}
resource "x" "y" {
  path = var.db_password
}
""",
}
VALUES = (ELSEWHERE, "k3Zw8Yq1Lm5v", "Wald7Mohn9x", "da4e", "Hex0ff1ce99", "77-Wald", "77-WALD")


def test_a_value_is_hidden_where_it_is_used_not_only_where_it_is_given(tmp_path: Path) -> None:
    for path, text in SPREAD.items():
        write(tmp_path, path, text)
    config = tmp_path / ".iact-guard.yaml"
    use = str(tmp_path / "app/use.py")
    runs = [
        iact_guard("model", str(tmp_path)),
        iact_guard("check", use, "--root", str(tmp_path), "--scanners", "bandit"),
        *(
            iact_guard("check", str(tmp_path), "--scanners", "bandit", "--format", name)
            for name in ("console", "json", "sarif")
        ),
    ]
    config.write_text("policies: {SC001: off}\n")
    runs.append(iact_guard("check", str(tmp_path), "--scanners", "bandit"))
    for run in runs:
        for value in VALUES:
            assert value not in run.out + run.err, value


def test_a_fingerprint_is_the_same_whichever_files_are_asked_about(tmp_path: Path) -> None:
    for path, text in SPREAD.items():
        write(tmp_path, path, text)

    def prints(*arguments: str) -> set[str]:
        run = iact_guard("check", *arguments, "--scanners", "bandit", "--format", "json")
        return {f["fingerprint"] for f in run.report["findings"] if f["path"] == "app/use.py"}

    alone = prints(str(tmp_path / "app/use.py"), "--root", str(tmp_path))
    assert alone
    assert alone == prints(str(tmp_path))


def test_explanations_do_not_hold_it(root: Path) -> None:
    runner = CliRunner()
    for policy in shipped():
        result = runner.invoke(main, ["explain", policy.id, str(root)])
        assert CANARY[:8] not in result.output, policy.id


def test_crashes_do_not_hold_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> Iterator[Any]:
        raise ValueError(f"could not read {CANARY}")

    runner = CliRunner()
    with monkeypatch.context() as patch:
        patch.setattr("iact_guard.checks.workflow.actions_are_pinned.check", crash)
        result = runner.invoke(main, ["check", str(root), "--scanners", "none"])
        assert "IG003" in result.output
        assert CANARY[:8] not in result.output
    for place in ("evaluation.assess", "check.shipped"):
        with monkeypatch.context() as patch:
            patch.setattr(f"iact_guard.pipeline.{place}", crash)
            result = runner.invoke(main, ["check", str(root), "--scanners", "none"])
            assert result.exit_code == 2
            assert "ValueError" in result.output
            assert CANARY[:8] not in result.output


def test_it_is_in_no_entry_of_the_cache(tmp_path: Path) -> None:
    root, cache = tmp_path / "root", tmp_path / "cache"
    for path, text in FILES.items():
        write(root, path, text)
    outputs = [part for name in ("sarif", "html") for part in ("-o", f"{name}:{tmp_path / name}")]
    arguments = ("--scanners", "bandit", "--cache-dir", str(cache), *outputs)
    run = iact_guard("check", str(root), *arguments, environment={"IACT_GUARD_NO_CACHE": ""})
    assert run.code
    entries = [path.read_text() for path in cache.rglob("*.entry")]
    assert len(entries) > 1
    assert not [entry for entry in entries if CANARY in entry]
