"""Baseline, waivers and comments: what holds a finding back, and whose word counts."""

import json
from pathlib import Path

import pytest

from tests.checkout import Checkout
from tests.command import Run, check, iact_guard

CI = ".github/workflows/ci.yml"
BASELINE = ".iact-guard-baseline.json"
HEAD = "on: pull_request\npermissions: {}\njobs:\n"
JOB = """\
  job{n}:
    runs-on: ubuntu-24.04
    steps:
      - uses: acme/setup{n}@v1
      - run: pytest tests{n} || true
"""
LATER, BEFORE = "2999-01-01", "2020-01-01"


@pytest.fixture
def repo(tmp_path: Path) -> Checkout:
    """Six findings that gate, in three jobs."""
    repo = Checkout(tmp_path / "r")
    repo.write(CI, HEAD + "".join(JOB.format(n=n) for n in range(3)))
    repo.write(".github/CODEOWNERS", "* @acme/all\n")
    repo.commit()
    return repo


def edit(repo: Checkout, old: str, new: str) -> None:
    text = (repo.root / CI).read_text()
    assert old in text
    repo.write(CI, text.replace(old, new, 1))


def run(repo: Checkout, *more: str, environment: dict[str, str] | None = None) -> Run:
    return check(repo.root, *more, seconds=60, environment=environment)


def statuses(run: Run) -> dict[tuple[str, int], str]:
    return {(f["rule"], f["line"]): f["status"] for f in run.report["findings"] if f["gates"]}


def opened(run: Run) -> list[tuple[str, str]]:
    return [
        (f["rule"], f["message"])
        for f in run.report["findings"]
        if f["status"] == "open" and f["gates"]
    ]


def baseline(repo: Checkout, *arguments: str) -> Run:
    command, *more = arguments
    scanners = () if command == "show" else ("--scanners", "none")
    return iact_guard("baseline", command, str(repo.root), *scanners, *more, seconds=60)


# --- the baseline


def test_a_baseline_holds_back_what_was_there_and_nothing_else(repo: Checkout) -> None:
    assert run(repo).code == 1
    done = baseline(repo, "write")
    assert done.code == 0, done.err
    assert "6 entries, 6 new" in done.out
    clean = run(repo)
    assert clean.code == 0
    assert set(statuses(clean).values()) == {"baseline"}
    assert clean.report["summary"]["baseline"] == 6
    edit(repo, "acme/setup1@v1", "acme/other@v1")
    edit(repo, "jobs:\n", "\n\n# moved\njobs:\n")
    changed = run(repo)
    assert changed.code == 1
    assert [rule for rule, _ in opened(changed)] == ["WF001"]
    assert "acme/other" in opened(changed)[0][1]
    assert changed.report["summary"]["stale"] == 1


def test_a_baseline_holds_in_another_place_and_for_a_renamed_file(
    repo: Checkout, tmp_path: Path
) -> None:
    baseline(repo, "write")
    repo.commit()
    other = tmp_path / "elsewhere" / "deeper"
    repo.git("clone", "-q", f"file://{repo.root}", str(other))
    assert check(other, seconds=60).code == 0
    repo.git("mv", CI, ".github/workflows/main.yml")
    assert run(repo).code == 0
    repo.commit()
    renamed = run(repo)
    assert renamed.code == 0
    assert renamed.report["summary"]["stale"] == 0
    assert renamed.report["summary"]["baseline"] == 6


def test_what_is_mended_can_be_pruned_and_pruning_adds_nothing(repo: Checkout) -> None:
    baseline(repo, "write")
    edit(repo, "acme/setup1@v1", f"acme/setup1@{'1' * 40}")
    edit(repo, "acme/setup2@v1", "acme/new@v1")
    done = baseline(repo, "prune")
    assert done.code == 0, done.err
    assert "4 entries, 0 new, 2 taken out" in done.out
    assert [rule for rule, _ in opened(run(repo))] == ["WF001"]


def test_a_baseline_is_counted_by_rule_and_path(repo: Checkout) -> None:
    assert "there is no baseline" in baseline(repo, "show").err
    baseline(repo, "write")
    assert "3 WF001" in baseline(repo, "show").out
    counts = json.loads(baseline(repo, "show", "--format", "json").out)
    assert counts["rules"] == {"WF001": 3, "WF101": 3}
    assert counts["paths"] == {CI: 6}


