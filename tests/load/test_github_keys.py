"""No key of GitHub's own schema of workflows is unknown to the loader."""

from pathlib import Path

import pytest

from iact_guard.load import workflow
from iact_guard.load.shape import Each, Keys, Leaf, Shape
from iact_guard.load.workflow_shape import CALL, EVENTS, JOB, PERMISSIONS, WORKFLOW
from iact_guard.syntax.text import Text

KEYS = Path(__file__).with_name("github_keys.txt")
"""Written by `tests/tools/github_parser/keys.py` from the schema of npm's workflow-parser."""


def is_known(key: str) -> bool:
    """Whether the shape of a workflow, or of either kind of job, has a key."""
    if key.startswith("jobs.*."):
        steps = _steps(key.removeprefix("jobs.*."))
        return any(_reaches(shape, steps) for shape in (JOB, CALL))
    return _reaches(WORKFLOW, _steps(key))


def _steps(key: str) -> list[str]:
    return key.replace("[]", ".[]").split(".")


def _reaches(shape: Shape | None, steps: list[str]) -> bool:
    """Whether a shape takes keys on a way; what it takes unseen, it takes with all below."""
    for step in steps:
        if isinstance(shape, Leaf):
            return "any" in shape.kinds
        if isinstance(shape, Keys):
            # A list may stand where a mapping may, as with `runs-on`.
            shape = shape.known.get(step)
        elif isinstance(shape, Each):
            shape = shape.of if step == ("[]" if shape.listed else "*") else None
        if shape is None:
            return False
    return True


@pytest.mark.parametrize("key", KEYS.read_text().splitlines())
def test_key_is_known(key: str) -> None:
    """The loader remarks on no key that GitHub takes."""
    assert is_known(key)


@pytest.mark.parametrize("key", ["jobs.*.stepz", "on.pull_requests", "jobs.*.steps[].after"])
def test_strange_key_is_not_known(key: str) -> None:
    """The test above can fail."""
    assert not is_known(key)


def test_list_holds_the_newest_syntax() -> None:
    """The keys that GitHub added last are in the list."""
    keys = KEYS.read_text().splitlines()
    wanted = {
        "concurrency.queue", "jobs.*.cancel-timeout-minutes", "jobs.*.environment.deployment",
        "jobs.*.steps[].background", "jobs.*.steps[].wait", "jobs.*.steps[].wait-all",
        "jobs.*.steps[].cancel", "jobs.*.steps[].parallel", "on.schedule[].timezone",
    }  # fmt: skip
    assert wanted <= set(keys)
    assert len(keys) > 200


NEW = """\
on:
  merge_group:
  schedule: [{cron: "0 5 * * 1", timezone: "Europe/Madrid"}]
permissions: {code-quality: write, vulnerability-alerts: read}
concurrency: {group: ci, queue: max}
jobs:
  test:
    runs-on: ubuntu-latest
    cancel-timeout-minutes: 5
    environment: {name: test, deployment: false}
    steps:
      - id: slow
        run: pytest
        background: true
      - parallel:
          - name: Types
            run: mypy .
          - uses: $/actions/lint
      - wait: [slow]
      - run: echo "${{ case(github.ref == 'refs/heads/main', 'a', 'b') }}"
      - wait-all: true
      - cancel: slow
"""


def test_newest_syntax_is_taken_without_a_word() -> None:
    """Neither a problem nor a remark, and every step is kept."""
    loaded = workflow.load(Text(".github/workflows/ci.yml", NEW))
    assert (loaded.problems, loaded.remarks) == ((), ())
    steps = loaded.entities[0].jobs[0].steps
    assert [step.run.text for step in steps if step.run][:2] == ["pytest", "mypy ."]


def test_steps_of_a_parallel_group_run_in_the_background_until_all_of_them_ended() -> None:
    """They are background steps, with a wait behind them."""
    loaded = workflow.load(Text(".github/workflows/ci.yml", NEW))
    kinds = [
        [pair.key.text for pair in step.extra] for step in loaded.entities[0].jobs[0].steps[1:4]
    ]
    assert kinds == [["background"], ["background"], ["wait-all"]]


def test_events_and_scopes_are_those_of_the_schema() -> None:
    """No event and no scope that we know is one that GitHub does not."""
    keys = KEYS.read_text().splitlines()
    events = {key.split(".")[1] for key in keys if key.startswith("on.")} - {
        "schedule",
        "schedule[]",
    }
    scopes = {key.split(".")[1] for key in keys if key.startswith("permissions.")}
    assert (events, scopes) == (set(EVENTS), set(PERMISSIONS.known))
