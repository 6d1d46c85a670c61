"""Events of CI runs, as GitHub writes them down."""

import json
from pathlib import Path
from typing import Any

import pytest

from iact_guard.model.errors import ConfigError
from iact_guard.pipeline.event import Event, from_environment, parse

A, B, C = "a" * 40, "b" * 40, "c" * 40
REPOSITORY = {"default_branch": "trunk"}
PULL_REQUEST = {
    "pull_request": {"base": {"sha": A}, "head": {"sha": B}},
    "repository": REPOSITORY,
}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("pull_request", PULL_REQUEST, Event("pull_request", A, B, C, "trunk", is_review=True)),
        (
            "merge_group",
            {"merge_group": {"base_sha": A, "head_sha": B}},
            Event("merge_group", A, "", C, "", is_review=True),
        ),
        ("push", {"before": A, "after": B}, Event("push", A, "", C)),
        ("push", {"before": "0" * 40}, Event("push", "", "", C)),
        ("schedule", {"repository": REPOSITORY}, Event("schedule", "", "", C, "trunk")),
        ("workflow_dispatch", {"repository": None}, Event("workflow_dispatch", "", "", C)),
    ],
)
def test_each_event_says_where_its_change_begins(
    name: str, data: dict[str, Any], expected: Event
) -> None:
    assert parse(name, data, C) == expected


@pytest.mark.parametrize(
    ("name", "data", "missing"),
    [
        ("pull_request", {"before": A}, "pull_request.base.sha"),
        ("pull_request", {"pull_request": {"base": {"sha": "--output=x"}}}, "base.sha"),
        ("pull_request", {"pull_request": []}, "base.sha"),
        ("push", PULL_REQUEST, "`before`"),
        ("merge_group", PULL_REQUEST, "merge_group.base_sha"),
    ],
)
def test_the_file_of_another_event_is_a_message(
    name: str, data: dict[str, Any], missing: str
) -> None:
    with pytest.raises(ConfigError, match=f"not that of `{name}`.*{missing}"):
        parse(name, data)


def environment(tmp_path: Path, text: str, **more: str) -> dict[str, str]:
    file = tmp_path / "event.json"
    file.write_text(text)
    return {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(file), **more}


def test_an_event_speaks_of_the_checkout_of_its_run_alone(tmp_path: Path) -> None:
    text = json.dumps(PULL_REQUEST)
    here, elsewhere = tmp_path / "work/repo", tmp_path / "fixture"
    given = environment(tmp_path, text, GITHUB_WORKSPACE=str(tmp_path / "work"), GITHUB_SHA=C)
    event = from_environment(given, here)
    assert event
    assert event.checked_out == C
    assert from_environment(given, elsewhere) is None
    assert from_environment({}, here) is None


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_broken_event_file_is_a_message(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="event"):
        from_environment(environment(tmp_path, text), tmp_path)


def test_a_missing_event_file_is_a_message(tmp_path: Path) -> None:
    given = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "none")}
    with pytest.raises(ConfigError, match="cannot be read"):
        from_environment(given, tmp_path)
