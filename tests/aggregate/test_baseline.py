"""The file of known findings: sorted, a line an entry, and what is said of a broken one."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iact_guard.aggregate.baseline import Entry, entry_of, held_back, parse, render, unmatched
from iact_guard.model.errors import ConfigError
from tests.checkout import Checkout
from tests.report.results import finding

TEXT = st.text(st.characters(codec=None), max_size=20)
ENTRIES = st.lists(st.builds(Entry, TEXT, TEXT, TEXT, TEXT, TEXT), max_size=5, unique=True)


@given(ENTRIES)
def test_what_is_written_is_read_and_each_entry_has_a_line(entries: list[Entry]) -> None:
    text = render(entries)
    assert text.isascii()
    assert set(parse(text, "b.json")) == set(entries)
    assert text == render(reversed(entries))
    assert text.count("\n") == (len(entries) + 2 if entries else 1)


def entry(number: int) -> Entry:
    return Entry(f"path{number:02}", "iact-guard", "WF001", "m", f"{number:032}")


def test_two_branches_that_add_and_take_out_entries_merge(tmp_path: Path) -> None:
    repo = Checkout(tmp_path / "r")
    some = [entry(number) for number in range(0, 40, 2)]
    repo.write("b.json", render(some))
    repo.commit()
    repo.git("checkout", "-q", "-b", "side")
    repo.write("b.json", render([*some, entry(7)]))
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("b.json", render([*some[:-4], entry(23), some[-1]]))
    repo.commit()
    repo.git("merge", "-q", "-m", "m", "side")
    merged = parse((repo.root / "b.json").read_text(), "b.json")
    assert set(merged) == {*some[:-4], some[-1], entry(7), entry(23)}


BROKEN = [
    ("", ":1: not JSON"),
    ('{"schema_version": 1, "findings": [\n{"a": 1},,\n]}', ":2: not JSON"),
    ("[]", "no baseline of iact-guard"),
    ('{"findings": []}', "no baseline of iact-guard"),
    ('{"schema_version": 2, "findings": {}}', "a newer iact-guard"),
    ('{"schema_version": true, "findings": []}', "no baseline of iact-guard"),
    ('{"schema_version": 0, "findings": []}', "no baseline of iact-guard"),
    ('{"schema_version": 1}', "an entry lacks"),
    ('{"schema_version": 1, "findings": [{"path": "a"}]}', "an entry lacks"),
    ('{"schema_version": 1, "findings": [7]}', "an entry lacks"),
    ("[" * 100_000, "not JSON"),
    (f"{{\n<<<<<<< HEAD\n{json.dumps({'a': 1})}\n=======\n>>>>>>> x\n}}", ":2: conflict markers"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_a_broken_file_is_a_message_with_the_remedy(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "b.json")
    assert words in str(caught.value)
    assert "baseline write" in str(caught.value)


def test_an_entry_holds_back_its_finding_and_nothing_that_was_not_judged() -> None:
    known = entry_of(finding())
    found = [
        finding(),
        finding(fingerprint="1" * 32),
        finding(outcome="error"),
        finding(status="waived"),
        finding(outcome="unknown", gates=False),
    ]
    assert [f.status for f in held_back(found, [known], {})] == [
        "baseline", "open", "open", "waived", "open",
    ]  # fmt: skip


def test_a_finding_answers_to_the_fingerprint_of_its_files_old_name() -> None:
    old = entry_of(finding(fingerprint="2" * 32))
    former = {"0" * 32: "2" * 32}
    assert [f.status for f in held_back([finding()], [old], former)] == ["baseline"]
    assert unmatched([old], [finding()], former) == []
    assert unmatched([old], [finding()], {}) == [old]


def test_a_long_message_is_cut() -> None:
    assert len(entry_of(finding(message="x" * 1000)).message) == 120
