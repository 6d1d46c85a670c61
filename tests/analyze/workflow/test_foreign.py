"""Code of strangers in a job: how it gets there, which versions refuse it, what runs it."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.rights.foreign import fetches_of
from iact_guard.analyze.workflow.rights.foreign_runs import runs_of
from iact_guard.analyze.workflow.rights.privileges import privileges_of
from iact_guard.model.workflow import Job
from iact_guard.project import Project
from iact_guard.tree import DictTree

SHA = "a" * 40


def _job(steps: str, on: str = "pull_request_target", head: str = "") -> tuple[Context, Job]:
    body = "\n".join(f"      {line}" for line in steps.splitlines())
    text = f"on: {on}\njobs:\n  a:\n    runs-on: x\n{head}    steps:\n{body}\n"
    ctx = Context(Project(DictTree({".github/workflows/w.yml": text})))
    return ctx, ctx.project.entities("job")[0]


def _checkout(version: str, more: str = "") -> str:
    return (
        f"- uses: actions/checkout@{version}\n  with:\n"
        f"    ref: ${{{{ github.event.pull_request.head.sha }}}}\n{more}"
    )


@pytest.mark.parametrize(
    ("version", "refused"),
    [
        ("v4", "now"),
        ("v2", "now"),
        ("v1", ""),
        ("v4.3.1", ""),
        ("v4.4.0", "always"),
        ("v6.0.2", ""),
        ("v6.1.0", "always"),
        ("v7", "always"),
        ("v8.1.2", "always"),
        ("main", "now"),
        (SHA, ""),
        (f"{SHA} # v4.2.2", ""),
        (f"{SHA} # v7.0.1", "always"),
        (f"{SHA} # v6", ""),
    ],
)
def test_the_version_of_checkout_says_whether_it_refuses(version: str, refused: str) -> None:
    ctx, job = _job(_checkout(version))
    (found,) = fetches_of(ctx, job).known
    assert found.refused == refused


def test_no_version_refuses_what_is_allowed_or_on_a_comment() -> None:
    ctx, job = _job(_checkout("v7", "    allow-unsafe-pr-checkout: true\n"))
    assert [each.refused for each in fetches_of(ctx, job).known] == [""]
    steps = '- uses: actions/checkout@v7\n  with: {ref: "refs/pull/1/merge"}'
    ctx, job = _job(steps, "issue_comment")
    assert [each.refused for each in fetches_of(ctx, job).known] == [""]


@pytest.mark.parametrize(
    ("steps", "on", "count"),
    [
        ("- run: gh pr checkout 1", "issue_comment", 1),
        ("- run: gh pr view 1", "issue_comment", 0),
        ("- run: git fetch origin pull/1/head && git checkout FETCH_HEAD", "issue_comment", 1),
        ("- run: git fetch origin pull/1/head && git diff FETCH_HEAD", "issue_comment", 0),
        ("- run: git pull origin pull/1/head", "pull_request_target", 1),
        ("- run: git checkout ${{ github.event.pull_request.head.sha }}", "pull_request_target", 1),
        ("- run: git checkout ${{ github.event.pull_request.head.sha }}", "pull_request", 0),
        ("- run: git checkout ${{ github.event.pull_request.base.sha }}", "pull_request_target", 0),
        ("- env: {S: '${{ github.event.workflow_run.head_sha }}'}\n  run: git checkout $S",
         "workflow_run", 1),
        ("- uses: actions/checkout@v4", "pull_request_target", 0),
        ("- uses: actions/checkout@v4\n  with: {repository: acme/tools}", "issue_comment", 0),
    ],
)  # fmt: skip
def test_the_ways_in_which_the_code_gets_there(steps: str, on: str, count: int) -> None:
    ctx, job = _job(steps, on)
    assert len(fetches_of(ctx, job).known) == count


@pytest.mark.parametrize(
    ("step", "certain"),
    [
        ("- run: npm ci", True),
        ("- run: npm install -g prettier", None),
        ("- run: make", True),
        ("- run: ./build.sh", True),
        ("- run: python setup.py build", True),
        ("- run: python -c 'print(1)'", None),
        ("- run: pip install -r requirements.txt", True),
        ("- run: pip install ruff", None),
        ("- run: docker build .", True),
        ("- run: docker login", None),
        ("- run: git diff | grep x", None),
        ("- run: some-tool x", False),
        ("- uses: ./action", True),
        ("- uses: acme/tool@v1", False),
        ("- uses: actions/setup-python@v5", None),
        ("- uses: pre-commit/action@v3", True),
    ],
)
def test_what_runs_the_code(step: str, certain: bool | None) -> None:
    ctx, job = _job(_checkout("v4") + step)
    (fetch,) = fetches_of(ctx, job).known
    first = next(runs_of(ctx, job, fetch), None)
    assert (first.certain if first else None) is certain


def test_what_runs_before_the_code_is_there_runs_none_of_it() -> None:
    ctx, job = _job("- run: make\n" + _checkout("v4"))
    (fetch,) = fetches_of(ctx, job).known
    assert list(runs_of(ctx, job, fetch)) == []


@pytest.mark.parametrize(
    ("head", "steps", "count"),
    [
        ("", "- run: make", 1),
        ("    permissions: {}\n", "- run: make", 0),
        ("    permissions: read-all\n", "- run: make", 0),
        ("    permissions: {contents: write}\n", "- run: make", 1),
        ("    permissions: write-all\n", "- run: echo ${{ secrets.A }}", 2),
        ("    permissions: {}\n", "- run: echo ${{ secrets.GITHUB_TOKEN }}", 0),
        ("    permissions: {}\n    env: {A: '${{ secrets.A }}'}\n", "- run: make", 1),
    ],
)
def test_a_token_that_writes_and_secrets_are_privileges(head: str, steps: str, count: int) -> None:
    ctx, job = _job(steps, head=head)
    assert len(privileges_of(ctx, job).known) == count
