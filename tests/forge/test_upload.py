"""The upload: limits first, then the file, then what became of it."""

import base64
import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from iact_guard.model.errors import ConfigError
from iact_guard.pipeline.upload import Target, checked, packed, processed, target_of
from iact_guard.report import sarif
from iact_guard.report.sarif_limits import refusals
from tests.forge.server import REPOSITORY, Server
from tests.report.results import full

SHA, OTHER = "a" * 40, "b" * 40
PULL = {
    "repository": {"full_name": REPOSITORY},
    "pull_request": {"number": 7, "head": {"sha": SHA, "repo": {"full_name": REPOSITORY}}},
}


def test_what_is_sent_is_the_file(tmp_path: Path) -> None:
    file = tmp_path / "report.sarif"
    file.write_text(sarif.render(full()))
    assert gzip.decompress(base64.b64decode(packed(file))) == file.read_bytes()


def log(**changes: Any) -> dict[str, Any]:
    return {"version": "2.1.0", "runs": [run()]} | changes


def run(**changes: Any) -> dict[str, Any]:
    tool = {"driver": {"name": "x", "rules": []}}
    return {"tool": tool, "results": [], "automationDetails": {"id": "a/b/"}} | changes


def told(given: Any, size: int = 0) -> str:
    return "; ".join(refusals(given, size))


def test_our_own_file_is_within_the_limits() -> None:
    assert told(sarif.build(full())) == ""


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (log(version="2.0.0"), "its version is 2.0.0"),
        (log(runs=[run(automationDetails={"id": f"{n}/"}) for n in range(21)]), "21 runs, 20 are"),
        (log(runs=[run(), run()]), "2 runs of x with the category a/b: one is allowed"),
        (log(runs=[run(results=[{}] * 25_001)]), "25001 results, 25000 are allowed"),
        (log(runs=[run(results=[{"locations": [{}] * 1_001}])]), "1001 locations of a result"),
        (log(runs=[run(results=[{"relatedLocations": [{}] * 1_001}])]), "1001 locations"),
        (
            log(runs=[run(results=[
                {"codeFlows": [{"threadFlows": [{"locations": [{}] * 5_001}] * 2}]}
            ])]),
            "10002 steps",
        ),
        (log(runs=[run(tool={"driver": {"rules": [{}] * 25_001}})]), "25001 rules"),
        (log(runs=[run(tool={"driver": {"rules": [{"properties": {"tags": ["x"] * 21}}]}})]), "21"),
        ({}, "no list of `runs`"), ([], "no list"), ({"runs": [1]}, "no list"), (None, "no list"),
    ],
)  # fmt: skip
def test_limits(given: Any, reason: str) -> None:
    assert reason in told(given)


def test_odd_shapes_are_no_crash() -> None:
    odd = run(tool=[], results={}, automationDetails=3)
    assert told(log(runs=[odd])) == ""
    assert "10000001 bytes" in told(log(), 10_000_001)


@pytest.mark.parametrize("text", ["", "no", "[" * 9000, '{"runs": []'])
def test_what_is_no_sarif_is_not_sent(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.sarif"
    file.write_text(text)
    with pytest.raises(ConfigError, match="no SARIF"):
        packed(file)


def test_a_pull_request_is_its_own_last_commit_outside_of_a_runner(tmp_path: Path) -> None:
    assert target_of(PULL, {}, tmp_path) == Target(REPOSITORY, SHA, "refs/pull/7/head")
    elsewhere = {"GITHUB_SHA": OTHER, "GITHUB_REF": "refs/heads/main"}
    assert target_of(PULL, elsewhere, tmp_path).commit == SHA


def test_a_runner_analysed_the_merge(tmp_path: Path) -> None:
    merge = {"GITHUB_SHA": OTHER, "GITHUB_REF": "refs/pull/7/merge"}
    assert target_of(PULL, merge, tmp_path) == Target(REPOSITORY, OTHER, "refs/pull/7/merge")


def test_other_events_and_a_runners_variables(tmp_path: Path) -> None:
    push = {"repository": {"full_name": "a/b"}, "after": SHA, "ref": "refs/heads/main"}
    assert target_of(push, {}, tmp_path) == Target("a/b", SHA, "refs/heads/main")
    queue = {"merge_group": {"head_sha": SHA, "head_ref": "refs/heads/gh-readonly-queue/main/x"}}
    assert target_of(queue, {}, tmp_path).ref == "refs/heads/gh-readonly-queue/main/x"
    variables = {"GITHUB_REPOSITORY": "a/b", "GITHUB_SHA": SHA, "GITHUB_REF": "refs/tags/v1"}
    assert target_of({}, variables, tmp_path) == Target("a/b", SHA, "refs/tags/v1")


@pytest.mark.parametrize(
    "url", ["git@github.com:acme/shop.git", "https://github.com/acme/shop", "ssh://git@h/acme/shop"]
)
def test_a_checkout(tmp_path: Path, url: str) -> None:
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=x", "-c", "user.email=x@y")
        command = ["git", *who, *arguments]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "trunk")
    git("remote", "add", "origin", url)
    git("commit", "-q", "--allow-empty", "-m", "x")
    assert target_of({}, {}, tmp_path) == Target(
        "acme/shop", git("rev-parse", "HEAD"), "refs/heads/trunk"
    )
    git("checkout", "-q", "--detach")
    assert target_of({}, {}, tmp_path).ref == ""


@pytest.mark.parametrize(
    ("target", "option"),
    [
        (Target("", SHA, "refs/heads/x"), "--repository"),
        (Target("a/b", "", "refs/heads/x"), "--commit"),
        (Target("a/b", "0" * 40, "refs/heads/x"), "--commit"),
        (Target("a/b", SHA, "main"), "--ref"),
        (Target("a/b", SHA, "refs/heads/a b"), "--ref"),
    ],
)
def test_what_is_missing_is_asked_for(target: Target, option: str) -> None:
    with pytest.raises(ConfigError, match=option):
        checked(target)


def test_the_wait_has_an_end(server: Server) -> None:
    id = server.github().upload(SHA, "refs/heads/main", "x")
    pending = {"processing_status": "pending"}
    server.states.extend([pending] * 3)
    assert processed(server.github(), id, 60, server.slept.append) == ("complete", [])
    assert server.slept == [5, 5, 5]
    server.states.extend([pending] * 100)
    assert processed(server.github(), id, 12, server.slept.append)[0] == "pending"
    assert server.slept[3:] == [5, 5, 2]


def test_the_request_is_what_the_api_asks_for(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "x.sarif"
    file.write_text(json.dumps(log()))
    server.github().upload(SHA, "refs/heads/main", packed(file))
    assert set(server.uploads[0]) == {"commit_sha", "ref", "sarif"}
