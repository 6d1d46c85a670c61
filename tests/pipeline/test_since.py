"""A repository with old findings: what a change brings is reported, and nothing else."""

import json
from pathlib import Path

import pytest

from tests.checkout import Checkout
from tests.command import Run, check

CI = ".github/workflows/ci.yml"
MANY = 50

HEAD = """\
on: pull_request
permissions: {}
jobs:
"""
JOB = """\
  job{n}:
    runs-on: ubuntu-24.04
    steps:
      - uses: acme/setup{n}@v1
      - run: pytest tests{n} || true
"""
SCRIPTED = """\
on: pull_request
permissions: {}
jobs:
  scripted:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
      - run: ./scripts/test.sh
"""


@pytest.fixture
def repo(tmp_path: Path) -> Checkout:
    """A hundred findings in one workflow, and nothing else of note."""
    repo = Checkout(tmp_path / "r")
    repo.write(CI, HEAD + "".join(JOB.format(n=n) for n in range(MANY)))
    repo.write(".github/CODEOWNERS", "* @acme/all\n")
    repo.commit()
    return repo


def edit(repo: Checkout, path: str, old: str, new: str) -> None:
    text = (repo.root / path).read_text()
    assert old in text
    repo.write(path, text.replace(old, new, 1))


def since(repo: Checkout, revision: str = "HEAD", *more: str) -> Run:
    return check(repo.root, "--since", revision, *more, seconds=60)


def opened(run: Run) -> list[tuple[str, str, int]]:
    return [
        (f["rule"], f["path"], f["line"])
        for f in run.report["findings"]
        if f["status"] == "open" and f["gates"]
    ]


def test_an_old_repository_has_a_hundred_findings_and_nothing_new(repo: Checkout) -> None:
    full = check(repo.root, seconds=60)
    assert full.code == 1
    assert len(opened(full)) >= 100
    run = since(repo)
    assert run.code == 0, run.err
    assert run.report["findings"] == []
    assert run.report["since"]["elsewhere"] == len(opened(full))
    assert run.report["since"]["files"] == []


def test_a_finding_that_a_change_adds_is_the_only_one_open(repo: Checkout) -> None:
    edit(repo, CI, "acme/setup7@v1", "acme/other@v2")
    run = since(repo)
    assert run.code == 1
    assert opened(run) == [("WF001", CI, 42)]
    older = [f for f in run.report["findings"] if f["status"] == "baseline"]
    assert len(older) >= 99  # of the same file: listed, and not open
    assert run.report["summary"]["open"]["high"] + run.report["summary"]["open"]["medium"] == 1


def test_lines_that_only_move_bring_nothing(repo: Checkout) -> None:
    edit(
        repo,
        CI,
        "jobs:\n",
        "\n# moved\n\njobs:\n  first: {runs-on: x, timeout-minutes: 1, steps: [{run: make}]}\n",
    )
    run = since(repo)
    assert opened(run) == []
    assert run.code == 0


def test_a_renamed_file_brings_nothing_but_what_was_added_to_it(repo: Checkout) -> None:
    repo.git("mv", CI, ".github/workflows/main.yml")
    assert opened(since(repo)) == []
    edit(repo, ".github/workflows/main.yml", "acme/setup7@v1", "acme/other@v2")
    repo.commit()
    assert opened(since(repo, "HEAD~1")) == [("WF001", ".github/workflows/main.yml", 42)]


def test_a_finding_in_another_file_than_the_one_that_changed_is_kept(repo: Checkout) -> None:
    other = ".github/workflows/scripted.yml"
    repo.write(other, SCRIPTED)
    repo.write("scripts/test.sh", "pytest\n")
    repo.write("scripts/other.sh", "ls\n")
    repo.commit()
    (repo.root / "scripts/test.sh").unlink()
    run = since(repo)
    assert run.code == 1
    assert opened(run) == [("WF108", other, 9)]
    assert run.report["since"]["files"] == ["scripts/test.sh"]


def test_a_job_that_is_gone_and_still_needed_is_reported(repo: Checkout) -> None:
    edit(repo, CI, "  job1:\n", "  job1:\n    needs: job0\n")
    repo.commit()
    edit(repo, CI, JOB.format(n=0), "")
    run = since(repo)
    assert run.code == 2
    assert [rule for rule, _, _ in opened(run)] == ["IG001"]


def test_what_a_change_mends_is_no_finding(repo: Checkout) -> None:
    edit(repo, CI, "pytest tests3 || true", "pytest tests3")
    assert opened(since(repo)) == []


