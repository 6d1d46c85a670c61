"""Whether jobs run for pull requests, by trigger and condition."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.triggers.change_runs import Run, change_run_of
from iact_guard.config import parse
from iact_guard.project import Project
from iact_guard.tree import DictTree


def _run(on: str, condition: str = "true", protected: str = "") -> Run:
    text = (
        f"on: {on}\njobs:\n  a:\n    if: {condition}\n    runs-on: ubuntu-latest\n"
        "    steps: [{run: pytest}]\n"
    )
    config = {"branches": {"protected": protected.split()}} if protected else None
    project = Project(DictTree({".github/workflows/a.yml": text}), parse(config, "test"))
    return change_run_of(Context(project), project.entities("job")[0]).known


@pytest.mark.parametrize(
    ("on", "state", "cause"),
    [
        ("pull_request", "runs", ""),
        ("[push, pull_request_target]", "runs", ""),
        ("{pull_request: {branches: [main]}}", "runs", ""),
        ("{pull_request: {branches-ignore: [main, master]}}", "runs", ""),
        ("{pull_request: {branches: ['release/**']}}", "never", "branches"),
        ("{pull_request: {branches: [trunk]}}", "perhaps", "branches"),
        ("{pull_request: {types: [opened]}}", "never", "types"),
        ("{pull_request: {types: [labeled]}}", "perhaps", "types"),
        ("{pull_request: {types: [opened, synchronize]}}", "runs", ""),
        ("merge_group", "runs", ""),
        ("push", "perhaps", "forks"),
        ("{push: {branches: ['**']}}", "perhaps", "forks"),
        ("{push: {branches: [main]}}", "never", "trigger"),
        ("{push: {tags: ['v*']}}", "never", "trigger"),
        ("workflow_dispatch", "never", "trigger"),
        ("{schedule: [{cron: '0 0 * * *'}]}", "never", "trigger"),
        ("{workflow_run: {workflows: [x]}}", "perhaps", "elsewhere"),
        ("workflow_call", "perhaps", ""),
    ],
)
def test_triggers(on: str, state: str, cause: str) -> None:
    """What the best trigger of a workflow says."""
    run = _run(on)
    assert (run.state, run.cause) == (state, cause)


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("github.event_name == 'pull_request'", "runs"),
        ("github.event_name == 'push'", "never"),
        ("github.ref == 'refs/heads/main'", "never"),
        ("github.repository == 'acme/app'", "runs"),
        ("github.event.pull_request.draft == false", "runs"),
        ("always() && github.event_name != 'pull_request'", "never"),
        ("inputs.full == true", "never"),
        ("inputs.full != true", "runs"),
        ("false", "runs"),  # it never holds at all: not a matter of pull requests
        ("failure()", "runs"),
    ],
)
def test_conditions(condition: str, state: str) -> None:
    """Only what no pull request meets, and another event would, hinders."""
    assert _run("[push, pull_request, workflow_dispatch]", condition).state == state


def test_every_branch_that_was_named_counts() -> None:
    """Where the configuration names branches, one of them is not enough."""
    on = "{pull_request: {branches: [main]}}"
    assert _run(on, protected="main stable").state == "never"
    assert _run(on, protected="main").state == "runs"
