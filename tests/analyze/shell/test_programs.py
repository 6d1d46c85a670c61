"""Programs that run what a file of the repository says: npm, nox, just, invoke, poe and others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import all_commands_of, followed_of
from iact_guard.project import Project
from iact_guard.tree import DictTree

WORKFLOW = """on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          {}
"""
PACKAGE = """{"scripts": {
  "pretest": "eslint src",
  "test": "jest",
  "posttest": "echo done",
  "all": "npm run lint && yarn test",
  "lint": "eslint . || true",
  "lint:css": "stylelint a",
  "checks": "run-s lint:* test",
  "loop": "npm run loop"
}}"""
NOX = """import nox
nox.options.sessions = ["lint", "tests"]

@nox.session
def lint(session):
    session.install("ruff")
    session.run("ruff", "check", "src")
    session.run("mypy", "src", success_codes=[0, 1])

@nox.session(python=["3.11", "3.12"], name="tests")
def run_tests(session: nox.Session) -> None:
    session.run("pytest", "--cov", *session.posargs)

@nox.session
def docs(session):
    session.run("sphinx-build", name)
"""
JUST = """set dotenv-load
src := "app"

# runs everything
all: lint (test "x")

lint:
    ruff check {{src}}
    -mypy {{ src }}

test *args:
    @pytest {{args}}

script:
    #!/usr/bin/env bash
    set -e
    flake8
    true

python:
    #!/usr/bin/env python3
    print("x")

alias t := test
"""
TASKS = """from invoke import task

@task
def lint(c):
    c.run("ruff check src && mypy src")

@task(pre=[lint])
def test(c, verbose=False):
    c.run("pytest tests", warn=True)
"""
PYPROJECT = """[tool.poe.tasks]
test = "pytest --cov"
lint = {cmd = "ruff check"}
all = ["lint", "test"]
loop = ["loop", "circle"]
circle = ["loop"]

[tool.pdm.scripts]
check = {composite = ["style", "pytest"]}
style = {shell = "flake8"}

[tool.hatch.envs.default.scripts]
cov = "coverage report --fail-under=90"

