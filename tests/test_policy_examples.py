"""Every policy's examples, executed: the failing, the passing and the tempting ones."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from iact_guard.analyze.context import Context
from iact_guard.config import parse
from iact_guard.evaluate.engine import evaluate
from iact_guard.load.shipped import shipped
from iact_guard.model.finding import Finding
from iact_guard.project import Project
from iact_guard.tree import DictTree

ROOT = Path(__file__).parent.parent
POLICIES = {policy.id: policy for policy in shipped()}


def _documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def _examples(id: str) -> list[dict[str, Any]]:
    policy = _documents(ROOT / POLICIES[id].path)
    extra = ROOT / "tests" / "cases" / f"{id}.yaml"
    more = _documents(extra)[0] if extra.exists() else []
    return [*(policy[1] or []), *more]


CASES = [
    pytest.param(id, example, id=f"{id}-{example['name']}")
    for id, policy in POLICIES.items()
    if policy.check
    for example in _examples(id)
]


@pytest.mark.parametrize(("id", "example"), CASES)
def test_example(id: str, example: dict[str, Any]) -> None:
    """The findings are the expected ones, at the expected places."""
    tree = DictTree(example["files"])
    base = DictTree(example["base"]) if "base" in example else None
    project = Project(tree, parse(example.get("config"), "example"), base)
    project.load_everything()
    found = evaluate(Context(project), (POLICIES[id],)).findings
    broken = [f"{p.rule} {p.location.path}:{p.location.line} {p.reason}" for p in project.problems]
    assert broken == example.get("problems", [])
    actual = sorted(_describe(finding, example["files"]) for finding in found)
    expected = example["expect"]
    assert len(actual) == len(expected), actual
    for wanted in expected:
        assert any(_fits(finding, wanted, example["files"]) for finding in found), (wanted, actual)


@pytest.mark.parametrize(("id", "example"), CASES)
def test_named_files_give_what_the_whole_gives_for_them(id: str, example: dict[str, Any]) -> None:
    """Whichever file is named, its findings are those of the whole run."""
    base = DictTree(example["base"]) if "base" in example else None

    def found(only: frozenset[str] | None) -> set[tuple[str, str, int, str]]:
        project = Project(DictTree(example["files"]), parse(example.get("config"), "e"), base)
        result = evaluate(Context(project), (POLICIES[id],), only).findings
        return {
            (f.outcome, f.location.path, f.location.line, f.message)
            for f in result
            if only is None or only & _places(f)
        }

    whole = Project(DictTree(example["files"]), parse(example.get("config"), "e"), base)
    every = evaluate(Context(whole), (POLICIES[id],)).findings
    for path in example["files"]:
        wanted = {
            (f.outcome, f.location.path, f.location.line, f.message)
            for f in every
            if path in _places(f)
        }
        assert found(frozenset({path})) == wanted, path


def _places(finding: Finding) -> set[str]:
    more = (item.location.path for item in (*finding.evidence, *finding.places))
    return {finding.location.path, *more}


def _fits(finding: Finding, wanted: dict[str, Any], files: dict[str, str]) -> bool:
    here = finding.location
    line = files.get(here.path, "").splitlines()[here.line - 1 : here.line]
    return (
        here.path == wanted["path"]
        and finding.outcome == wanted["outcome"]
        and finding.severity == wanted.get("severity", finding.severity)
        and here.line == wanted.get("line", here.line)
        and ("at" not in wanted or bool(line and wanted["at"] in line[0]))
        and wanted.get("message", "") in finding.message
        and here.line == here.end_line
        and here.column < here.end_column
    )


def _describe(finding: Finding, files: dict[str, str]) -> str:
    here = finding.location
    lines = files.get(here.path, "").splitlines()
    line = lines[here.line - 1] if here.line <= len(lines) else ""
    return f"{finding.outcome} {here.path}:{here.line} {finding.message!r} on {line!r}"


@pytest.mark.parametrize("id", [id for id, policy in POLICIES.items() if policy.check])
def test_policy_has_examples_both_ways(id: str) -> None:
    """A policy without a failing, a passing and a tempting example is not finished."""
    examples = _examples(id)
    assert any(e["outcome"] == "fail" for example in examples for e in example["expect"])
    assert any(example["expect"] == [] for example in examples)
    assert any(example["name"].startswith("tempting") for example in examples)
