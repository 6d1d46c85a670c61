"""Scripts and recipes that a step runs: their commands, and what their failure does."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import failure_of, prevents
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


def load(run: str, **files: str) -> Context:
    named = {f"{name.replace('__', '/')}": text for name, text in files.items()}
    return Context(Project(DictTree({".github/workflows/ci.yml": WORKFLOW.format(run), **named})))


def tools(ctx: Context) -> list[str]:
    (job,) = ctx.project.entities("job")
    return [command.tool for command in all_commands_of(ctx, job.steps[0].id)]


def outcome(ctx: Context, tool: str) -> str:
    (job,) = ctx.project.entities("job")
    commands = all_commands_of(ctx, job.steps[0].id)
    fact = failure_of(ctx, next(each for each in commands if each.tool == tool))
    return fact.known.verdict if fact.state == "known" else "unknown"


@pytest.mark.parametrize(
    ("run", "script", "expected"),
    [
        ("./x", "#!/bin/sh\nruff .\n", "fails"),
        ("./x", "#!/bin/sh\nruff .\ntrue\n", "swallowed"),
        ("./x", "#!/bin/sh -e\nruff .\ntrue\n", "fails"),
        ("./x || true", "#!/bin/sh\nruff .\n", "swallowed"),
        ("bash -eu x", "ruff .\ntrue\n", "fails"),
        (". ./x", "ruff .\ntrue\n", "fails"),
        ("set +e; source ./x; true", "ruff .\ntrue\n", "swallowed"),
        ("source ./x; check", "check() {\n  ruff .\n}\n", "unknown"),
        ("./x", "#!/bin/sh\nif [ -f a ]; then ruff .; fi\n", "conditional"),
    ],
)
def test_a_failure_goes_through_the_script_and_its_caller(
    run: str, script: str, expected: str
) -> None:
    assert outcome(load(run, x=script), "ruff") == expected


def test_lines_of_a_recipe_stop_at_the_first_failure() -> None:
    ctx = load("make all", Makefile="all:\n\tpg_dump x\n\t-lint\n\t./m\n", m="#!/bin/sh\nmigrate\n")
    (job,) = ctx.project.entities("job")
    commands = {each.tool: each for each in all_commands_of(ctx, job.steps[0].id)}
    assert list(commands) == ["make", "pg_dump", "lint", "m", "migrate"]
    assert prevents(ctx, commands["pg_dump"], commands["migrate"])
    assert prevents(ctx, commands["lint"], commands["migrate"]) is False
    assert outcome(ctx, "lint") == "swallowed"


@pytest.mark.parametrize(
    "run",
    ["ssh host /srv/x", "ssh host x", "./other", "x", "/x", "kubectl exec pod -- ~/x"],
)
def test_what_is_not_here_is_not_followed(run: str) -> None:
    assert "ruff" not in tools(load(run, x="#!/bin/sh\nruff .\n"))


@pytest.mark.parametrize("run", ["ssh host ./x", "kubectl exec pod -- ./x"])
def test_a_path_of_the_repository_is_taken_for_its_script_on_another_machine(run: str) -> None:
    assert "ruff" in tools(load(run, x="#!/bin/sh\nruff .\n"))


def test_folders_are_those_of_the_caller() -> None:
    ctx = load("cd sub && ./x", sub__x="#!/bin/sh\ncd in\nruff .\n", sub__in__y="")
    (job,) = ctx.project.entities("job")
    found = followed_of(ctx, job.steps[0]).known
    folders = {command.tool: found.folders[command.id] for command in found.commands}
    assert folders == {"cd": "sub", "x": "sub", "ruff": "sub/in"}


def test_many_and_deep_ones_are_bounded() -> None:
    files = {f"s{n}": f"#!/bin/sh\n./s{n + 1}\n./s{n + 1}\n" for n in range(30)}
    ctx = load("./s0", **files)
    (job,) = ctx.project.entities("job")
    found = followed_of(ctx, job.steps[0]).known
    assert len(found.commands) < 200
    assert any("too much" in each.reason for each in found.opaque)


def test_a_file_that_is_no_script_is_said_to_be_none() -> None:
    ctx = load("./x; ./y", x="#!/usr/bin/env python3\nimport os\n", y="\0")
    (job,) = ctx.project.entities("job")
    reasons = [each.reason for each in followed_of(ctx, job.steps[0]).known.opaque]
    assert reasons == ["it is no script of a shell, but of python", "it cannot be read"]


@pytest.mark.parametrize(
    ("run", "files"),
    [
        ("make test", {"Makefile": "test:\n" + "\tpytest\n" * 5_000}),
        ("make test", {"Makefile": "test: " + " ".join(f"t{n}" for n in range(500)) + "\n"
                       + "".join(f"t{n}:\n\tpytest\n" for n in range(500))}),
        ("make test A=1", {"Makefile": "X = " + "x" * 9_000 + "\ntest:\n" + "\t$(X)\n" * 9_000}),
        ("./x", {"x": "#!/bin/sh\n" + "pytest a\n" * 9_000}),
        ("tox", {"tox.ini": "[tox]\nenvlist = " + "{a,b}-" * 30 + "\n[testenv]\ncommands =\n"
                 + "  pytest {posargs}\n" * 5_000}),
    ],
)  # fmt: skip
def test_all_steps_share_a_bound(run: str, files: dict[str, str]) -> None:
    steps = "".join(f"      - run: {run}\n" for _ in range(100))
    head = WORKFLOW.partition("      - run")[0]
    ctx = Context(Project(DictTree({".github/workflows/ci.yml": head + steps, **files})))
    (job,) = ctx.project.entities("job")
    found = [followed_of(ctx, step).known for step in job.steps]
    assert sum(len(each.commands) for each in found) < 35_000
    assert found[-1].opaque
