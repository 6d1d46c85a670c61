"""The loader of workflows: what it keeps, and what GitHub would refuse."""

import pytest

from iact_guard.load import action, workflow
from iact_guard.model.errors import UnreadableError
from iact_guard.syntax.text import Text

FULL = """\
name: CI
on:
  push:
    branches: [main, 'release/**']
    paths-ignore: ["docs/**"]
  schedule:
    - cron: "0 0 * * *"
  workflow_dispatch:
    inputs:
      env: {type: choice, options: [a, b], default: a, required: true}
permissions: read-all
env: {A: 1}
defaults: {run: {shell: bash, working-directory: api}}
concurrency: {group: x, cancel-in-progress: true}
jobs:
  build:
    runs-on: [self-hosted, linux]
    strategy: {matrix: {os: [a, b], include: [{os: c}]}}
    steps:
      - id: one
        uses: a/b@v1
        with: {Key: value}
      - name: Same
        run: echo
      - name: Same
        run: |
          echo one
          echo two
        continue-on-error: ${{ true }}
  deploy:
    needs: [build]
    if: always()
    environment: {name: production, url: "https://x"}
    permissions: {contents: read, id-token: write}
    uses: ./.github/workflows/x.yml
    secrets: inherit
"""


def test_what_the_author_wrote_is_kept() -> None:
    (loaded,), problems = (result := workflow.load(Text("w.yml", FULL))).entities, result.problems
    assert problems == ()
    assert [t.event for t in loaded.triggers] == ["push", "schedule", "workflow_dispatch"]
    push, schedule, dispatch = loaded.triggers
    assert [b.text for b in push.branches or ()] == ["main", "release/**"]
    assert push.paths is None
    assert [p.text for p in push.paths_ignore or ()] == ["docs/**"]
    assert [c.text for c in schedule.crons] == ["0 0 * * *"]
    assert (dispatch.inputs[0].name, dispatch.inputs[0].options) == ("env", ("a", "b"))
    assert loaded.permissions
    assert loaded.permissions.access("contents") == "read"
    build, deploy = loaded.jobs
    assert [r.text for r in build.runs_on] == ["self-hosted", "linux"]
    assert build.matrix_dynamic
    assert [step.id for step in build.steps] == [
        "step:w.yml#build/one", "step:w.yml#build/Same", "step:w.yml#build/Same~2",
    ]  # fmt: skip
    value = build.steps[0].input("key")
    assert value
    assert value.text == "value"
    run = build.steps[2].run
    assert run
    assert run.region(9, 13).line == 28
    assert deploy.environment
    assert deploy.environment.name.text == "production"
    assert deploy.secrets_inherit
    assert deploy.permissions
    assert deploy.permissions.access("issues") == "none"


