"""What a call of a script passes by, by its arguments."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.dispatch import passes_by
from iact_guard.analyze.shell.followed import all_commands_of
from iact_guard.project import Project
from iact_guard.tree import DictTree

_CASE = """#!/bin/bash
command=${1:-help}
case "$command" in
  deploy|ship) cf push web ;;
  smoke) curl -f https://acme.example.com ;;
  *) echo usage ;;
esac
"""
_FUNCTIONS = """#!/bin/bash
deploy() { cf push web; }
smoke() { curl -f https://acme.example.com; }
case $1 in
  deploy) deploy ;;
  smoke) smoke ;;
esac
"""
_OPEN = """#!/bin/bash
command=$1
[ -n "$FORCE" ] && command=$FORCE
case $command in
  deploy) cf push web ;;
esac
"""


def _reached(script: str, call: str) -> set[str]:
    workflow = f"on: push\njobs: {{a: {{runs-on: x, steps: [{{run: '{call}'}}]}}}}"
    files = {".github/workflows/a.yml": workflow, "go.sh": script}
    project = Project(DictTree(files))
    ctx = Context(project)
    (step,) = project.entities("step")
    return {c.tool for c in all_commands_of(ctx, step.id) if not passes_by(ctx, c)}


@pytest.mark.parametrize("script", [_CASE, _FUNCTIONS])
def test_another_arm_is_passed_by(script: str) -> None:
    """The argument decides, also over functions."""
    assert "cf" not in _reached(script, "bash go.sh smoke")
    assert "curl" in _reached(script, "bash go.sh smoke")
    assert "cf" in _reached(script, "./go.sh deploy")


def test_an_alternative_and_the_default_arm_are_taken() -> None:
    """The first pattern that fits decides."""
    assert "cf" in _reached(_CASE, "./go.sh ship")
    assert "cf" not in _reached(_CASE, "./go.sh other")


@pytest.mark.parametrize("call", ["./go.sh $WHAT", "./go.sh"])
def test_an_argument_that_is_not_known_passes_nothing_by(call: str) -> None:
    """What only a run can tell may lead anywhere."""
    assert {"cf", "curl"} <= _reached(_CASE, call)


def test_a_variable_that_is_set_twice_passes_nothing_by() -> None:
    """It may hold something else than the argument."""
    assert "cf" in _reached(_OPEN, "./go.sh smoke")