[tool.hatch.envs.style.scripts]
check = ["black --check ."]
"""


def load(run: str, **files: str) -> Context:
    named = {name.replace("__", "/").replace("_DOT_", "."): text for name, text in files.items()}
    return Context(Project(DictTree({".github/workflows/ci.yml": WORKFLOW.format(run), **named})))


def texts(ctx: Context) -> list[str]:
    (job,) = ctx.project.entities("job")
    return [command.text for command in all_commands_of(ctx, job.steps[0].id)]


def reasons(ctx: Context) -> list[str]:
    (job,) = ctx.project.entities("job")
    return [each.reason for each in followed_of(ctx, job.steps[0]).known.opaque]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("npm test", ["eslint src", "jest", "echo done"]),
        ("npm t -- --coverage", ["eslint src", "jest --coverage", "echo done"]),
        ("npm run -s lint", ["eslint .", "true"]),
        ("yarn test --ci", ["jest --ci"]),
        ("yarn lint:css", ["stylelint a"]),
        ("pnpm run test", ["jest"]),
        ("bun run lint:css", ["stylelint a"]),
        ("npm run checks", ["run-s lint:* test", "stylelint a", "jest"]),
        (
            "npm run all",
            ["npm run lint", "eslint .", "true", "yarn test", "jest"],
        ),
        ("yarn run test --ci", ["jest --ci"]),
        ("pnpm --silent run lint:css --fix", ["stylelint a --fix"]),
        ("npm run lint:css x -- --fix", ["stylelint a x --fix"]),
        ("yarn jest --ci", ["jest --ci"]),
        ("pnpm vitest run", ["vitest run"]),
        ("pnpm turbo run lint", ["turbo run lint"]),
        ("npm ci", []),
        ("yarn install", []),
        ("bun test", []),
        ("npm audit", []),
        ("npm run missing --if-present", []),
        ("npm run loop", ["npm run loop"]),
    ],
)
def test_scripts_of_packages(run: str, expected: list[str]) -> None:
    assert texts(load(run, package_DOT_json=PACKAGE))[1:] == expected


def test_the_package_of_the_folder_is_meant() -> None:
    files = {
        "web__package_DOT_json": PACKAGE,
        "api__package_DOT_json": '{"scripts": {"test": "ava"}}',
    }
    assert texts(load("npm test --prefix api", **files))[1:] == ["ava"]
    assert texts(load("npm --prefix web run lint:css", **files))[1:] == ["stylelint a"]
    assert texts(load("cd api && npm test", **files))[2:] == ["ava"]
    assert texts(load("npm test", **files))[1:] == []
    assert reasons(load("npm test", **files)) == [
        "no package.json with this script was found for it"
    ]


def test_what_a_script_swallows_is_swallowed() -> None:
    ctx = load("npm run lint", package_DOT_json=PACKAGE)
    (job,) = ctx.project.entities("job")
    eslint = next(c for c in all_commands_of(ctx, job.steps[0].id) if c.tool == "eslint")
    assert failure_of(ctx, eslint).known.verdict == "swallowed"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("nox", ["ruff check src", "mypy src", "pytest --cov"]),
        ("nox -s lint", ["ruff check src", "mypy src"]),
        ("nox -s tests-3.12 -- -x", ["pytest --cov -x"]),
        ("nox --session=docs", ["sphinx-build ${_}"]),
        ("nox -s none", []),
        ("nox -k lint", []),
        ("nox -l", []),
    ],
)
def test_sessions_of_nox(run: str, expected: list[str]) -> None:
    assert texts(load(run, noxfile_DOT_py=NOX))[1:] == expected


def test_a_session_that_takes_other_statuses_goes_on() -> None:
    ctx = load("nox -s lint", noxfile_DOT_py=NOX)
    (job,) = ctx.project.entities("job")
    verdicts = {
        command.tool: failure_of(ctx, command).known.verdict
        for command in all_commands_of(ctx, job.steps[0].id)
    }
    assert verdicts == {"nox": "fails", "ruff": "fails", "mypy": "swallowed"}


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("just", ["ruff check app", "mypy app", "pytest ${_}"]),
        ("just t", ["pytest ${_}"]),
        ("just lint test", ["ruff check app", "mypy app", "pytest ${_}"]),
        ("just script", ["set -e", "flake8", "true"]),
        ("just python", []),
        ("just --list", []),
    ],
)
def test_recipes_of_just(run: str, expected: list[str]) -> None:
    assert texts(load(run, justfile=JUST))[1:] == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("invoke test", ["ruff check src", "mypy src", "pytest tests"]),
        ("inv lint", ["ruff check src", "mypy src"]),
        ("inv other", []),
    ],
)
def test_tasks_of_invoke(run: str, expected: list[str]) -> None:
    assert texts(load(run, tasks_DOT_py=TASKS))[1:] == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("poe test -x", ["pytest --cov -x"]),
        ("poe all", ["ruff check", "pytest --cov"]),
        ("poe loop", ["loop"]),
        ("uv run poe lint", ["poe lint", "ruff check"]),
        ("pdm run check", ["flake8", "pytest", "check"]),
        ("pdm run pytest", ["pytest"]),
        ("hatch run cov", ["coverage report --fail-under=90", "cov"]),
        ("hatch run style:check", ["black --check .", "style:check"]),
    ],
)
def test_tasks_of_pyproject(run: str, expected: list[str]) -> None:
    assert texts(load(run, pyproject_DOT_toml=PYPROJECT))[1:] == expected


@pytest.mark.parametrize(
    ("run", "name", "text"),
    [
        ("nox", "noxfile_DOT_py", "def f(:"),
        ("nox", "noxfile_DOT_py", "x" * 200_000),
        ("npm test", "package_DOT_json", "{}"),
        ("just", "justfile", ""),
        ("just", "justfile", "a" * 200_000),
    ],
)
def test_what_cannot_be_read_is_said(run: str, name: str, text: str) -> None:
    assert reasons(load(run, **{name: text}))


LINES = st.text(st.sampled_from("abc:=&@-#!{}[]()\"'\\\n \t*"), max_size=120)


@settings(max_examples=100, deadline=None)
@given(LINES, st.sampled_from(["just", "just a", "nox", "inv a", "poe a", "npm run a"]))
def test_nothing_in_a_file_breaks_the_following(text: str, run: str) -> None:
    names = {"just": "justfile", "nox": "noxfile.py", "inv": "tasks.py", "poe": "pyproject.toml"}
    file = names.get(run.split()[0], "package.json")
    ctx = load(run, **{file.replace(".", "_DOT_"): text})
    assert texts(ctx)[0] == run
    assert not [p for p in ctx.project.problems if p.rule == "IG003"]
