"""JUnit: well-formed whatever the tree holds, with every finding in it."""

import re
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model.finding import Tally
from iact_guard.model.location import Evidence, Location
from iact_guard.model.result import Result
from iact_guard.report import junit
from tests.report.results import finding, full, result


def cases(given: Result) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(junit.render(given)).iter("testcase"))


def states(given: Result) -> list[str]:
    return [case[0].tag if len(case) else "pass" for case in cases(given)]


def test_suites_are_policies_and_rules_of_scanners() -> None:
    root = ElementTree.fromstring(junit.render(full()))
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("WF001 actions-are-pinned", "6"), ("bandit", "2"), ("checkov", "1"), ("safety", "2"),
    ]  # fmt: skip


def test_outcomes() -> None:
    error = finding(rule="IG001", outcome="error")
    found = [
        finding(), error, finding(outcome="unknown", gates=False, message="who knows"),
        finding(outcome="unknown"), finding(status="baseline"),
    ]  # fmt: skip
    given = result(*found, tallies=())
    assert states(given) == ["error", "failure", "skipped", "failure", "skipped"]
    told = [case[0].get("message") for case in cases(given)]
    assert told[2] == "unknown: who knows"
    assert told[4] == "baseline: a/b@v1 [is] at a tag"


def test_a_policy_that_passed_is_a_case_and_one_without_a_subject_is_skipped() -> None:
    tallies = (Tally("WF001", 4), Tally("WF002", 0, 0, 0, 3), Tally("WF003", 1, 0, 2, 0))
    assert states(result(tallies=tallies)) == ["pass", "skipped", "pass"]


def test_a_failure_tells_all_of_it() -> None:
    failure = cases(full())[0][0]
    assert failure.get("type") == "high"
    assert (failure.text or "").splitlines() == [
        "a.yml:3:5: a/b@v1 [is] at a tag",
        "1. we ird/ä:#\\n.yml:2: first [1]",
        "2. b.tf:9: then",
        "and at c.yml:1",
        "also: checkov CKV_GHA_1: the same",
        "fix: Pin it",
        "guide: 1",
    ]


def test_names_are_the_same_after_a_move_and_never_twice() -> None:
    first, second = finding(), finding(location=Location("a.yml", 30, 5, 30, 11))
    names = [case.get("name") for case in cases(result(first, second, tallies=()))]
    assert names == ["a.yml: a/b@v1 [is] at a tag", "a.yml: a/b@v1 [is] at a tag (2)"]


def test_the_totals_are_those_of_the_cases() -> None:
    root = ElementTree.fromstring(junit.render(full()))
    for element in (root, *root):
        held = list(element.iter("testcase"))
        assert element.get("tests") == str(len(held))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped",) * 2):
            assert element.get(attribute) == str(len(list(element.iter(tag))))


ANYTHING = st.text(
    st.one_of(st.sampled_from(list("<>&\"'\x00\x0b\x7f\ufffe\ud800]")), st.characters()),
    max_size=30,
)


@settings(max_examples=200)
@given(text=ANYTHING, path=ANYTHING)
def test_any_text_makes_well_formed_xml(text: str, path: str) -> None:
    place = Location(path, 1, 1, 1, 2)
    hostile = finding(
        message=text, name=text, remedy=text, location=place, evidence=(Evidence(place, text),)
    )
    waived = finding(message=text, status="waived")
    report = junit.render(result(hostile, waived))
    root = ElementTree.fromstring(report.encode())
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", report)
    assert len(list(root.iter("failure"))) == 1
    assert not any(line.lstrip().startswith("::") for line in report.splitlines())
