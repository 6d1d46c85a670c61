"""Two processes say what one says, and nothing is lost when one dies."""

import os
from typing import Any

import pytest

from iact_guard.analyze.context import Context
from iact_guard.evaluate.engine import Evaluation, assess
from iact_guard.load.shipped import shipped
from iact_guard.pipeline import evaluation
from iact_guard.pipeline.evaluation import evaluation_of
from iact_guard.project import Project
from iact_guard.tree import DictTree

WORKFLOW = """\
on: push
env: {{API_PASSWORD: "hunter2-{0}-q8Zr"}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest || true
      - run: echo ${{{{ github.event.issue.title }}}}
  release:
    runs-on: ubuntu-latest
    needs: [gone{0}]
    environment: production
    steps: [{{run: kubectl apply -f k8s}}]
"""
FILES = {f".github/workflows/w{n}.yml": WORKFLOW.format(n) for n in range(7)} | {
    ".github/workflows/odd.yml": "on: push\njobs:\n  a: {runs-on: x, steps: [{run: 'if'}]}\n",
    "app/settings.py": "SECRET_KEY = 'q8Zr-very-hidden-3kf0'\n",
    "broken.tf": "resource {",
}


class Silent:
    def expect(self, steps: int) -> None: ...
    def step(self, label: str = "") -> None: ...
    def say(self, label: str) -> None: ...


def judged(monkeypatch: pytest.MonkeyPatch, *, two: bool) -> tuple[Evaluation, Project]:
    monkeypatch.setattr(evaluation, "FEW", 0)
    monkeypatch.setattr(evaluation, "is_possible", lambda: two)
    project = Project(DictTree(FILES))
    return evaluation_of(Context(project), shipped(), None, Silent()), project


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing to fork with")
def test_two_processes_say_what_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    one, alone = judged(monkeypatch, two=False)
    two, shared = judged(monkeypatch, two=True)
    assert two == one
    assert len({finding.location.path for finding in one.findings}) > 5
    assert set(shared.problems) == set(alone.problems)
    assert shared.redactor.lessons[0] == alone.redactor.lessons[0]
    assert shared.redactor.lessons[3] == tuple(sorted(alone.redactor.searched))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing to fork with")
def test_a_secret_that_the_other_one_found_is_masked_here(monkeypatch: pytest.MonkeyPatch) -> None:
    _, project = judged(monkeypatch, two=True)
    for n in range(7):
        value = f"hunter2-{n}-q8Zr"
        assert value not in project.redactor.text(f"it says {value}")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing to fork with")
def test_a_half_that_died_is_a_problem_of_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()

    def dying(*arguments: Any) -> Any:
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return assess(*arguments)

    monkeypatch.setattr(evaluation, "assess", dying)
    found, project = judged(monkeypatch, two=True)
    (died,) = [each for each in project.problems if "died" in each.reason]
    assert died.rule == "IG003"
    assert "signal 9" in died.reason
    assert found.findings


def test_few_files_are_judged_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(evaluation, "second", never)
    monkeypatch.setattr(evaluation, "is_possible", lambda: True)
    evaluation_of(Context(Project(DictTree(FILES))), shipped(), None, Silent())
