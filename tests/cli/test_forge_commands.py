"""`comment` and `upload` as they are called, against a server on this machine."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iact_guard.report import sarif
from tests.command import UNPINNED, Run, iact_guard, write
from tests.forge.server import REPOSITORY, TOKEN, Reply, Server, running
from tests.report.results import full

SHA = "a" * 40
COMMENTS = f"/repos/{REPOSITORY}/issues/7/comments"
UPLOADS = f"/repos/{REPOSITORY}/code-scanning/sarifs"
DENIED = Reply(403, {"message": f"Resource not accessible by integration {TOKEN}\n::error::x"})
OUTSIDE = dict.fromkeys(
    ("GITHUB_EVENT_PATH", "GITHUB_EVENT_NAME", "GITHUB_SHA", "GITHUB_REF", "GITHUB_REPOSITORY",
     "GITHUB_WORKSPACE", "GH_TOKEN"), ""
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as found:
        yield found


def event(folder: Path, head: str = REPOSITORY, base: str = "b" * 40, sha: str = SHA) -> str:
    """The file of a pull request's event."""
    ends = {
        "head": {"sha": sha, "repo": {"full_name": head}},
        "base": {"sha": base, "repo": {"full_name": REPOSITORY}},
    }
    file = folder / "event.json"
    described = {"repository": {"full_name": REPOSITORY}, "pull_request": {"number": 7} | ends}
    file.write_text(json.dumps(described))
    return str(file)


def run(server: Server, *arguments: str, cwd: Path | str = "/", **more: str) -> Run:
    environment = OUTSIDE | server.environment() | more
    done = iact_guard(*arguments, environment=environment, cwd=cwd)
    assert TOKEN not in done.out + done.err
    assert not any(line.startswith("::") for line in (done.out + done.err).splitlines())
    return done


