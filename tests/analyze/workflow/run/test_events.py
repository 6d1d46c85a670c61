"""Which events start a workflow, and what its expressions learn from them."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.run import Event, events_of
from iact_guard.analyze.workflow.run.event import github_of
from iact_guard.analyze.workflow.run.events import MAX_EVENTS, combined_events_of
from iact_guard.analyze.workflow.run.filters import example_of
from iact_guard.analyze.workflow.triggers.filters import selects
from iact_guard.model.location import Location
from iact_guard.project import Project
from iact_guard.syntax.expression import Unknown, evaluate, parse
from iact_guard.tree import DictTree

HERE = Location("w.yml")


def _events(on: str, jobs: str = "{a: {runs-on: x, steps: [{run: make}]}}") -> list[str]:
    text = f"on: {on}\njobs: {jobs}\n"
    ctx = Context(Project(DictTree({".github/workflows/w.yml": text})))
    return [str(event) for event in events_of(ctx, ctx.project.workflows[0]).known]


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        (["main"], "main", True),
        (["main"], "mainline", False),
        (["release/*"], "release/1", True),
        (["release/*"], "release/1/2", False),
        (["release/**"], "release/1/2", True),
        (["**"], "a/b", True),
        (["*"], "a/b", False),
        (["v[0-9]+.[0-9]+"], "v1.20", True),
        (["v[0-9]+.[0-9]+"], "v1", False),
        (["v?.0"], ".0", True),
        (["main", "!main"], "main", False),
        (["!main", "main"], "main", True),
        (["[broken"], "[broken", True),
        (["a.b"], "axb", False),
    ],
)  # fmt: skip
def test_filters_match_as_the_cheat_sheet_says(
    patterns: list[str], name: str, expected: bool
) -> None:
    """ "Filter pattern cheat sheet" in the workflow syntax."""
    assert selects(patterns, name) is expected


@pytest.mark.parametrize("pattern", ["main", "release/**", "v[0-9]+.[0-9]+.[0-9]+", "v*", "a/*/b"])
def test_an_example_is_matched_by_its_pattern(pattern: str) -> None:
    assert selects([pattern], example_of(pattern))


def test_a_push_to_some_branches_is_no_push_of_a_tag() -> None:
    found = _events("{push: {branches: [main]}}")
    assert found == ["push to main"]


def test_a_push_without_filters_is_of_branches_and_tags() -> None:
    found = _events("push")
    assert {"push to main", "push to some-branch", "push of the tag v1.0.0"} <= set(found)


def test_pull_requests_come_from_forks_too() -> None:
    found = _events("{pull_request: {branches: [main]}}")
    assert {"pull_request into main", "pull_request into main from a fork"} <= set(found)


def test_a_branch_that_a_condition_names_is_an_example() -> None:
    jobs = "{a: {if: \"github.ref == 'refs/heads/odd'\", runs-on: x, steps: [{run: make}]}}"
    assert "push to odd" in _events("push", jobs)
    assert "push to odd" not in _events("{push: {branches: [main]}}", jobs)


def test_every_trigger_has_an_example_however_many_one_has() -> None:
    branches = ", ".join(f"b{i}" for i in range(100))
    found = _events(f"{{pull_request: {{branches: [{branches}]}}, push: {{branches: [main]}}}}")
    assert len(found) <= MAX_EVENTS
    assert "push to main" in found


def test_a_called_workflow_has_the_events_of_its_callers_and_of_strangers() -> None:
    files = {
        ".github/workflows/a.yml": "on: {push: {branches: [main]}}\n"
        "jobs: {x: {uses: ./.github/workflows/b.yml}}\n",
        ".github/workflows/b.yml": "on: workflow_call\n"
        "jobs: {y: {runs-on: x, steps: [{run: make}]}}\n",
    }
    ctx = Context(Project(DictTree(files)))
    called = next(each for each in ctx.project.workflows if each.path.endswith("b.yml"))
    assert [str(e) for e in events_of(ctx, called).known] == [
        "a call from elsewhere", "push to main",
    ]  # fmt: skip


def test_workflows_that_call_each_other_in_a_circle_end() -> None:
    call = "jobs: {x: {uses: ./.github/workflows/%s.yml}}\n"
    files = {
        ".github/workflows/a.yml": "on: workflow_call\n" + call % "b",
        ".github/workflows/b.yml": "on: workflow_call\n" + call % "a",
    }
    ctx = Context(Project(DictTree(files)))
    for workflow in ctx.project.workflows:
        assert combined_events_of(ctx, workflow).state == "known"


@pytest.mark.parametrize(
    ("event", "expression", "expected"),
    [
        (Event("push", HERE, "refs/heads/main"), "github.ref_name", "main"),
        (Event("push", HERE, "refs/heads/main"), "github.head_ref", ""),
        (Event("push", HERE, "refs/heads/main"), "github.event.pull_request", None),
        (Event("push", HERE, "refs/heads/main"), "github.event.pull_request.title", None),
        (Event("push", HERE, "refs/tags/v1"), "github.ref_type", "tag"),
        (Event("pull_request", HERE, base="main", action="opened"), "github.base_ref", "main"),
        (Event("pull_request", HERE, base="main", action="opened"), "github.event.before", None),
        (Event("pull_request", HERE, base="m", action="opened"), "github.ref", "refs/pull/1/merge"),
        (Event("pull_request_target", HERE, "refs/heads/m", "m"), "github.ref", "refs/heads/m"),
        (Event("schedule", HERE, "refs/heads/main", cron="0 3 * * *"), "github.event.schedule",
         "0 3 * * *"),
    ],
)  # fmt: skip
def test_what_an_event_tells(event: Event, expression: str, expected: object) -> None:
    assert evaluate(parse(expression), {"github": github_of(event)}) == expected


@pytest.mark.parametrize(
    "expression", ["github.actor", "github.event.head_commit.message", "github.repository"]
)
def test_what_an_event_does_not_tell(expression: str) -> None:
    github = github_of(Event("push", HERE, "refs/heads/main"))
    assert isinstance(evaluate(parse(expression), {"github": github}), Unknown)