REFUSED = [
    ("on: push\non: push\njobs: {a: {runs-on: x, steps: []}}", 2, "is there already"),
    ("on: push\njobs: {a: {runs-on: x, steps: []}}\n---\na: 1", 3, "second YAML document"),
    ("on: push\njobs:\n  a: {<<: {x: 1}, runs-on: x, steps: []}", 3, "merge key"),
    ("on: push\njobs:\n  a: {runs-on: x, if: !x y, steps: []}", 3, "tag"),
    ("jobs: {a: {runs-on: x, steps: []}}", 1, "without `on`"),
    ("on: push", 1, "without `jobs`"),
    ("on: push\njobs: {}", 2, "without `jobs`"),
    ("on: push\njobs:\n  a: {steps: []}", 3, "without `runs-on`"),
    ("on: push\nenv:\njobs: {a: {runs-on: x, steps: []}}", 2, "`env`"),
    ("on: push\njobs:\n  a: nothing", 3, "job that is no mapping"),
    ("on: push\njobs:\n  a: {runs-on: x, steps: [{name: y}]}", 3, "neither"),
    ("on: push\njobs:\n  a: {runs-on: x, steps: [{run: y, uses: z}]}", 3, "both"),
    ("on: push\njobs:\n  a: {runs-on: x, steps: [], needs: b}", 3, "no such job"),
    ("on: push\njobs:\n  a: {runs-on: x, timeout-minutes: abc, steps: []}", 3, "a number"),
    ("on: push\njobs:\n  a: {runs-on: x, steps: {run: y}}", 3, "not a list"),
    ("on: push\njobs:\n  1a: {runs-on: x, steps: []}", 3, "job id"),
    ("on: push\njobs:\n  a: {runs-on: x, steps: []}\n  A: {runs-on: x, steps: []}", 4, "case"),
    ("on: push\njobs:\n  a: {runs-on: x, steps: [{run: y, id: i}, {run: y, id: i}]}", 3, "twice"),
    ("on: push\njobs:\n  a: {runs-on: x, if: foo(, steps: []}", 3, "expression"),
    ("on: push\njobs:\n  a:\n    runs-on: x\n    if: foo()\n    steps: []", 5, "expression"),
    ("on: push\njobs:\n  a: {runs-on: x, if: secrets.X, steps: []}", 3, "no context secrets"),
    ("on: push\njobs:\n  a: {runs-on: x, steps: [{run: 'x ${{ github.ref'}]}", 3, "not closed"),
    (
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{uses: o/r@v1, shell: bash}]",
        5,
        "`shell`",
    ),
    ("on: push\njobs:\n  a: {runs-on: x, if: matrix.os == 'x', steps: []}", 3, "no context matrix"),
    ("on: push\njobs:\n  a: {runs-on: '${{ env.X }}', steps: []}", 3, "no context env"),
    (
        "on: push\njobs:\n  a: {uses: o/r/.github/workflows/w.yml@v1, with: {x: '${{ env.X }}'}}",
        3,
        "no context env",
    ),
    ("on: push\nenv: {A: '${{ env.X }}'}\njobs: {a: {runs-on: x, steps: []}}", 2, "no context env"),
    ("on: push\npermissions: {contents: admin}\njobs: {a: {runs-on: x, steps: []}}", 2, "read, w"),
    ("on: {schedule: [{cron: daily}]}\njobs: {a: {runs-on: x, steps: []}}", 1, "five fields"),
    (
        "on: push\njobs:\n  a: {runs-on: x, steps: [], needs: b}\n"
        "  b: {runs-on: x, steps: [], needs: a}",
        3,
        "cycle",
    ),
]


@pytest.mark.parametrize(("text", "line", "reason"), REFUSED)
def test_what_github_refuses_is_a_problem_with_its_line(text: str, line: int, reason: str) -> None:
    found = workflow.load(Text("w.yml", text)).problems
    assert any(reason in p.reason and p.location.line == line for p in found), found


@pytest.mark.parametrize("text", ["", "# only a comment", "just text", "[1, 2]"])
def test_what_is_no_workflow_at_all_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        workflow.load(Text("w.yml", text))


def test_a_strange_key_is_a_remark_since_github_adds_keys() -> None:
    text = "on: push\njobs:\n  a: {runs-on: x, speed: fast, steps: [{run: y, new: z}]}\n"
    loaded = workflow.load(Text("w.yml", text))
    assert loaded.problems == ()
    assert [remark.reason.split("`")[1] for remark in loaded.remarks] == ["speed", "new"]


def test_a_cycle_is_told_once_and_what_stands_before_it_is_not_part_of_it() -> None:
    jobs = {"first": "[]", "a": "[first, c]", "b": "[a, a]", "c": "[b]", "last": "[c, first]"}
    text = "on: push\njobs:\n" + "".join(
        f"  {key}: {{runs-on: x, steps: [{{run: y}}], needs: {needs}}}\n"
        for key, needs in jobs.items()
    )
    (problem,) = workflow.load(Text("w.yml", text)).problems
    assert problem.location.line == 4
    assert "cycle" in problem.reason


def test_needs_are_compared_without_case_and_anchors_are_fine() -> None:
    text = (
        "on: push\njobs:\n  Build: &job\n    runs-on: x\n    steps: [{run: y}]\n"
        "  copy: *job\n  last: {runs-on: x, steps: [{run: y}], needs: [build]}\n"
    )
    assert workflow.load(Text("w.yml", text)).problems == ()


def test_aliased_jobs_are_bounded() -> None:
    steps = "".join("      - run: y\n" for _ in range(500))
    jobs = "".join(f"  j{n}: *job\n" for n in range(500))
    text = f"on: push\njobs:\n  j: &job\n    runs-on: x\n    steps:\n{steps}{jobs}"
    with pytest.raises(UnreadableError, match="steps in one file"):
        workflow.load(Text("w.yml", text))


def test_an_action_yml_without_runs_is_something_else() -> None:
    assert action.load(Text("action.yml", "type: object\nname: x\n")).entities == ()
    text = "name: x\nruns:\n  using: composite\n  steps:\n    - run: echo\n      shell: bash\n"
    (loaded,) = action.load(Text("a/action.yml", text)).entities
    assert loaded.using == "composite"
    assert loaded.steps[0].id == "step:a/action.yml#run"