def test_a_report_is_put_on_the_pull_request_and_renewed(server: Server, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    for text, done in (("one", "created"), ("two", "updated"), ("two", "unchanged")):
        report.write_text(text)
        found = run(server, "comment", str(report), "--event", event(tmp_path))
        assert (found.code, found.err) == (0, "")
        assert found.out == f"{done}: https://github.com/acme/shop/pull/7#issuecomment-1000\n"
    assert [each["body"] for each in server.comments] == ["<!-- iact-guard: check -->\ntwo"]


def test_a_forks_pull_request_gets_no_comment_and_no_failure(
    server: Server, tmp_path: Path
) -> None:
    report = tmp_path / "report.md"
    report.write_text("one")
    server.before("POST", COMMENTS, DENIED, DENIED)
    found = run(server, "comment", str(report), "--event", event(tmp_path, "mallory/shop"))
    assert found.code == 0
    assert "no comment: the pull request comes from a fork" in found.err
    assert "`pull-requests: write`" in found.err
    own = run(server, "comment", str(report), "--event", event(tmp_path))
    assert own.code == 2
    assert "`pull-requests: write`" in own.err


def test_a_report_that_github_would_not_take_is_not_sent(server: Server, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    report.write_text("\u00e4" * 2_000_000)
    found = run(server, "comment", str(report), "--event", event(tmp_path))
    assert found.code == 2
    assert "`iact-guard check -o comment:FILE` writes one that fits" in found.err
    assert server.exchanges == []


@pytest.mark.parametrize(
    ("text", "message"),
    [("{}", "not that of a pull request"), ("[]", "holds no object"), ("{", "not JSON")],
)
def test_another_event(server: Server, tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(text)
    found = run(server, "comment", str(file), "--event", str(file))
    assert found.code == 2
    assert message in found.err
    assert server.exchanges == []


def test_no_token(server: Server, tmp_path: Path) -> None:
    found = run(server, "comment", event(tmp_path), "--event", event(tmp_path), GITHUB_TOKEN="")
    assert found.code == 2
    assert "GITHUB_TOKEN (or GH_TOKEN) is not set" in found.err
    found = run(server, "comment", event(tmp_path), "--event", event(tmp_path), GITHUB_TOKEN="x")
    assert found.code == 2
    assert "GitHub does not accept this token (Bad credentials)" in found.err


def upload(server: Server, folder: Path, *arguments: str, log: Any = None) -> Run:
    file = folder / "report.sarif"
    file.write_text(json.dumps(log) if log else sarif.render(full()))
    return run(server, "upload", str(file), "--event", event(folder), *arguments)


def test_a_file_is_uploaded_for_the_pull_request(server: Server, tmp_path: Path) -> None:
    done = upload(server, tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "uploaded for refs/pull/7/head at aaaaaaaaaaaa: 47177e22" in done.out
    assert "state after the upload: complete" in done.out
    given = {key: server.uploads[0][key] for key in ("commit_sha", "ref")}
    assert given == {"commit_sha": SHA, "ref": "refs/pull/7/head"}


def test_options_come_first(server: Server, tmp_path: Path) -> None:
    upload(server, tmp_path, "--ref", "refs/heads/x", "--commit", "c" * 40, "--wait", "0")
    assert server.uploads[0]["ref"] == "refs/heads/x"
    assert server.uploads[0]["commit_sha"] == "c" * 40
    assert len(server.exchanges) == 1


def test_errors_of_the_processing_are_shown(server: Server, tmp_path: Path) -> None:
    server.states.append({"processing_status": "failed", "errors": ["bad line", "::error::x"]})
    done = upload(server, tmp_path)
    assert done.code == 2
    assert "processing: bad line\n" in done.err
    assert "state after the upload: failed" in done.out


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(413, {"message": "Payload Too Large"}), "too large (413"),
        (Reply(422, {"message": "commit not found"}), "answered 422: commit not found"),
        (Reply(404, {"message": "Not Found"}), "`security-events: write` (404: Not Found)"),
        (Reply(400, {"message": "Code scanning is not enabled"}), "Code scanning is not enabled"),
        (DENIED, "`security-events: write`"),
    ],
)
def test_refusals(server: Server, tmp_path: Path, reply: Reply, message: str) -> None:
    server.before("POST", UPLOADS, reply)
    done = upload(server, tmp_path)
    assert done.code == 2
    assert message in done.err


def test_a_file_over_the_limits_is_not_sent(server: Server, tmp_path: Path) -> None:
    runs = [{"tool": {"driver": {"name": "x"}}, "results": [{}] * 25_001}]
    done = upload(server, tmp_path, log={"version": "2.1.0", "runs": runs})
    assert done.code == 2
    assert "GitHub would reject it: run 1 (x): 25001 results, 25000 are allowed" in done.err
    assert server.exchanges == []


def test_a_forks_pull_request_uploads_nothing_and_does_not_fail(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "report.sarif"
    file.write_text(sarif.render(full()))
    server.before("POST", UPLOADS, DENIED)
    done = run(server, "upload", str(file), "--event", event(tmp_path, "mallory/shop"))
    assert done.code == 0
    assert "not uploaded: the pull request comes from a fork" in done.err


def test_without_a_report_what_the_pull_request_brings_is_checked(
    server: Server, tmp_path: Path
) -> None:
    root = tmp_path / "repository"
    write(root, ".github/workflows/old.yml", UNPINNED)
    base = commit(root)
    write(root, ".github/workflows/new.yml", UNPINNED.replace("acme/setup@v1", "acme/other@v2"))
    head = commit(root)
    file = event(tmp_path, base=base, sha=head)
    bare = {"IACT_GUARD_CACHE_DIR": str(tmp_path / "cache")}
    found = run(server, "comment", "--event", file, cwd=root, **bare)
    assert (found.code, found.out[:7]) == (0, "created"), found.err
    body = server.comments[0]["body"]
    assert "new finding" in body
    assert "acme/other" in body
    assert "acme/setup" not in body
    # Where the base is not there it is never "nothing new".
    lost = event(tmp_path, base="b" * 40, sha=head)
    found = run(server, "comment", "--event", lost, cwd=root, **bare)
    assert found.code == 2
    assert len(server.comments) == 1


def commit(root: Path) -> str:
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=x", "-c", "user.email=x@y")
        command = ["git", *who, *arguments]
        done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    return git("rev-parse", "HEAD")
