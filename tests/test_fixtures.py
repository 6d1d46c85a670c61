"""The whole program over the fixtures, with the real scanners, against checked-in snapshots.

`UPDATE_SNAPSHOTS=1 pytest tests/test_fixtures.py` writes them anew; read the difference.
"""

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from iact_guard.load.shipped import shipped
from iact_guard.report.schema import CheckReport, ModelReport
from tests.command import Run, iact_guard

ROOT = Path(__file__).parent.parent
SNAPSHOTS = Path(__file__).parent / "snapshots"
SARIF = json.loads((Path(__file__).parent / "data/sarif-schema-2.1.0.json").read_text())
SCANNERS = ("--scanners", "bandit,checkov,safety")
GATES = (
    "WF003", "WF004", "WF005",
    *(f"WF{number}" for number in (*range(101, 114), *range(201, 213), *range(301, 309))),
    "CV001", "CV002", "CV003",
)  # fmt: skip
"""The policies on gates, scans, coverage and the way to production."""


@pytest.fixture(scope="module", params=["violating", "compliant"])
def reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Every report of one run: the fixture's name, the run, and the texts by format."""
    folder = tmp_path_factory.mktemp(request.param)
    outputs = [f"{name}:{folder / name}" for name in ("console", "json", "sarif")]
    options = [part for output in outputs for part in ("-o", output)]
    run = iact_guard("check", str(ROOT / "fixtures" / request.param), *SCANNERS, *options)
    texts = {name: (folder / name).read_text() for name in ("console", "json", "sarif")}
    return request.param, run, texts


def test_exit_code(reports: tuple[str, Run, dict[str, str]]) -> None:
    name, run, _ = reports
    assert run.code == {"violating": 1, "compliant": 0}[name], run.out + run.err


@pytest.mark.parametrize("format", ["console", "json", "sarif"])
def test_snapshot(reports: tuple[str, Run, dict[str, str]], format: str) -> None:
    name, _, texts = reports
    suffix = {"console": "txt"}.get(format, format)
    snapshot = SNAPSHOTS / f"{name}.{suffix}"
    text = _comparable(texts[format])
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.parent.mkdir(exist_ok=True)
        snapshot.write_text(text)
    assert text == snapshot.read_text()


def _comparable(text: str) -> str:
    """Without what differs between interpreters and days."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if '"python": "' not in line and " days old" not in line)


def test_schemas(reports: tuple[str, Run, dict[str, str]]) -> None:
    _, _, texts = reports
    CheckReport.model_validate_json(texts["json"])
    jsonschema.Draft4Validator(SARIF).validate(json.loads(texts["sarif"]))


def test_each_policy_and_scanner_finds_something_in_the_violating_one(
    reports: tuple[str, Run, dict[str, str]],
) -> None:
    name, _, texts = reports
    found = {(f["tool"], f["rule"]) for f in json.loads(texts["json"])["findings"]}
    if name == "violating":
        # What was released and edited only a base revision can tell.
        rules = {policy.id for policy in shipped() if policy.check} - {"DM026"}
        assert {rule for tool, rule in found if tool == "iact-guard"} == rules
        assert {tool for tool, _ in found} == {"iact-guard", "bandit", "checkov", "safety"}


def test_gates_are_broken_once_each_in_one_and_proven_in_the_other(
    reports: tuple[str, Run, dict[str, str]],
) -> None:
    """What is not known counts too: everything that the compliant one promises is proven."""
    name, _, texts = reports
    found = [f for f in json.loads(texts["json"])["findings"] if f["tool"] == "iact-guard"]
    if name == "violating":
        times = Counter(f["rule"] for f in found if f["outcome"] == "fail")
        assert {rule: times[rule] for rule in GATES} == dict.fromkeys(GATES, 1)
    else:
        assert not found


def test_the_trace_of_what_production_gets_past_the_gates(
    reports: tuple[str, Run, dict[str, str]],
) -> None:
    """Event, each job's result, the deploying step: in the order of the run."""
    name, _, texts = reports
    if name != "violating":
        return
    found = json.loads(texts["json"])["findings"]
    (finding,) = [f for f in found if f["rule"] == "WF201" and f["outcome"] == "fail"]
    said = [each["message"] for each in finding["evidence"]]
    wanted = ("push to main", "test ends as failure", "build ends as success",
              "migrate ends as skipped", "deploy-backend runs", "kubectl set image")  # fmt: skip
    assert len(said) >= len(wanted)
    places = [next(i for i, text in enumerate(said) if word in text) for word in wanted]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["violating", "compliant"])
def test_model_fits_its_schema(name: str) -> None:
    run = iact_guard("model", str(ROOT / "fixtures" / name))
    assert run.code == 0, run.err
    model = ModelReport.model_validate_json(run.out)
    assert model.workflows
    assert model.migrations
    assert model.terraform.roots
    assert model.owners.rules


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    """Another hash seed, another working folder, another place of the checkout."""
    source = ROOT / "fixtures/violating"
    copy = tmp_path / "elsewhere" / "copy"
    shutil.copytree(source, copy)
    for format in ("json", "sarif"):
        one = iact_guard(
            "check", str(source), *SCANNERS, "--format", format,
            cwd="/", environment={"PYTHONHASHSEED": "1"},
        )  # fmt: skip
        two = iact_guard(
            "check", *SCANNERS, "--format", format,
            cwd=copy, environment={"PYTHONHASHSEED": "2"},
        )  # fmt: skip
        assert one.out == two.out
        assert one.code == two.code == 1
