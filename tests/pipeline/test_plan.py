"""`iact-guard plan` in a repository with a history: what is new, its verdict, its exit code."""

import json
from pathlib import Path

import jsonschema
import pytest

from iact_guard.report.schema import PlanModel
from tests.checkout import Checkout
from tests.command import Run, iact_guard

INITIAL = """\
from django.db import migrations, models

class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True)),
            ("note", models.CharField(max_length=40, null=True)),
        ]),
    ]
"""
CHANGE = """\
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("orders", "%s")]
    operations = [%s]
"""
ADD = 'migrations.AddField("order", "memo", models.TextField(null=True))'
REMOVE = 'migrations.RemoveField("order", "note")'
INDEX = 'migrations.AddIndex("order", models.Index(fields=["note"], name="order_note"))'


@pytest.fixture
def repo(tmp_path: Path) -> Checkout:
    """One migration, released and on the branch that others start from."""
    repo = Checkout(tmp_path / "r")
    repo.write("orders/migrations/__init__.py", "")
    repo.write("orders/migrations/0001_initial.py", INITIAL)
    repo.write("README.md", "x\n")
    repo.commit()
    return repo


def add(repo: Checkout, name: str, after: str, *operations: str) -> None:
    repo.write(f"orders/migrations/{name}.py", CHANGE % (after, ", ".join(operations)))


def plan(repo: Checkout, *arguments: str) -> Run:
    run = iact_guard("plan", str(repo.root), "--format", "json", *arguments, seconds=60)
    if run.code in (0, 1):
        jsonschema.validate(run.report, PlanModel.model_json_schema(by_alias=True))
    return run


def test_an_added_column_is_safe_and_comes_first(repo: Checkout) -> None:
    add(repo, "0002_memo", "0001_initial", ADD)
    run = plan(repo, "--since", "HEAD")
    assert (run.code, run.report["verdict"], run.report["reasons"]) == (0, "safe", [])
    (migration,) = run.report["migrations"]
    assert (migration["app"], migration["name"], migration["phase"]) == (
        "orders",
        "0002_memo",
        "before",
    )
    (operation,) = migration["operations"]
    assert operation["locks"] == {"orders_order": ["AccessExclusiveLock"]}
    assert operation["reversible"] is True
    assert [c["command"] for c in run.report["forward"]["before"]] == ["python manage.py migrate"]


def test_findings_make_it_unsafe_and_the_exit_code_1(repo: Checkout) -> None:
    add(repo, "0002_note", "0001_initial", INDEX, REMOVE)
    run = plan(repo, "--since", "HEAD")
    assert (run.code, run.report["verdict"]) == (1, "blocks")
    (migration,) = run.report["migrations"]
    found = {finding["rule"] for finding in migration["findings"]}
    assert {"DM003", "DM009"} <= found
    assert all(finding["remedy"] for finding in migration["findings"])
    assert plan(repo, "--since", "HEAD", "--fail-on", "critical").code == 0


@pytest.mark.parametrize(
    ("operation", "counts"),
    [
        ('migrations.RemoveField("order", "note"),  # {}', True),
        ('# {}\n        migrations.RemoveField("order", "note"),', True),
        (
            "migrations.RemoveField(  # {}\n"
            '            model_name="order",\n            name="note",\n        ),',
            True,
        ),
        (
            '# {}\n        # A remark.\n        migrations.RemoveField(\n            "order",\n'
            '            "note",\n        ),',
            False,
        ),
        ('migrations.RemoveField(\n            "order", "note",\n        ),  # {}', False),
    ],
)
def test_a_comment_allows_the_operation_that_begins_there(
    repo: Checkout, operation: str, counts: bool
) -> None:
    said = "iact-guard: allow DM003 because the app is switched off"
    text = CHANGE % ("0001_initial", f"\n        {operation.format(said)}\n    ")
    repo.write("orders/migrations/0002_note.py", text)
    run = plan(repo, "--since", "HEAD")
    rules = {finding["rule"] for finding in run.report["migrations"][0]["findings"]}
    assert ("DM003" not in rules) is counts