def test_entries_of_scanners_that_did_not_run_are_kept(repo: Checkout) -> None:
    baseline(repo, "write")
    file = repo.root / BASELINE
    theirs = {"path": "a.py", "tool": "bandit", "rule": "B602", "message": "m",
              "fingerprint": "1" * 32}  # fmt: skip
    data = json.loads(file.read_text())
    data["findings"].append(theirs)
    file.write_text(json.dumps(data))
    assert run(repo).report["summary"]["stale"] == 0
    done = baseline(repo, "write")
    assert "7 entries, 0 new" in done.out
    assert "kept" in done.err
    assert theirs in json.loads(file.read_text())["findings"]


def test_a_file_that_is_written_over_unread_is_told(repo: Checkout) -> None:
    """It may have held entries of scanners that did not run, and those are gone."""
    baseline(repo, "write")
    file = repo.root / ".iact-guard-baseline.json"
    file.write_text("<<<<<<< HEAD\n" + file.read_text())
    done = baseline(repo, "write")
    assert done.code == 0
    assert "warning: of the file before nothing was kept" in done.err
    assert ":1: conflict markers" in done.err
    assert "warning" not in baseline(repo, "write").err


def test_what_cannot_be_read_is_in_no_baseline(repo: Checkout) -> None:
    repo.write(".github/workflows/broken.yml", "a: [\n")
    done = baseline(repo, "write")
    assert done.code == 2
    assert "could not be checked" in done.err
    assert run(repo).code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<<<<<<< HEAD\n", "conflict markers"),
        ('{"schema_version": 9}', "newer iact-guard"),
        ("{", "not JSON"),
        ("\0", "binary"),
    ],
)
def test_a_baseline_that_cannot_be_used_ends_the_check(
    repo: Checkout, text: str, words: str
) -> None:
    repo.write(BASELINE, text)
    done = run(repo)
    assert done.code == 2
    assert words in done.err
    assert done.out == ""
    assert baseline(repo, "write").code == 0
    assert run(repo).code == 0


def test_a_baseline_that_the_configuration_names_must_be_there(repo: Checkout) -> None:
    repo.write(".iact-guard.yaml", "baseline: known/old.json\n")
    assert "is not there" in run(repo).err
    assert baseline(repo, "write").code == 0
    assert run(repo).code == 0
    assert (repo.root / "known/old.json").exists()
    repo.write(".iact-guard.yaml", "baseline: ../old.json\n")
    assert "below the root" in run(repo).err


# --- waivers and comments


def waiver(**values: str) -> str:
    given = {"rule": "WF001", "reason": "r", "owner": "o", "expires": LATER} | values
    return f"waivers:\n  - {json.dumps(given)}\n"


def test_a_waiver_in_force_waives(repo: Checkout) -> None:
    repo.write(".iact-guard.yaml", waiver())
    assert {rule for rule, _ in opened(run(repo))} == {"WF101"}


def test_a_waiver_that_expired_is_a_finding_and_what_it_covered_is_open(repo: Checkout) -> None:
    repo.write(".iact-guard.yaml", waiver(expires=BEFORE))
    done = run(repo)
    (message,) = [message for rule, message in opened(done) if rule == "IG004"]
    assert "expired on 2020-01-01: 3 findings are open again" in message
    (found,) = [f for f in done.report["findings"] if f["rule"] == "IG004"]
    assert (found["path"], found["line"]) == (".iact-guard.yaml", 2)


def test_a_waiver_that_waives_nothing_is_a_finding_if_its_rule_was_asked(repo: Checkout) -> None:
    repo.write(".iact-guard.yaml", waiver(rule="TF001"))
    assert [m for r, m in opened(run(repo)) if r == "IG004"] == [
        "the waiver of TF001 for ** suppresses nothing"
    ]
    repo.write(".iact-guard.yaml", waiver(rule="TF001") + "policies: {TF001: off}\n")
    assert "IG004" not in {rule for rule, _ in opened(run(repo))}
    repo.write(".iact-guard.yaml", waiver(rule="B602"))  # Bandit did not run
    assert "IG004" not in {rule for rule, _ in opened(run(repo))}
    repo.write(".iact-guard.yaml", waiver(rule="TF001") + "policies: {IG004: off}\n")
    assert "IG004" not in {rule for rule, _ in opened(run(repo))}


def test_named_files_say_nothing_about_unused_waivers(repo: Checkout) -> None:
    repo.write(".iact-guard.yaml", waiver(rule="TF001"))
    assert "IG004" not in {rule for rule, _ in opened(check(repo.root / CI, seconds=60))}


