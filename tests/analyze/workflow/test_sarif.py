"""Reports for code scanning: which job may upload, and which scan keeps it from doing so."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.scans import scans_of
from iact_guard.analyze.workflow.rights.sarif import denied_by, scans_before, uploads_of
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job
from iact_guard.project import Project
from iact_guard.tree import DictTree

UPLOAD = "- uses: github/codeql-action/upload-sarif@v3\n  with: {sarif_file: FILE}\n"


def _job(steps: str, head: str = "", on: str = "push") -> tuple[Context, Job]:
    body = "\n".join(f"      {line}" for line in steps.splitlines())
    text = f"on: {on}\njobs:\n  a:\n    runs-on: x\n{head}    steps:\n{body}\n"
    ctx = Context(Project(DictTree({".github/workflows/w.yml": text})))
    return ctx, ctx.project.entities("job")[0]


@pytest.mark.parametrize(
    ("permissions", "denied"),
    [
        ("", False),
        ("    permissions: {}\n", True),
        ("    permissions: read-all\n", True),
        ("    permissions: write-all\n", False),
        ("    permissions: {contents: write}\n", True),
        ("    permissions: {security-events: write}\n", False),
    ],
)
def test_only_what_is_declared_denies(permissions: str, denied: bool) -> None:
    ctx, job = _job(UPLOAD, permissions)
    assert (denied_by(ctx, job) is not None) is denied


@pytest.mark.parametrize(
    ("file", "scan", "count"),
    [
        ("out/bandit.sarif", "bandit -f sarif -o out/bandit.sarif", 1),
        ("other.sarif", "bandit -f sarif -o bandit.sarif", 0),
        (".", "bandit -f sarif -o bandit.sarif", 1),
        ("results", "bandit -f json -o bandit.json", 0),
        ("a.sarif", "pytest --report a.sarif", 0),
    ],
)
def test_the_scan_is_the_one_that_writes_the_file(file: str, scan: str, count: int) -> None:
    ctx, job = _job(f"- run: {scan}\n" + UPLOAD.replace("FILE", file))
    (upload,) = uploads_of(ctx, job).known
    assert len(list(scans_before(ctx, job, upload))) == count


def test_a_scan_behind_the_upload_does_not_write_what_is_uploaded() -> None:
    ctx, job = _job(UPLOAD.replace("FILE", "a.sarif") + "- run: bandit -f sarif -o a.sarif")
    (upload,) = uploads_of(ctx, job).known
    assert list(scans_before(ctx, job, upload)) == []


@pytest.mark.parametrize(
    ("on", "head", "scheduled"),
    [
        ("push", "", False),
        ("{push: {}, schedule: [{cron: '0 0 * * *'}]}", "", True),
        ("{push: {}, schedule: [{cron: '0 0 * * *'}]}",
         "    if: github.event_name != 'schedule'\n", False),
        ("workflow_call", "", None),
    ],
)  # fmt: skip
def test_a_scan_is_scheduled_where_its_conditions_let_the_schedule_through(
    on: str, head: str, scheduled: bool | None
) -> None:
    ctx, _ = _job("- run: pip-audit", head, on)
    (scan,) = scans_of(ctx, Repository()).known
    assert scan.scheduled is scheduled
