"""The action, step by step in real bash, for each event, on hostile names."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from iact_guard.syntax.expression import parse, parts
from tests.action.runner import ROOT, Played, Runner, bash_scripts, document, installed
from tests.command import GOOD, UNPINNED, write
from tests.forge.server import TOKEN, running

SAFE = """\
on: push
permissions: {}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
"""
HOSTILE = "a$(touch pwned)`touch pwned`;touch pwned;\"'%0A::error::x & ü"
UPLOAD, CACHE = "github/codeql-action/upload-sarif", "actions/cache"


def _git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with an old finding on main, on a branch that adds a file without one."""
    root = tmp_path / "work space" / "shop"
    write(root, GOOD, UNPINNED)
    write(root, ".github/CODEOWNERS", "* @acme/all\n")
    _git(root.parent, "init", "-q", "-b", "main", str(root))
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "old")
    _git(root, "checkout", "-qb", "topic")
    write(root, ".github/workflows/new.yml", SAFE)
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "new")
    return root


def _pull_request(root: Path, *, fork: bool = False, title: str = "a change") -> dict[str, Any]:
    home = "someone/shop" if fork else "acme/shop"
    return {
        "action": "synchronize",
        "number": 7,
        "repository": {"full_name": "acme/shop", "default_branch": "main"},
        "pull_request": {
            "number": 7,
            "title": title,
            "base": {"ref": "main", "sha": _git(root, "rev-parse", "main")},
            "head": {
                "ref": title,
                "sha": _git(root, "rev-parse", "topic"),
                "repo": {"full_name": home},
            },
        },
    }


def _events(root: Path) -> dict[str, dict[str, Any]]:
    head, base = _git(root, "rev-parse", "topic"), _git(root, "rev-parse", "main")
    repository = {"full_name": "acme/shop", "default_branch": "main"}
    group = {"base_sha": base, "base_ref": "refs/heads/main", "head_sha": head, "head_ref": "x"}
    return {
        "pull_request": _pull_request(root),
        "push": {
            "ref": "refs/heads/topic",
            "before": base,
            "after": head,
            "repository": repository,
        },
        "merge_group": {
            "action": "checks_requested",
            "merge_group": group,
            "repository": repository,
        },
        "schedule": {"schedule": "17 4 * * 1", "repository": repository},
        "workflow_dispatch": {"ref": "refs/heads/topic", "inputs": {}, "repository": repository},
    }


def _play(checkout: Path, event: str, payload: dict[str, Any], /, **inputs: str) -> Played:
    given = {"scanners": "none", **{name.replace("_", "-"): text for name, text in inputs.items()}}
    return Runner(checkout, checkout.parent / "temp", event, payload, given).play()


@pytest.mark.parametrize("event", ["pull_request", "merge_group"])
def test_an_old_finding_does_not_stop_a_change(checkout: Path, event: str) -> None:
    played = _play(checkout, event, _events(checkout)[event])
    assert (played.conclusion, played.outputs["exit-code"]) == ("success", "0"), played.log
    assert (UPLOAD in played.used) == (event == "pull_request")


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch"])
def test_other_events_check_everything(checkout: Path, event: str) -> None:
    played = _play(checkout, event, _events(checkout)[event])
    assert (played.conclusion, played.outputs["exit-code"]) == ("failure", "1")
    assert "::error" in played.log
    assert "WF001" in played.summary
    assert played.used[UPLOAD]["sarif_file"] == played.outputs["sarif"]
    sarif = json.loads(Path(played.outputs["sarif"]).read_text())
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["WF001"]


def test_a_new_finding_stops_a_change_and_is_uploaded_all_the_same(checkout: Path) -> None:
    write(checkout, ".github/workflows/new.yml", UNPINNED.replace("setup", "other"))
    _git(checkout, "commit", "-qam", "worse")
    played = _play(checkout, "pull_request", _events(checkout)["pull_request"])
    assert (played.conclusion, played.outputs["exit-code"]) == ("failure", "1")
    assert UPLOAD in played.used
    assert "new.yml" in played.log


@pytest.mark.parametrize("event", ["push", "pull_request_target"])
def test_a_part_of_the_findings_is_not_uploaded_for_a_branch(checkout: Path, event: str) -> None:
    """Code scanning would close every alert of the branch that the file does not name."""
    payload = (
        _pull_request(checkout) if event == "pull_request_target" else _events(checkout)[event]
    )
    played = _play(checkout, event, payload, since="main")
    assert (played.conclusion, played.outputs["exit-code"]) == ("success", "0"), played.log
    assert UPLOAD not in played.used


def test_a_base_that_is_checked_out_alone_is_no_verdict(checkout: Path) -> None:
    payload = _pull_request(checkout)
    _git(checkout, "checkout", "-q", "main")
    played = _play(checkout, "pull_request_target", payload)
    assert (played.conclusion, played.outputs["exit-code"]) == ("failure", "2")
    assert "without the change of this `pull_request_target`" in played.log


def test_each_use_in_a_job_has_reports_of_its_own(checkout: Path) -> None:
    first, second = (
        _play(checkout, "push", _events(checkout)["push"], since=since) for since in ("", "nowhere")
    )
    assert Path(first.outputs["sarif"]).exists()
    assert second.outputs["exit-code"] == "2"
    assert not second.outputs["sarif"], "the file of another use is uploaded"


