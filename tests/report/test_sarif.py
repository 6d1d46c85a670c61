"""SARIF: valid by schema, within GitHub's limits, with what GitHub reads."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from iact_guard.model.location import Evidence, Location
from iact_guard.report import sarif
from tests.report.results import finding, full, result

SCHEMA = json.loads((Path(__file__).parent.parent / "data/sarif-schema-2.1.0.json").read_text())


def log(*arguments: Any, **changes: Any) -> dict[str, Any]:
    built: dict[str, Any] = json.loads(sarif.render(result(*arguments, **changes)))
    return built


def test_schema() -> None:
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(sarif.render(full())))


def test_a_root_below_the_repository_counts_from_there() -> None:
    moved = sarif.render(replace(full(), below="services/shop/"))
    runs = json.loads(moved)["runs"]
    places = [item["locations"][0]["physicalLocation"] for run in runs for item in run["results"]]
    uris = {place["artifactLocation"]["uri"] for place in places}
    assert uris == {"services/shop/a.yml", "services/shop/we%20ird/%C3%A4%3A%23%0A.yml"}
    assert "[services/shop/c.yml:1](1)" in moved
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(moved))


def test_a_run_a_tool_and_none_for_a_scanner_that_failed() -> None:
    runs = json.loads(sarif.render(full()))["runs"]
    assert [run["tool"]["driver"]["name"] for run in runs] == ["iact-guard", "Bandit", "Safety"]
    ids = [run["automationDetails"]["id"] for run in runs]
    assert ids == ["iact-guard/iact-guard/", "iact-guard/bandit/", "iact-guard/safety/"]
    assert "executionSuccessful" not in json.dumps(runs)


def test_rule_indexes_and_fingerprints_hold() -> None:
    for run in json.loads(sarif.render(full()))["runs"]:
        rules = run["tool"]["driver"]["rules"]
        hashes = set()
        for item in run["results"]:
            assert rules[item["ruleIndex"]]["id"] == item["ruleId"]
            uri = item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            hashes.add(
                (item["ruleId"], uri, item["partialFingerprints"]["primaryLocationLineHash"])
            )
        assert len(hashes) == len(run["results"])


def test_what_github_would_open_wrongly_is_left_out() -> None:
    first = json.loads(sarif.render(full()))["runs"][0]
    assert len(first["results"]) == 3
    gating = log(finding(outcome="unknown", gates=True))
    assert len(gating["runs"][0]["results"]) == 1


def test_names_are_percent_encoded_and_brackets_no_links() -> None:
    text = sarif.render(full())
    assert "we%20ird/%C3%A4%3A%23%0A.yml" in text
    first = json.loads(text)["runs"][0]["results"][0]
    assert "a/b@v1 \\[is\\] at a tag" in first["message"]["text"]
    assert "[c.yml:1](1)" in first["message"]["text"]
    assert [r["id"] for r in first["relatedLocations"]] == [1, 2]
    steps = first["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(steps) == 3


def test_severities_are_strings_that_github_reads() -> None:
    rule = log(finding())["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["properties"]["security-severity"] == "8.0"
    assert rule["help"]["text"]
    plain = log(finding(rule="XX1", security=False))["runs"][0]["tool"]["driver"]["rules"]
    assert "security-severity" not in plain[-1]["properties"]
    assert plain[-1]["properties"]["problem.severity"] == "error"


def test_over_the_limit_the_mildest_go_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 10)
    many = [
        finding(severity="low" if n % 2 else "high", location=Location("a.yml", n + 1, 1, n + 1, 2))
        for n in range(16)
    ]
    results = log(*many)["runs"][0]["results"]
    assert len(results) == 10
    assert "7 of the mildest" in results[-1]["message"]["text"]
    assert [r["level"] for r in results[:-1]].count("error") == 8


def test_a_file_that_github_would_refuse_for_its_size_is_made_smaller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = tuple(Evidence(Location(f"{n}.tf", n + 1, 1, n + 1, 2), f"s {n}") for n in range(50))
    many = [
        finding(location=Location("a.yml", n + 1, 1, n + 1, 2), evidence=steps) for n in range(9)
    ]
    whole = sarif.render(result(*many))
    monkeypatch.setattr(sarif, "MAX_COMPRESSED", len(gzip.compress(whole.encode())) - 500)
    monkeypatch.setattr(sarif, "MAX_RESULTS", 9)
    smaller = sarif.render(result(*many))
    assert len(gzip.compress(smaller.encode())) < len(gzip.compress(whole.encode())) - 500
    assert len(json.loads(smaller)["runs"][0]["results"]) == 9


def test_places_over_the_limit_are_counted() -> None:
    places = tuple(Evidence(Location("b.yml", n + 1, 1, n + 1, 2), "too") for n in range(1200))
    item = log(finding(places=places))["runs"][0]["results"][0]
    assert len(item["relatedLocations"]) == 999
    assert "And at 201 more places" in item["message"]["text"]
