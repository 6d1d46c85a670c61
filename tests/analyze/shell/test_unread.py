"""What is too long, too deep or not understood may run anything, and is said to."""

import json

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import all_commands_of
from iact_guard.analyze.shell.unread import Unread, unread_of
from iact_guard.checks.coverage import coverage_threshold_is_high_enough as cv002
from iact_guard.checks.coverage import tests_have_a_coverage_threshold as cv001
from iact_guard.checks.workflow import migrations_run_after_a_backup as wf209
from iact_guard.checks.workflow import production_deploys_in_an_environment as wf203
from iact_guard.load.script import MAX_TEXT
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.repository import Repository
from iact_guard.project import Project
from iact_guard.syntax.shell import MAX_LENGTH
from iact_guard.tree import DictTree

LONG = "echo a long line of text\n" * (MAX_LENGTH // 25 + 1)
CUT = [
    f"{LONG}pytest",
    "( " * 60 + "pytest" + " )" * 60,
    "if true; then " * 100 + "pytest; " + "fi; " * 100,
    "env " * 6 + "pytest",
    "bash -c '" + "( " * 60 + "pytest" + " )" * 60 + "'",
    "bash <<'END'\n" + "( " * 60 + "pytest" + " )" * 60 + "\nEND",
    "echo a\npytest 'not closed",
]
IDS = ["long", "nested", "if", "wrapped", "in bash -c", "in a here document", "not closed"]


def load(*scripts: str, job: str = "", name: str = "a", **files: str) -> Context:
    steps = "".join(f"      - run: {json.dumps(script)}\n" for script in scripts)
    text = f"on: push\njobs:\n  {name}:\n    runs-on: x\n{job}    steps:\n{steps}"
    named = {path.replace("__", "/"): content for path, content in files.items()}
    return Context(Project(DictTree({".github/workflows/ci.yml": text, **named})))


def unread(ctx: Context, step: int = 0) -> tuple[Unread, ...]:
    (job,) = ctx.project.entities("job")
    return unread_of(ctx, job.steps[step]).known


def answers(ctx: Context, policy: str) -> list[Answer]:
    if policy in ("CV001", "CV002"):
        module = cv001 if policy == "CV001" else cv002
        return list(module.check(ctx, Repository(), {"minimum": 80}))
    (job,) = ctx.project.entities("job")
    return list((wf203 if policy == "WF203" else wf209).check(ctx, job, {}))


@pytest.mark.parametrize("script", CUT, ids=IDS)
def test_tests_in_what_is_not_read_are_unknown(script: str) -> None:
    ctx = load(script)
    (found,) = unread(ctx)
    assert found.location.line == found.location.end_line
    assert "pytest" not in found.reason
    for policy in ("CV001", "CV002"):
        (answer,) = answers(ctx, policy)
        assert isinstance(answer, Unknown), policy
        assert found.reason in answer.message


@pytest.mark.parametrize(
    "script",
    ["pytest", "( " * 40 + "pytest" + " )" * 40, "env " * 5 + "pytest", "bash -c '(pytest)'"],
)
def test_what_is_read_is_not_unread(script: str) -> None:
    ctx = load(script)
    assert unread(ctx) == ()
    (answer,) = answers(ctx, "CV001")
    assert isinstance(answer, Fail)


def test_a_script_of_another_shell_is_not_meant() -> None:
    assert unread(load("( ( (", job="    defaults: {run: {shell: pwsh}}\n")) == ()


def test_a_long_script_silences_no_other_one() -> None:
    ctx = load("a " * MAX_TEXT, "pytest")
    assert unread(ctx)
    assert unread(ctx, 1) == ()
    (answer,) = answers(ctx, "CV001")
    assert isinstance(answer, Unknown)
    assert answer.location.line == 7


def test_of_many_scripts_the_shortest_are_read() -> None:
    ctx = load(*["echo aa\n" * 10_000] * 4, "pytest --cov --cov-fail-under=90")
    assert [bool(unread(ctx, step)) for step in range(5)] == [False, False, False, True, False]
    assert answers(ctx, "CV001") == []


def test_a_script_of_the_repository_that_is_too_long_is_unread() -> None:
    ctx = load("./ci.sh", **{"ci.sh": f"#!/bin/bash\n{LONG}pytest\n"})
    (found,) = unread(ctx)
    assert "ci.sh" in found.reason
    assert isinstance(answers(ctx, "CV001")[0], Unknown)


def test_the_commands_before_the_part_that_is_not_read_are_known() -> None:
    ctx = load("make x\n" + "( " * 60 + "pytest" + " )" * 60)
    (job,) = ctx.project.entities("job")
    assert [each.tool for each in all_commands_of(ctx, job.steps[0].id)] == ["make"]


@pytest.mark.parametrize("script", CUT, ids=IDS)
@pytest.mark.parametrize("policy", ["WF203", "WF209"])
def test_a_job_for_production_may_do_anything_there(script: str, policy: str) -> None:
    (answer,) = answers(load(script, name="deploy-production"), policy)
    assert isinstance(answer, Unknown)
    assert "production" in answer.message


@pytest.mark.parametrize("policy", ["WF203", "WF209"])
@pytest.mark.parametrize("name", ["test", "deploy-staging", "lint"])
def test_a_job_that_nothing_names_for_production_is_left_alone(name: str, policy: str) -> None:
    (answer,) = answers(load(CUT[1], name=name), policy)
    assert isinstance(answer, NotApplicable)


def test_an_environment_is_enough_for_what_is_not_read() -> None:
    ctx = load(CUT[1], job="    environment: production\n")
    assert answers(ctx, "WF203") == []
    assert isinstance(answers(ctx, "WF209")[0], Unknown)


def test_what_is_not_read_may_be_a_backup_only_before_the_migration() -> None:
    production = "    environment: production\n"
    migrate = "python manage.py migrate"
    (before,) = answers(load(CUT[1], migrate, job=production), "WF209")
    assert isinstance(before, Unknown)
    (after,) = answers(load(migrate, CUT[1], job=production), "WF209")
    assert isinstance(after, Fail)
