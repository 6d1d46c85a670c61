"""The tables about scanners' rules hold together."""

import re
import tomllib
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest

from iact_guard.data.topics import topic
from iact_guard.model.finding import SEVERITIES


def table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("iact_guard.data").joinpath(name).read_text("utf-8"))


@pytest.mark.parametrize(
    ("tool", "rule", "expected"),
    [
        ("checkov", "CKV_SECRET_6", "secret"),
        ("checkov", "CKV_SECRET_19", "secret"),
        ("bandit", "B105", "secret"),
        ("iact-guard", "SC001", "secret"),
        ("checkov", "CKV2_GHA_1", "workflow-permissions"),
        ("iact-guard", "WF002", "workflow-permissions"),
        ("checkov", "CKV_AWS_133", "database-backup"),
        ("checkov", "CKV_AWS_1", None),
        ("checkov", "CKV_AWS_411", None),
        ("bandit", "CKV_SECRET_6", None),
        ("safety", "PYSEC-1", None),
        ("checkov", "", None),
    ],
)
def test_the_topic_of_a_rule(tool: str, rule: str, expected: str | None) -> None:
    assert topic(tool, rule) == expected


def test_a_rule_has_one_topic_and_each_topic_has_a_policy_of_ours() -> None:
    rules = Counter(
        (tool, rule)
        for tools in table("topics.toml").values()
        for tool, named in tools.items()
        for rule in named
    )
    assert [rule for rule, count in rules.items() if count > 1] == []
    assert all(tools.get("iact-guard") for tools in table("topics.toml").values())


def test_every_check_has_one_severity_and_topics_name_known_checks() -> None:
    severities = table("checkov_severities.toml")
    assert severities.pop("default") == "medium"
    assert tuple(severities) == SEVERITIES
    checks = Counter(check for checks in severities.values() for check in checks)
    assert len(checks) > 1000
    assert [check for check, count in checks.items() if count > 1] == []
    assert all(re.fullmatch(r"CKV2?_[A-Z0-9]+_\d+", check) for check in checks)
    named = {r for t in table("topics.toml").values() for r in t.get("checkov", ())}
    assert {rule for rule in named if not rule.endswith("*")} <= set(checks)
