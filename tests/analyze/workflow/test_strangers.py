"""Who comes to run a job: events and conditions, for strangers and for people with access."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.rights.strangers import (
    needs_label,
    path_text,
    reach_of,
    reaches_of,
)
from iact_guard.project import Project
from iact_guard.syntax.expression import parse
from iact_guard.tree import DictTree

PATH = ".github/workflows/w.yml"


def _context(on: str, condition: str = "", **files: str) -> Context:
    guard = f'\n    if: "{condition}"' if condition else ""
    text = f"on: {on}\njobs:\n  a:{guard}\n    runs-on: x\n    steps: [{{run: make}}]\n"
    return Context(Project(DictTree({PATH: text, **files})))


def _reach(on: str, condition: str = "") -> dict[str, str]:
    ctx = _context(on, condition)
    return dict(reach_of(ctx, ctx.project.entities("job")[0]))


SAME = "github.event.pull_request.head.repo.full_name == github.repository"


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ("", "anyone"),
        (SAME, "writer"),
        (f"!({SAME})", "anyone"),
        ("github.event.pull_request.head.repo.full_name == 'acme/web'", "writer"),
        ("github.event.pull_request.head.repo.fork == false", "writer"),
        ("!github.event.pull_request.head.repo.fork", "writer"),
        ("github.actor == 'dependabot[bot]'", "writer"),
        ("github.actor != 'dependabot[bot]'", "anyone"),
        ("contains(fromJSON('[\\\"me\\\"]'), github.triggering_actor)", "writer"),
        ("github.event.pull_request.author_association == 'MEMBER'", "writer"),
        ("github.event.pull_request.author_association == 'CONTRIBUTOR'", "anyone"),
        ("github.event.pull_request.user.login == github.actor", "anyone"),
        (f"{SAME} || contains(github.event.pull_request.labels.*.name, 'ok')", "anyone"),
        ("github.repository == 'acme/web'", "anyone"),
        ("github.event_name == 'push'", None),
        ("github.event.issue", None),
        ("text around ${{ github.actor == 'me' }}", "anyone"),
    ],
)
def test_a_condition_decides_who_gets_past_it(condition: str, who: str | None) -> None:
    assert _reach("pull_request_target", condition).get("pull_request_target") == who


def test_the_skip_of_a_needed_job_skips_the_job_unless_it_runs_in_any_case() -> None:
    text = f"""
on: pull_request
jobs:
  guard: {{if: "{SAME}", runs-on: x, steps: [{{run: make}}]}}
  after: {{needs: guard, runs-on: x, steps: [{{run: make}}]}}
  anyway: {{needs: guard, if: always(), runs-on: x, steps: [{{run: make}}]}}
"""
    ctx = Context(Project(DictTree({PATH: text})))
    found = {job.key: reach_of(ctx, job) for job in ctx.project.entities("job")}
    assert found["after"] == {"pull_request": "writer"}
    assert found["anyway"] == {"pull_request": "anyone"}


def test_a_called_workflow_has_its_callers_events() -> None:
    caller = "on: [push, issues]\njobs:\n  c:\n    uses: ./.github/workflows/w.yml\n"
    ctx = _context("workflow_call", **{".github/workflows/c.yml": caller})
    job = next(job for job in ctx.project.entities("job") if job.key == "a")
    assert set(reach_of(ctx, job)) == {"push", "issues"}
    assert set(_reach("workflow_call")) == {"*"}


def test_workflows_that_call_each_other_come_to_an_end() -> None:
    text = "on: workflow_call\njobs:\n  a:\n    uses: ./.github/workflows/{}.yml\n"
    files = {
        ".github/workflows/w.yml": text.format("v"),
        ".github/workflows/v.yml": text.format("w"),
    }
    ctx = Context(Project(DictTree(files)))
    for job in ctx.project.entities("job"):
        assert reach_of(ctx, job) == {}
    assert not [p for p in ctx.project.problems if p.rule == "IG003"]


def test_a_run_after_a_workflow_that_only_pushes_start_is_no_strangers() -> None:
    own = "name: CI\non: push\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
    theirs = own.replace("push", "[push, pull_request]")
    for other, who in ((own, "writer"), (theirs, "anyone")):
        ctx = _context("{workflow_run: {workflows: [CI]}}", **{".github/workflows/ci.yml": other})
        job = next(job for job in ctx.project.entities("job") if job.path == PATH)
        assert reach_of(ctx, job) == {"workflow_run": who}


def test_a_label_is_needed_where_nothing_else_lets_a_stranger_in() -> None:
    labelled = "contains(github.event.pull_request.labels.*.name, 'ok')"
    for condition, expected in (
        (labelled, True),
        ("github.event.label.name == 'ok'", True),
        (f"{labelled} || github.event.action == 'opened'", False),
        ("github.event.pull_request.draft == false", False),
    ):
        ctx = _context("pull_request_target", condition)
        job = ctx.project.entities("job")[0]
        assert needs_label("pull_request_target", (job.condition,)) is expected, condition


def test_a_path_into_a_context_is_read_in_any_spelling() -> None:
    assert path_text(parse("github.event['Issue'].title")) == "github.event.issue.title"
    assert path_text(parse("github.event.commits[0].message")) == "github.event.commits.*.message"
    assert path_text(parse("toJSON(github)")) == ""


def test_long_chains_of_calls_are_followed_without_recursion() -> None:
    files = {PATH: "on: issues\njobs:\n  a:\n    uses: ./.github/workflows/c0.yml\n"}
    for i in range(400):
        files[f".github/workflows/c{i}.yml"] = (
            f"on: workflow_call\njobs:\n  a:\n    uses: ./.github/workflows/c{i + 1}.yml\n"
        )
    ctx = Context(Project(DictTree(files)))
    last = next(job for job in ctx.project.entities("job") if job.path.endswith("c399.yml"))
    assert reach_of(ctx, last) == {"issues": "anyone"}


def test_conditions_of_callers_and_steps_hold_for_what_they_call() -> None:
    caller = (
        f'on: pull_request\njobs:\n  c:\n    if: "{SAME}"\n    uses: ./.github/workflows/w.yml\n'
    )
    ctx = _context("workflow_call", **{".github/workflows/c.yml": caller})
    job = next(job for job in ctx.project.entities("job") if job.key == "a")
    assert reach_of(ctx, job) == {"pull_request": "writer"}
    assert [dict(each) for each in reaches_of(ctx, job).known] == [{"pull_request": "writer"}]
