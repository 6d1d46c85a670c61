"""What a gate's failure does to its job, by its options, its step and the steps beside it."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.gate import gates_of
from iact_guard.analyze.workflow.gates.standing import job_tolerance, standing_of
from iact_guard.analyze.workflow.gates.vacuous import vacuous_of
from iact_guard.project import Project
from iact_guard.tree import DictTree

HEAD = """on: pull_request
jobs:
  a:
    runs-on: ubuntu-latest
    strategy: {matrix: {trial: [false, true], plain: [false]}}
    steps:
      - uses: actions/checkout@v4
"""


def load(steps: str, **files: str) -> Context:
    lines = "".join(f"      {line}\n" for line in steps.strip("\n").split("\n"))
    named = {name.replace("__", "/").replace("_DOT_", "."): text for name, text in files.items()}
    return Context(Project(DictTree({".github/workflows/ci.yml": HEAD + lines, **named})))


def standings(ctx: Context) -> list[str]:
    (job,) = ctx.project.entities("job")
    gates = [gate for step in job.steps for gate in gates_of(ctx, step).known]
    facts = [standing_of(ctx, gate) for gate in gates]
    assert not [p for p in ctx.project.problems if p.rule == "IG003"]
    return [fact.known.state if fact.state == "known" else "unknown" for fact in facts]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("- run: pytest", ["enforced"]),
        ("- run: pytest || true", ["swallowed"]),
        ('- run: if [ -n "$X" ]; then pytest; fi', ["conditional"]),
        ("- run: flake8 --exit-zero", ["off"]),
        ("- run: flake8 --exit-zero || true", ["off"]),
        ("- uses: github/codeql-action/analyze@v3", ["advisory"]),
        ("- run: pytest\n  continue-on-error: true", ["tolerated"]),
        ("- run: pytest\n  continue-on-error: ${{ true }}", ["tolerated"]),
        ("- run: pytest\n  continue-on-error: ${{ matrix.trial }}", ["conditional"]),
        ("- run: pytest\n  continue-on-error: ${{ matrix.plain }}", ["enforced"]),
        ("- run: pytest\n  continue-on-error: ${{ github.ref == 'x' }}", ["conditional"]),
        ("- run: pytest\n  continue-on-error: false", ["enforced"]),
        # a second call
        ("- run: npm audit || true\n- run: npm audit --audit-level=high", ["enforced"] * 2),
        ("- run: pytest tests/a || true\n- run: pytest tests/b", ["swallowed", "enforced"]),
        ("- run: pytest -m slow || true\n- run: pytest", ["enforced", "enforced"]),
        ("- run: flake8 a/x || true\n- run: flake8 b/y", ["swallowed", "enforced"]),
        (
            "- run: npm audit || true\n  working-directory: web\n- run: npm audit",
            ["swallowed", "enforced"],
        ),
        (
            "- run: mypy || true\n- run: mypy\n  if: github.ref == 'refs/heads/main'",
            ["swallowed", "enforced"],
        ),
        # a later step
        (
            "- id: t\n  run: pytest\n  continue-on-error: true\n"
            "- if: steps['t'].outcome != 'success'\n  run: exit 1",
            ["enforced"],
        ),
        (
            "- id: t\n  run: pytest\n  continue-on-error: true\n"
            "- if: steps.t.outcome == 'failure'\n  run: exit 0",
            ["tolerated"],
        ),
        (
            "- id: t\n  run: pytest\n  continue-on-error: true\n"
            "- if: steps.tt.outcome == 'failure'\n  run: exit 1",
            ["tolerated"],
        ),
        (
            "- id: t\n  run: pytest\n  continue-on-error: true\n"
            "- if: steps.t.outcome == 'failure'\n  run: exit 1\n  continue-on-error: true",
            ["tolerated"],
        ),
        (
            "- run: safety check --json > safety.json || true\n"
            "- run: test $(jq length safety.json) = 0",
            ["unknown"],
        ),
        (
            "- run: safety check --json > safety.json || true\n- run: cat safety.json",
            ["swallowed"],
        ),
        (
            "- run: pytest --junitxml=r.xml || true\n- uses: mikepenz/action-junit-report@v5\n"
            "  with: {fail_on_failure: true}",
            ["enforced"],
        ),
        (
            "- run: pytest --junitxml=r.xml || true\n- uses: mikepenz/action-junit-report@v5",
            ["swallowed"],
        ),
        # no gates
        ("- run: coverage report", []),
        ("- run: ruff check --fix .\n- run: git commit -am fix", []),
        ("- uses: psf/black@stable\n  with: {options: --verbose}", []),
        ("- uses: psf/black@stable", ["enforced"]),
        ("- uses: docker/scout-action@v1\n  with: {command: quickview}", []),
    ],
)
def test_standing(steps: str, expected: list[str]) -> None:
    assert standings(load(steps)) == expected


def test_a_minimum_in_a_file_makes_a_gate_of_the_report() -> None:
    assert standings(load("- run: coverage report", _DOT_coveragerc="[report]\nfail_under = 80\n"))


def test_what_a_target_runs_stands_for_it() -> None:
    ctx = load("- run: make test", Makefile="test:\n\truff check\n\tpytest || true\n")
    (job,) = ctx.project.entities("job")
    gates = gates_of(ctx, job.steps[1]).known
    assert [gate.tool for gate in gates] == ["ruff", "pytest"]
    assert standings(ctx) == ["enforced", "swallowed"]


def test_a_target_that_is_not_followed_is_a_gate_by_its_name() -> None:
    assert standings(load("- run: make test || true")) == ["swallowed"]


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("- run: if [ -f tests.py ]; then pytest; fi", "tests.py is not in the repository"),
        ("- run: '[ -f tests.py ] && pytest'", "tests.py is not in the repository"),
        ("- run: if [[ -f src/x.py ]]; then flake8; fi", "src/x.py is not in the repository"),
        ("- run: pytest\n  if: hashFiles('setup.py') != ''", "setup.py is not in the repository"),
        ("- run: pytest\n  if: ${{ hashFiles('**/*.bats') != '' }}", "**/*.bats"),
        ("- run: npm run lint --if-present", "no such script"),
        ("- run: bandit -r gone.py", "gone.py"),
        ("- run: jest --passWithNoTests", "there are no tests"),
        ("- run: go test -run '^$' ./...", "selects nothing"),
        # what is there, may be made, or is asked for the other way round
        ("- run: if [ -f src/a.py ]; then pytest; fi", ""),
        ("- run: if [ -f .env ]; then pytest; fi", ""),
        ("- run: if [ -f build/x.py ]; then pytest; fi", ""),
        ("- run: if [ ! -f tests.py ]; then pytest; fi", ""),
        ("- run: if [ -f tests.py ]; then echo; else pytest; fi", ""),
        ("- run: '[ -f tests.py ] || pytest'", ""),
        ("- run: touch tests.py\n- run: if [ -f tests.py ]; then pytest; fi", ""),
        ("- uses: actions/download-artifact@v4\n- run: '[ -f tests.py ] && pytest'", ""),
        ("- run: if [ -f $X.py ]; then pytest; fi", ""),
        ("- run: pytest\n  if: hashFiles('setup.py') == ''", ""),
        ("- run: pytest\n  if: hashFiles('src/*.py') != ''", ""),
        ("- run: npm run test --if-present", ""),
        ("- run: bandit -r src", ""),
        ("- run: go test -run TestX ./...", ""),
        ("- run: pytest gone.py", ""),
    ],
)
def test_vacuous(steps: str, reason: str) -> None:
    ctx = load(steps, src__a_DOT_py="", package_DOT_json='{"scripts": {"test": "jest"}}')
    (job,) = ctx.project.entities("job")
    (gate,) = (gate for step in job.steps for gate in gates_of(ctx, step).known)
    found = vacuous_of(ctx, gate).known.reason
    assert reason in found if reason else found == ""
    if reason:
        assert standing_of(ctx, gate).known.state == "vacuous"


def test_nothing_is_vacuous_where_only_workflows_are_given() -> None:
    assert standings(load("- run: if [ -f tests.py ]; then pytest; fi")) != ["vacuous"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", True), ("${{ matrix.trial }}", None), ("false", False), ("${{ inputs.x }}", None)],
)
def test_a_job_may_fail(text: str, expected: bool | None) -> None:
    head = HEAD.replace("steps:\n", f"continue-on-error: {text}\n    steps:\n")
    ctx = Context(Project(DictTree({".github/workflows/ci.yml": head})))
    (job,) = ctx.project.entities("job")
    assert job_tolerance(ctx, job) is expected