def test_a_comment_allows_what_stands_on_its_line_or_below_it(repo: Checkout) -> None:
    edit(repo, "acme/setup0@v1", "acme/setup0@v1  # iact-guard: allow WF001 because it is ours")
    edit(repo, "      - run: pytest tests1", "      # iact-guard: allow WF101 because of x\n"
         "      - run: pytest tests1")  # fmt: skip
    done = run(repo)
    assert sum(status == "waived" for status in statuses(done).values()) == 2
    assert "IG004" not in {rule for rule, _ in opened(done)}
    named = check(repo.root / CI, seconds=60)
    assert statuses(named) == statuses(done)


def test_a_comment_in_a_script_allows_and_one_in_a_string_does_not(repo: Checkout) -> None:
    said = "# iact-guard: allow WF101 because of x"
    block = "run: |\n          "
    edit(repo, "run: pytest tests0", f"{block}{said}\n          pytest tests0")
    edit(repo, "run: pytest tests1", f"{block}echo '{said}'; pytest tests1")
    done = run(repo)
    assert sum(status == "waived" for status in statuses(done).values()) == 1
    assert sum(rule == "WF101" for rule, _ in opened(done)) == 2


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("WF001", "it gives no reason"),
        (f"WF001 until {BEFORE} because x", "expired on 2020-01-01: 1 finding is open again"),
        ("WF001, TF001 because x", "allows TF001, and there is no such finding on line 7"),
        ("WF001, WF999 because x", "there is no such policy"),
        ("wf001 until never because x", "`never` is no date"),
    ],
)
def test_a_comment_that_does_not_count_says_why(repo: Checkout, said: str, words: str) -> None:
    edit(repo, "acme/setup0@v1", f"acme/setup0@v1  # iact-guard: allow {said}")
    assert any(rule == "IG004" and words in message for rule, message in opened(run(repo)))


def test_an_old_comment_that_does_nothing_is_old(repo: Checkout) -> None:
    edit(repo, "acme/setup0@v1", "acme/setup0@v1  # iact-guard: allow WF008 because x")
    repo.commit()
    edit(repo, "acme/setup1@v1", "acme/setup1@v1  # iact-guard: allow WF103 because x")
    assert [message for _, message in opened(run(repo, "--since", "HEAD"))] == [
        "this comment allows WF103, and there is no such finding on line 12"
    ]


# --- whose word counts


@pytest.fixture
def pull_request(repo: Checkout, tmp_path: Path) -> dict[str, str]:
    """The environment of a run for a change on top of the repository's first commit."""
    event = tmp_path / "event.json"
    base = repo.git("rev-parse", "HEAD")
    event.write_text(json.dumps({"pull_request": {"base": {"sha": base}, "head": {"sha": base}}}))
    return {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}


def test_a_change_cannot_approve_itself_and_what_it_says_is_shown(
    repo: Checkout, pull_request: dict[str, str]
) -> None:
    edit(repo, "acme/setup0@v1", "acme/setup0@v1  # iact-guard: allow WF001 because it is ours")
    repo.write(".iact-guard.yaml", waiver(rule="WF101") + "fail_on: critical\n")
    baseline(repo, "write")
    repo.commit()
    own = run(repo)
    assert own.code == 0
    done = run(repo, environment=pull_request)
    assert done.code == 1
    assert set(statuses(done).values()) == {"open"}
    proposed = "\n".join(done.report["proposed"])
    assert "allow WF001 because it is ours" in proposed
    assert f"a waiver of WF101 for ** until {LATER} (o: r)" in proposed
    assert "`fail_on` is another one" in proposed
    assert f"{BASELINE}: WF001" in proposed
    believed = run(repo, "--trusted-rev", "none", environment=pull_request)
    assert believed.code == 0
    assert "proposed" not in believed.report


def test_what_the_base_says_holds_for_the_change(repo: Checkout, tmp_path: Path) -> None:
    edit(repo, "acme/setup0@v1", "acme/setup0@v1  # iact-guard: allow WF001 because it is ours")
    baseline(repo, "write")
    base = repo.commit()
    (repo.root / BASELINE).unlink()
    edit(repo, "jobs:\n", "# moved\njobs:\n")
    repo.commit()
    done = run(repo, "--trusted-rev", base)
    assert done.code == 0
    assert sorted(set(statuses(done).values())) == ["baseline", "waived"]
    assert done.report["baseline"] == BASELINE


def test_a_change_that_breaks_the_configuration_fails(
    repo: Checkout, pull_request: dict[str, str]
) -> None:
    repo.write(".iact-guard.yaml", "fail_om: low\n")
    done = run(repo, environment=pull_request)
    assert done.code == 2
    assert "fail_om" in done.err