def test_a_pull_request_from_a_fork_says_what_it_cannot_have(checkout: Path) -> None:
    payload = _pull_request(checkout, fork=True)
    played = _play(checkout, "pull_request", payload, comment="true")
    assert "Say what a fork's pull request cannot have" not in played.skipped
    assert "::notice title=iact-guard::this pull request comes from a fork" in played.log
    assert UPLOAD not in played.used
    assert "Comment on the pull request" in played.skipped
    assert played.outputs["exit-code"] == "0"


def test_the_comment_is_made_once_and_renewed(checkout: Path) -> None:
    with running() as server:
        payload, where = _pull_request(checkout), {"GITHUB_API_URL": server.base}
        inputs = {"scanners": "none", "comment": "true", "token": TOKEN, "upload": "false"}
        for _ in range(2):
            temp = checkout.parent / "temp"
            played = Runner(checkout, temp, "pull_request", payload, inputs, where).play()
            assert played.conclusion == "success", played.log
        assert len(server.comments) == 1
        assert "iact-guard" in server.comments[0]["body"]
        assert UPLOAD not in played.used


def test_texts_of_an_event_and_names_of_files_stay_texts(checkout: Path) -> None:
    name = HOSTILE.replace("/", "")
    write(checkout, f".github/workflows/{name}.yml", UNPINNED.replace("setup", "other"))
    _git(checkout, "add", ".")
    _git(checkout, "commit", "-qm", HOSTILE)
    payload = _pull_request(checkout, title=HOSTILE)
    played = _play(checkout, "pull_request", payload)
    assert played.outputs["exit-code"] == "1"
    assert not list(checkout.parent.rglob("pwned"))
    commands = [line for line in played.log.splitlines() if line.startswith("::")]
    assert all(line.startswith(("::error file=", "::notice", "::warning")) for line in commands)


@pytest.mark.parametrize("name", ["root", "since", "fail-on", "scanners", "formats"])
def test_an_input_is_one_argument_and_no_code(checkout: Path, name: str) -> None:
    played = _play(checkout, "pull_request", _pull_request(checkout), **{name: f"--help {HOSTILE}"})
    assert played.conclusion == "failure"
    assert played.outputs["exit-code"] == "2"
    assert not list(checkout.parent.rglob("pwned"))


def test_options_reach_the_check(checkout: Path) -> None:
    payload = _events(checkout)["push"]
    played = _play(checkout, "push", payload, fail_on="critical", formats="json, junit\nhtml")
    assert played.outputs["exit-code"] == "0"
    names = {path.name for path in Path(played.outputs["reports"]).iterdir()}
    assert {f"iact-guard.{kind}" for kind in ("sarif", "json", "junit", "html")} <= names


def test_a_part_of_the_repository_keeps_its_place_in_annotations(checkout: Path) -> None:
    write(checkout, f"part/{GOOD}", UNPINNED)
    played = _play(checkout, "push", _events(checkout)["push"], root="part")
    assert f"file=part/{GOOD}" in played.log


def test_it_installs_what_is_locked_and_nothing_of_the_checkout(checkout: Path) -> None:
    write(checkout, "pip/__main__.py", "raise SystemExit('the checkout took over pip')\n")
    played = _play(checkout, "push", _events(checkout)["push"])
    locked, own = played.pip
    assert "--require-hashes" in locked
    assert "--no-index" in own
    assert all(line.startswith("-I -m pip install") for line in played.pip)


def test_advisories_are_renewed_once_a_day_and_for_safety_only(checkout: Path) -> None:
    payload = _events(checkout)["push"]
    assert "Renew the advisories" in _play(checkout, "push", payload).skipped
    played = _play(checkout, "push", payload, scanners="safety", advisories="file:///nowhere")
    assert "::warning title=iact-guard::the advisories could not be renewed" in played.log
    assert played.used[CACHE]["key"].startswith("iact-guard-Linux-X64-Python-3.13.0-")


def test_without_a_verdict_the_action_fails(checkout: Path) -> None:
    broken = {"RUNNER_OS": "Windows"}
    runner = Runner(
        checkout, checkout.parent / "temp", "push", _events(checkout)["push"], environment=broken
    )
    played = runner.play()
    assert played.conclusion == "failure"
    assert "Check" in played.skipped
    assert "Linux and macOS" in played.log


def test_every_expression_of_it_parses_and_none_stands_in_a_script() -> None:
    for step in document()["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        texts = [*step.get("env", {}).values(), *step.get("with", {}).values()]
        for text in texts:
            for part in parts(str(text)):
                assert not part.is_expression or parse(part.text)
        assert "if" not in step or parse(str(step["if"]))


@pytest.mark.parametrize("name", sorted(bash_scripts()))
def test_its_scripts_please_shellcheck(name: str, tmp_path: Path) -> None:
    if not installed("shellcheck"):
        pytest.skip("shellcheck is not installed")
    script = write(tmp_path, "step.sh", f"#!/bin/bash\n{bash_scripts()[name]}\n")
    done = subprocess.run(
        ["shellcheck", "--enable=quote-safe-variables,check-set-e-suppressed", str(script)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_action_uses_pinned_actions_and_locked_requirements() -> None:
    uses = [step["uses"] for step in document()["runs"]["steps"] if "uses" in step]
    assert all(len(each.partition("@")[2]) == 40 for each in uses)
    assert (ROOT / "requirements.lock").exists()
