"""The engine: states, crashes, settings, named files."""

from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from iact_guard.analyze.context import Context, fact
from iact_guard.config import parse
from iact_guard.evaluate.engine import Evaluation, evaluate
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.policy import Answer, Fail, NotApplicable, Policy, Unknown
from iact_guard.model.workflow import Job
from iact_guard.project import Project
from iact_guard.tree import DictTree

WORKFLOW = """\
on: push
jobs:
  bad: {runs-on: x, steps: [{run: y}]}
  odd: {runs-on: x, steps: [{run: y}]}
  good: {runs-on: x, steps: [{run: y}]}
  other: {runs-on: x, steps: [{run: y}]}
  crash: {runs-on: x, steps: [{run: y}]}
"""
PATH = ".github/workflows/ci.yml"
POLICY = Policy(
    id="XX001", name="x", title="X", severity="high", security=True, precision="high",
    guide=("1",), rationale="r", remedy="one line.\n\nmore", on_unknown="warn", entity="job",
    check="tests.fake",
)  # fmt: skip


def fake(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    match job.key:
        case "bad":
            yield Fail("it is bad", job.location)
        case "odd":
            yield Unknown("who knows", job.location)
        case "other":
            yield NotApplicable("not mine")
        case "crash":
            raise ValueError("s3cret-value")


@pytest.fixture(autouse=True)
def _check(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("iact_guard.checks.tests.fake")
    module.check = fake  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "iact_guard.checks.tests", ModuleType("t"))
    monkeypatch.setitem(__import__("sys").modules, "iact_guard.checks.tests.fake", module)


def run(config: dict[str, Any] | None = None, **options: Any) -> tuple[Evaluation, Project]:
    project = Project(DictTree({PATH: WORKFLOW}), parse(config, "c"))
    policy = replace(POLICY, **options.pop("policy", {}))
    return evaluate(Context(project), (policy,), **options), project


def test_every_entity_gets_one_state_and_a_crash_costs_itself_only() -> None:
    result, project = run()
    tally = result.tallies[0]
    assert (tally.passed, tally.failed, tally.unknown, tally.not_applicable) == (1, 1, 1, 1)
    assert [f.outcome for f in result.findings] == ["fail", "unknown"]
    assert [f.gates for f in result.findings] == [True, False]
    assert result.findings[0].remedy == "one line."
    (problem,) = project.problems
    assert problem.rule == "IG003"
    assert "job:.github/workflows/ci.yml#crash" in problem.reason
    assert "ValueError" in problem.reason
    assert "s3cret" not in problem.reason


def test_unknown_gates_or_goes_where_the_policy_says_so() -> None:
    assert run(policy={"on_unknown": "fail"})[0].findings[1].gates
    assert [f.outcome for f in run(policy={"on_unknown": "ignore"})[0].findings] == ["fail"]


def test_a_team_changes_severity_and_switches_off() -> None:
    result, _ = run({"policies": {"XX001": {"severity": "note"}}})
    assert result.findings[0].severity == "note"
    assert run({"policies": {"XX001": "off"}})[0].findings == []
    override = {"paths": [".github/**"], "policies": {"XX001": "off"}}
    assert run({"overrides": [override]})[0].findings == []


def test_named_files_choose_policies_and_findings() -> None:
    assert len(run(only=frozenset({PATH}))[0].findings) == 2
    result, _ = run(only=frozenset({"main.tf"}))
    assert (result.findings, result.tallies) == ([], [])


def test_a_check_that_does_not_exist_is_visible() -> None:
    _, project = run(policy={"check": "nowhere.nothing"})
    assert project.problems[0].rule == "IG003"


@fact("test.loop")
def _loop(ctx: Context, job: Job) -> Fact[int]:
    return _loop(ctx, job)


@fact("test.counted")
def _counted(ctx: Context, job: Job) -> Fact[list[int]]:
    return known([1])


@fact("test.dependent")
def _dependent(ctx: Context, job: Job) -> Fact[int]:
    return known(_loop(ctx, job).known + 1)


def test_what_rests_on_an_unknown_fact_is_unknown_and_no_second_crash() -> None:
    ctx = Context(Project(DictTree({PATH: WORKFLOW})))
    found = _dependent(ctx, ctx.project.entities("job")[0])
    assert found.state == "unknown"
    assert "depends on itself" in found.reason
    assert len(ctx.project.problems) == 1


def test_facts_are_remembered_and_a_cycle_is_unknown() -> None:
    ctx = Context(Project(DictTree({PATH: WORKFLOW})))
    job = ctx.project.entities("job")[0]
    assert _counted(ctx, job) is _counted(ctx, job)
    assert _loop(ctx, job).state == "unknown"
    assert ctx.project.problems[0].rule == "IG003"
    assert ctx.project.problems[0].location == Location(PATH, 3, 3, 3, 6)


def test_a_loader_that_crashes_costs_its_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from iact_guard.load import workflow

    load = workflow.load

    def crash(source: Any) -> Any:
        if source.path.endswith("bad.yml"):
            raise ValueError("s3cret-value")
        return load(source)

    monkeypatch.setattr(workflow, "load", crash)
    other = ".github/workflows/bad.yml"
    project = Project(DictTree({PATH: WORKFLOW, other: WORKFLOW}))
    assert len(project.entities("job")) == 5
    (problem,) = project.problems
    assert (problem.rule, problem.location.path) == ("IG003", other)
    assert "s3cret" not in problem.reason