def test_older_findings_are_listed_on_changed_lines_alone_if_asked(repo: Checkout) -> None:
    edit(repo, CI, "pytest tests3 || true", "pytest tests3  || true")
    run = since(repo, "HEAD", "--new-lines")
    assert run.code == 0
    assert {(f["status"], f["line"]) for f in run.report["findings"]} == {("baseline", 23)}


def test_uncommitted_untracked_and_committed_changes_count_alike(repo: Checkout) -> None:
    start = repo.git("rev-parse", "HEAD")
    other = ".github/workflows/other.yml"
    repo.write(other, HEAD + JOB.format(n=1))
    found = opened(since(repo, start))
    assert {path for _, path, _ in found} == {other}
    repo.git("add", "-A")
    assert opened(since(repo, start)) == found
    repo.commit()
    assert opened(since(repo, start)) == found


def test_what_is_staged_is_checked_and_what_is_not_is_left_out(repo: Checkout) -> None:
    edit(repo, CI, "acme/setup7@v1", "acme/staged@v2")
    repo.git("add", "-A")
    edit(repo, CI, "acme/setup8@v1", "acme/unstaged@v2")
    repo.write(".github/workflows/other.yml", HEAD + JOB.format(n=1))
    assert opened(since(repo, "HEAD", "--staged")) == [("WF001", CI, 42)]
    assert len(opened(since(repo))) > 2
    report = check(repo.root, "--staged", seconds=60).report
    assert any("acme/staged" in f["message"] for f in report["findings"])
    assert not any("unstaged" in f["message"] for f in report["findings"])


def test_files_that_are_named_narrow_what_is_new(repo: Checkout) -> None:
    edit(repo, CI, "acme/setup7@v1", "acme/other@v2")
    repo.write(".github/workflows/other.yml", HEAD + JOB.format(n=1))
    run = check(repo.root / CI, "--since", "HEAD", seconds=60)
    assert opened(run) == [("WF001", CI, 42)]


@pytest.mark.parametrize(
    ("revision", "words"),
    [("nowhere", "no commit of this clone"), ("alien", "no common history")],
)
def test_without_a_base_nothing_is_new_is_never_said(
    repo: Checkout, revision: str, words: str
) -> None:
    repo.git("checkout", "-q", "--orphan", "alien")
    repo.commit("another beginning")
    repo.git("checkout", "-q", "-f", "main")
    run = since(repo, revision)
    assert run.code == 2
    assert words in run.err
    assert run.out == ""


def test_a_base_whose_configuration_is_broken_cannot_be_compared_with(repo: Checkout) -> None:
    repo.write(".iact-guard.yaml", "fail_om: low\n")
    repo.commit()
    repo.write(".iact-guard.yaml", "fail_on: low\n")
    run = since(repo)
    assert run.code == 2
    assert "fail_om" in run.err


def test_what_the_configuration_begins_to_ask_is_new(repo: Checkout) -> None:
    repo.write(".iact-guard.yaml", "policies: {WF001: off}\n")
    repo.commit()
    repo.write(".iact-guard.yaml", "policies: {}\n")
    assert {rule for rule, _, _ in opened(since(repo))} == {"WF001"}


def test_a_waiver_that_is_taken_away_makes_its_findings_new(repo: Checkout) -> None:
    waiver = "{rule: WF001, reason: r, owner: o, expires: 2999-01-01}"
    repo.write(".iact-guard.yaml", f"waivers: [{waiver}]\n")
    repo.commit()
    repo.write(".iact-guard.yaml", "waivers: []\n")
    assert {rule for rule, _, _ in opened(since(repo))} == {"WF001"}


def test_an_old_file_that_cannot_be_read_is_old(repo: Checkout) -> None:
    repo.write(".github/workflows/broken.yml", "a: [\n")
    repo.commit()
    repo.write("README.md", "x\n")
    run = since(repo)
    assert run.code == 0
    assert run.report["summary"]["complete"] is False
    repo.write(".github/workflows/worse.yml", "a: [\n")
    assert since(repo).code == 2


def test_a_pull_request_does_not_choose_its_own_configuration(
    repo: Checkout, tmp_path: Path
) -> None:
    base = repo.git("rev-parse", "HEAD")
    edit(repo, CI, "acme/setup7@v1", "acme/other@v2")
    repo.write(".iact-guard.yaml", "policies: {WF001: off}\n")
    head = repo.commit()
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": base}, "head": {"sha": head}}}))
    environment = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}
    run = check(repo.root, "--since", "auto", seconds=60, environment=environment)
    assert opened(run) == [("WF001", CI, 42)]
    own = check(
        repo.root, "--since", "auto", "--trusted-rev", "none", seconds=60, environment=environment
    )
    assert opened(own) == []
