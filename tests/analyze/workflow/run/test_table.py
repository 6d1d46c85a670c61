"""Job results against GitHub's documentation: small workflows, each with its sentence."""

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from iact_guard.analyze.choices import Choices
from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.run import Event, simulate
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Input
from iact_guard.project import Project
from iact_guard.tree import DictTree

T = TypeVar("T")
TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "table.yaml").read_text())
CASES: list[dict[str, Any]] = TABLE["cases"]
MAIN, CALLED, ACTION = (
    ".github/workflows/main.yml", ".github/workflows/called.yml", "act/action.yml",
)  # fmt: skip


@dataclass(slots=True)
class Answers(Choices):
    """Choices made by hand, by the expression; the first option for what is not said."""

    given: dict[str, Any] = field(default_factory=dict)

    def choose(self, question: Any, options: Sequence[T]) -> T:
        """What the case says."""
        if question[1] in self.given:
            wanted = self.given[question[1]]
            assert wanted in options, (question, options)
            return wanted  # type: ignore[no-any-return]
        return options[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_results_are_those_that_the_documentation_gives(case: dict[str, Any]) -> None:
    """Every job, and every step that is named, ends as expected."""
    ctx = Context(Project(DictTree(_files(case))))
    workflow = next(each for each in ctx.project.workflows if each.path == MAIN)
    assumed = {_entity(key): result for key, result in case.get("assume", {}).items()}
    watched = frozenset(map(_entity, case.get("steps", {})))
    run = simulate(
        ctx, workflow, _event(case.get("event")), assumed, Answers(given=case.get("given", {})),
        watched=watched, cancelled=case.get("cancelled", False),
    )  # fmt: skip
    assert not ctx.project.problems
    assert {key: run.jobs[key].result for key in case["expect"]} == case["expect"]
    steps = {each.step.id: each for job in run.jobs.values() for each in job.steps}
    for key, expected in case.get("steps", {}).items():
        outcome, _, conclusion = expected.partition("/")
        found = steps[_entity(key)]
        assert (key, found.outcome, found.conclusion) == (key, outcome, conclusion or outcome)


def test_every_case_has_a_sentence() -> None:
    """Eighty cases at least; none rests on nothing, no two have one name."""
    assert len(CASES) >= 80
    assert {case["says"] for case in CASES} <= set(TABLE["sentences"])
    assert len({case["name"] for case in CASES}) == len(CASES)


def _files(case: dict[str, Any]) -> dict[str, str]:
    files = {MAIN: _workflow("push", case["jobs"])}
    if "called" in case:
        inputs = {name: {"type": kind} for name, kind in case.get("called-inputs", {}).items()}
        files[CALLED] = _workflow({"workflow_call": {"inputs": inputs}}, case["called"])
    if "action" in case:
        inputs = {name: {} for name in case.get("action-inputs", ())}
        runs = {"using": "composite", "steps": case["action"]}
        files[ACTION] = yaml.safe_dump({"inputs": inputs, "runs": runs})
    return files


def _workflow(on: Any, jobs: dict[str, Any]) -> str:
    return yaml.safe_dump({"on": on, "jobs": {k: _job(v) for k, v in jobs.items()}})


def _job(job: dict[str, Any]) -> dict[str, Any]:
    return job if "uses" in job else {"runs-on": "x", "steps": [{"run": "make"}], **job}


def _entity(key: str) -> str:
    """The entity id of a job, a step, a job of the called workflow, the step of the action."""
    if key == "inner":
        return f"step:{ACTION}#inner"
    if key.startswith("called/"):
        return f"job:{CALLED}#{key.removeprefix('called/')}"
    return f"{'step' if '/' in key else 'job'}:{MAIN}#{key}"


def _event(given: dict[str, Any] | None) -> Event:
    here = Location(MAIN)
    if given is None:
        return Event("push", here, "refs/heads/main")
    inputs = given.get("inputs", {})
    declared = tuple(Input(name, kind, "", None, (), here) for name, kind in inputs.items())
    return Event(**{**given, "inputs": declared, "location": here})