def test_two_ends_and_files_that_cannot_be_read_are_told(repo: Checkout) -> None:
    add(repo, "0002_a", "0001_initial", ADD)
    add(repo, "0002_b", "0001_initial", INDEX)
    run = plan(repo)
    assert run.code == 1
    assert "DM024" in {f["rule"] for m in run.report["migrations"] for f in m["findings"]}
    repo.write("orders/migrations/0003_broken.py", "class Migration(migrations.Migration:\n")
    run = plan(repo)
    assert (run.code, run.report["verdict"], run.report["complete"]) == (2, "incomplete", False)
    assert run.report["findings"][0]["rule"] == "IG001"


def test_what_is_wrong_elsewhere_is_not_its_business(repo: Checkout) -> None:
    repo.write(".github/workflows/ci.yml", "on: [\n")
    add(repo, "0002_memo", "0001_initial", ADD)
    assert plan(repo, "--since", "HEAD").code == 0


def test_without_anything_new_there_is_nothing_to_do(repo: Checkout) -> None:
    run = plan(repo, "--since", "HEAD")
    assert (run.code, run.report["verdict"], run.report["migrations"]) == (0, "nothing", [])


def test_without_a_base_everything_counts_that_no_release_has(repo: Checkout) -> None:
    add(repo, "0002_memo", "0001_initial", ADD)
    names = [m["name"] for m in plan(repo).report["migrations"]]
    assert names == ["0001_initial", "0002_memo"]
    repo.git("tag", "v1.9")
    repo.write(".iact-guard.yaml", 'migrations: {released: "v*"}\n')
    repo.commit()
    repo.git("tag", "v1.10")
    add(repo, "0003_note", "0002_memo", INDEX)
    repo.commit()
    assert [m["name"] for m in plan(repo).report["migrations"]] == ["0003_note"]


def test_a_table_of_this_release_is_new_also_where_the_base_has_it(repo: Checkout) -> None:
    repo.git("tag", "v1")
    repo.write(".iact-guard.yaml", 'migrations: {released: "v*"}\n')
    line = 'migrations.CreateModel("Line", [("id", models.BigAutoField(primary_key=True))])'
    add(repo, "0002_line", "0001_initial", line)
    repo.commit()
    index = 'migrations.AddIndex("line", models.Index(fields=["id"], name="line_id"))'
    add(repo, "0003_index", "0002_line", index)
    assert plan(repo, "--since", "HEAD").code == 0
    repo.git("tag", "v2")
    repo.commit()
    assert plan(repo, "--since", "HEAD~1").code == 1


def test_a_pattern_without_a_tag_is_told(repo: Checkout) -> None:
    repo.write(".iact-guard.yaml", 'migrations: {released: "rel-*"}\n')
    (warning,) = plan(repo).report["warnings"]
    assert "no earlier tag `rel-*`" in warning


def test_the_other_forms_go_to_a_file(repo: Checkout, tmp_path: Path) -> None:
    add(repo, "0002_memo", "0001_initial", ADD)
    out = tmp_path / "plan.md"
    arguments = ("--since", "HEAD", "--format", "markdown", "--output", str(out))
    run = iact_guard("plan", str(repo.root), *arguments, seconds=60)
    assert (run.code, run.out) == (0, "")
    assert out.read_text().startswith("## \u2705 Migration plan: safe")
    run = iact_guard("plan", str(repo.root), "--since", "HEAD", seconds=60)
    assert run.out.startswith("Migration plan: safe to run before the new code starts\n")


def test_a_base_that_is_not_there_is_no_plan(repo: Checkout) -> None:
    run = plan(repo, "--since", "nowhere")
    assert run.code == 2
    assert "no commit of this clone" in run.err


def test_secrets_are_masked(repo: Checkout) -> None:
    token = "ghp_" + "a1B2" * 9
    repo.write(
        "orders/migrations/0002_x.py",
        CHANGE % ("0001_initial", f"migrations.RunSQL(\"UPDATE a SET b = '{token}'\")"),
    )
    for form in ("json", "markdown", "console"):
        run = iact_guard("plan", str(repo.root), "--format", form, seconds=60)
        assert token not in run.out
        if form == "json":
            json.loads(run.out)
