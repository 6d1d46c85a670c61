"""Fingerprints, merging, waivers, the exit code."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from iact_guard.aggregate.acknowledge import acknowledged
from iact_guard.aggregate.exit_code import exit_code
from iact_guard.aggregate.fingerprint import fingerprinted
from iact_guard.aggregate.merge import merged
from iact_guard.aggregate.order import ordered
from iact_guard.aggregate.problems import scanner_findings, scanner_warnings
from iact_guard.aggregate.waive import waived
from iact_guard.load.shipped import shipped
from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.model.scan import ScannerReport, Skipped
from iact_guard.settings import Config, Override, Waiver
from tests.report.results import finding

POLICIES = {policy.id: policy for policy in shipped()}


def lines(text: str) -> Callable[[str, int], str]:
    return lambda path, number: text.splitlines()[number - 1]


def at(line: int, **changes: Any) -> Finding:
    return finding(location=Location("a.yml", line, 1, line, 2), **changes)


def test_a_fingerprint_survives_a_move_and_tells_twins_apart() -> None:
    before = fingerprinted([at(1), at(2)], lines("same\nsame"))
    after = fingerprinted([at(2), at(4)], lines("new\n  same\nnew\nsame"))
    assert [f.fingerprint for f in before] == [f.fingerprint for f in after]
    assert before[0].fingerprint != before[1].fingerprint
    assert all(len(f.fingerprint) == 32 for f in before)


def test_a_fingerprint_stands_on_the_anchor_where_there_is_one() -> None:
    one = fingerprinted([at(1, anchor="job:a")], lines("x"))[0]
    assert one.fingerprint == fingerprinted([at(1, anchor="job:a")], lines("y"))[0].fingerprint
    assert one.fingerprint != fingerprinted([at(1, anchor="job:b")], lines("x"))[0].fingerprint
    other = replace(one, rule="WF002")
    assert one.fingerprint != fingerprinted([other], lines("x"))[0].fingerprint


SECRET = {"rule": "SC001", "severity": "critical"}
BANDIT = {"tool": "bandit", "rule": "B105"}
CHECKOV = {"tool": "checkov", "rule": "CKV_SECRET_6"}


def test_the_same_fault_is_one_finding_and_ours_wins() -> None:
    for order in ([BANDIT, SECRET, CHECKOV], [CHECKOV, BANDIT, SECRET]):
        (one,) = merged([at(3, **kind) for kind in order])
        assert one.rule == "SC001"
        assert {related.tool for related in one.related} == {"bandit", "checkov"}


def test_other_lines_topics_and_paths_stay_apart() -> None:
    assert len(merged([at(3, **SECRET), at(4, **BANDIT)])) == 2
    assert len(merged([at(3, **SECRET), at(3, tool="bandit", rule="B602")])) == 2
    elsewhere = replace(at(3, **BANDIT), location=Location("b.yml", 3, 1, 3, 2))
    assert len(merged([at(3, **SECRET), elsewhere])) == 2
    assert len(merged([at(3, **SECRET), at(3, **SECRET)])) == 2


def test_order_is_that_of_files_and_lines() -> None:
    findings = [at(9), at(2, tool="bandit"), at(2), replace(at(1), location=Location("A"))]
    shown = [(f.location.path, f.location.line, f.tool) for f in ordered(findings)]
    assert shown == [
        ("A", 1, "iact-guard"), ("a.yml", 2, "iact-guard"), ("a.yml", 2, "bandit"),
        ("a.yml", 9, "iact-guard"),
    ]  # fmt: skip


def test_a_waiver_holds_until_its_day_and_never_for_what_was_not_judged() -> None:
    day = datetime.date(2026, 1, 31)
    waiver = Waiver(rule="WF001", paths=("*.yml",), reason="r", owner="@a", expires=day)
    found = [at(1), at(1, rule="WF002"), at(1, outcome="error")]
    assert [f.status for f in waived(found, (waiver,), day).findings] == ["waived", "open", "open"]
    late = day + datetime.timedelta(days=1)
    assert {f.status for f in waived(found, (waiver,), late).findings} == {"open"}


ALLOWED = [
    "TOKEN=***  # pragma: allowlist secret",
    'password = "***" // gitleaks:allow',
    'PASSWORD = "***"  # nosec B105',
    'PASSWORD = "***"  # nosec: B101, B106 because of the stub',
    'PASSWORD = "***"  # noqa  # nosec hardcoded_password_string',
]
NOT_ALLOWED = [
    "TOKEN=***",
    "TOKEN=gitleaks:allow",
    'PASSWORD = "***"  # nosec',
    'PASSWORD = "***"  # nosec B602',
    'PASSWORD = "***"  # nosec B1050',
    "TOKEN=***  # allowlist secret",
]


@pytest.mark.parametrize(("line", "status"), [
    *((line, "acknowledged") for line in ALLOWED),
    *((line, "open") for line in NOT_ALLOWED),
])  # fmt: skip
def test_comments_of_other_tools_acknowledge_secrets(line: str, status: str) -> None:
    (found,) = acknowledged([at(1, **SECRET)], lines(line), lambda path: True)
    assert found.status == status


def test_comments_acknowledge_nothing_but_open_findings_of_secrets() -> None:
    text = lines(ALLOWED[0])
    found = [at(1), at(1, outcome="error", rule="SC001"), at(1, rule="SC001", status="waived")]
    assert acknowledged(found, text, lambda path: True) == found


def test_a_comment_above_acknowledges_where_it_says_so() -> None:
    text = "# pragma: allowlist nextline secret\nTOKEN=***\nTOKEN=***\n# gitleaks:allow\nTOKEN=***"
    found = acknowledged([at(n, **SECRET) for n in (2, 3, 5)], lines(text), lambda path: True)
    assert [finding.status for finding in found] == ["acknowledged", "open", "open"]
    assert exit_code(found[:1], "medium", anything=True) == 0


CODES = [
    ([], 0),
    ([at(1)], 1),
    ([at(1, severity="low")], 0),
    ([at(1, severity="medium")], 1),
    ([at(1, status="waived")], 0),
    ([at(1, outcome="unknown", gates=False)], 0),
    ([at(1, outcome="unknown", gates=True)], 1),
    ([at(1), at(1, outcome="error")], 2),
    ([at(1, outcome="error", severity="note")], 2),
    ([at(1, outcome="error", gates=False)], 0),
]


@pytest.mark.parametrize(("findings", "code"), CODES)
def test_exit_codes(findings: list[Finding], code: int) -> None:
    assert exit_code(findings, "medium", anything=True) == code


def test_nothing_to_check_is_a_code_of_its_own() -> None:
    assert exit_code([], "medium", anything=False) == 3


def report(**changes: Any) -> ScannerReport:
    values: dict[str, Any] = {"name": "checkov", "status": "ok", "reason": "why"}
    return ScannerReport(**(values | changes))


def scanned(reports: list[ScannerReport], asked: set[str], config: Config) -> list[bool]:
    found = scanner_findings(reports, frozenset(asked), None, POLICIES, config)
    return [finding.gates for finding in found]


def test_what_a_scanner_did_not_do_gates() -> None:
    assert scanned([report(status="failed")], set(), Config()) == [True]
    assert scanned([report(status="timeout")], set(), Config()) == [True]
    skipped = report(status="partial", skipped=(Skipped("a.tf", "no"), Skipped("b.tf", "no")))
    assert scanned([skipped], set(), Config()) == [True, True]
    config = Config(overrides=(Override(paths=("a.tf",), incomplete="warn"),))
    assert scanned([skipped], set(), config) == [False, True]


def test_a_scanner_that_is_not_there_counts_if_it_was_asked_for() -> None:
    missing = report(status="not-installed")
    assert scanned([missing], set(), Config()) == []
    assert list(scanner_warnings([missing], frozenset())) == ["checkov did not run: why"]
    assert scanned([missing], {"checkov"}, Config()) == [True]
    assert list(scanner_warnings([missing], frozenset({"checkov"}))) == []
