"""`init` on repositories made here: what it finds, what it writes, and that our check likes it."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from iact_guard.model.errors import GuardError
from iact_guard.pipeline.init.files import HOOKS, WORKFLOW, next_steps, plan, write
from iact_guard.pipeline.init.survey import survey
from tests.command import iact_guard
from tests.command import write as put

WRITTEN = (".iact-guard.yaml", WORKFLOW, HOOKS)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
MIGRATION = """\
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = []
    operations = []
"""
BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "state"\n  }\n}\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A Django shop with two Terraform roots, on `trunk`, at github.com."""
    root = tmp_path / "a shop"
    put(root, "backend/orders/migrations/__init__.py", "")
    put(root, "backend/orders/migrations/0001_initial.py", MIGRATION)
    put(root, "infra/production/main.tf", BACKEND)
    put(root, "infra/staging/main.tf", BACKEND)
    put(root, "requirements.txt", "Django==5.2\npsycopg[binary]==3.2.1\n")
    for arguments in (
        ("init", "-q", "-b", "trunk"),
        ("remote", "add", "origin", "git@github.com:acme/shop.git"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "first"),
        ("branch", "develop"),
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


def test_it_finds_branches_apps_roots_database_and_home(shop: Path) -> None:
    found = survey(shop)
    assert found.branches == ("trunk", "develop")
    assert found.apps == ("backend/orders",)
    assert found.roots == ("infra/production", "infra/staging")
    assert found.production == ("infra/production",)
    assert found.engine == "postgresql"
    assert found.slug == "acme/shop"


def test_what_it_writes_is_valid_and_passes_its_own_check(shop: Path) -> None:
    write(shop, plan(shop, survey(shop), COMMIT))
    done = iact_guard("check", str(shop), "--scanners", "none", "--format", "json")
    report = json.loads(done.out)
    assert [f for f in report["findings"] if f["path"] in WRITTEN] == []
    workflow = yaml.safe_load((shop / WORKFLOW).read_text())
    assert workflow[True]["pull_request"]["branches"] == ["trunk", "develop"]
    assert COMMIT in (shop / WORKFLOW).read_text()
    assert yaml.safe_load((shop / HOOKS).read_text())["repos"][0]["hooks"][0] == {
        "id": "iact-guard"
    }


def test_files_that_are_there_stay(shop: Path) -> None:
    put(shop, ".iact-guard.yaml", "fail_on: high\n")
    put(shop, HOOKS, "repos:\n- repo: local\n  hooks: []\n")
    done = iact_guard("init", "--offline", str(shop))
    assert done.code == 0
    assert (shop / ".iact-guard.yaml").read_text() == "fail_on: high\n"
    assert len(yaml.safe_load((shop / HOOKS).read_text())["repos"]) == 2
    assert "kept     .iact-guard.yaml" in done.out
    again = iact_guard("init", "--offline", str(shop))
    assert "kept     .pre-commit-config.yaml: it has the hook already" in again.out
    assert len(yaml.safe_load((shop / HOOKS).read_text())["repos"]) == 2


def test_a_dry_run_shows_everything_and_writes_nothing(shop: Path) -> None:
    before = sorted(shop.rglob("*"))
    done = iact_guard("init", "--dry-run", "--offline", str(shop))
    assert done.code == 0
    assert "protected: [trunk, develop]" in done.out
    assert sorted(shop.rglob("*")) == before


def test_the_steps_name_the_page_the_branches_and_the_missing_pin(shop: Path) -> None:
    text = "\n".join(next_steps(survey(shop), None))
    assert "https://github.com/acme/shop/settings/rules" in text
    assert "target trunk, develop" in text
    assert "git ls-remote" in text
    assert "git ls-remote" not in "\n".join(next_steps(survey(shop), COMMIT))


def test_a_link_out_of_the_root_is_not_written_through(shop: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (shop / ".github").symlink_to(outside)
    with pytest.raises(GuardError, match="symbolic link"):
        write(shop, plan(shop, survey(shop), COMMIT))
    assert list(outside.iterdir()) == []


def test_a_folder_that_is_no_repository_gets_the_usual_branch(tmp_path: Path) -> None:
    put(tmp_path, ".github/workflows/ci.yml", "on: push\njobs: {}\n")
    assert survey(tmp_path).branches == ("main",)
