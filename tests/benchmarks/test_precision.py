"""Reading labels, and holding a run against them."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from comparison import Found, compare, recall, scores, total, wilson
from labelled import Key, Label, LabelError, Span, Truth, labels, truths

ROW = {
    "repository": "o/n",
    "commit": "c",
    "path": "a.yml",
    "line": 3,
    "rule": "WF101",
    "verdict": "right",
    "reason": "r",
}


def _label(line: int, right: bool, rule: str = "WF101") -> Label:
    return Label(Key("o/n", rule, "a.yml", line), "c", right, "r")


def _found(line: int, outcome: str = "fail", rule: str = "WF101") -> Found:
    return Found(Key("o/n", rule, "a.yml", line), outcome)


def _truth(first: int, last: int, outcome: str = "fail") -> Truth:
    return Truth("o/n", "c", ("WF101", "WF104"), (Span("a.yml", first, last),), outcome, "r")


def _write(folder: Path, name: str, *rows: object) -> None:
    (folder / name).write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


@pytest.mark.parametrize(
    ("right", "of", "lower"), [(0, 0, 0.0), (0, 10, 0.0), (10, 10, 0.7225), (95, 100, 0.8882)]
)
def test_the_lower_bound_is_wilsons(right: int, of: int, lower: float) -> None:
    assert wilson(right, of) == pytest.approx(lower, abs=1e-4)


@given(st.integers(1, 5000), st.floats(0, 1))
def test_the_lower_bound_is_below_the_share_and_rises_with_it(of: int, share: float) -> None:
    right = int(of * share)
    assert 0 <= wilson(right, of) <= right / of
    assert right == of or wilson(right, of) < wilson(right + 1, of)


def test_scores_are_by_rule_and_in_all() -> None:
    by_rule = scores([_label(1, True), _label(2, False), _label(3, True, "WF203")])
    assert {rule: (s.right, s.total) for rule, s in by_rule.items()} == {
        "WF101": (1, 2),
        "WF203": (1, 1),
    }
    assert total(by_rule).precision == pytest.approx(2 / 3)


def test_a_run_is_split_into_found_again_gone_and_new() -> None:
    known = {label.key: label for label in (_label(1, True), _label(2, False))}
    change = compare(known, [_found(1), _found(1), _found(2, "unknown"), _found(9)])
    assert [label.key.line for label in change.again] == [1]
    assert [label.key.line for label in change.gone] == [2]
    assert [found.key.line for found in change.new] == [9]


def test_recall_counts_unknowns_apart() -> None:
    holes = [_truth(1, 2), _truth(5, 5), _truth(7, 7), _truth(8, 8, "unknown")]
    run = [_found(2, rule="WF104"), _found(5, "unknown"), _found(8, "unknown"), _found(6)]
    result = recall(holes, run)
    assert (result.found, result.undecided) == ([holes[0], holes[3]], [holes[1]])
    assert result.missed == [holes[2]]
    assert result.share == pytest.approx(2 / 3)


def test_a_further_place_of_a_finding_counts() -> None:
    found = Found(Key("o/n", "WF101", "b.yml", 1), "fail", places=(("a.yml", 7),))
    assert recall([_truth(7, 7)], [found]).found
    assert recall([_truth(8, 8)], [found]).missed


def test_labels_and_truths_are_told_apart_by_their_file(tmp_path: Path) -> None:
    _write(tmp_path, "some.jsonl", ROW)
    hole = ROW | {"verdict": "true", "last": 4, "also": ["b.sh:7", "b.sh:9-10"]}
    _write(tmp_path, "truth-o-n.jsonl", hole, hole | {"verdict": "debatable"})
    assert [label.right for label in labels(tmp_path).values()] == [True]
    (truth,) = truths(tmp_path)
    assert truth.spans == (Span("a.yml", 3, 4), Span("b.sh", 7, 7), Span("b.sh", 9, 10))


@pytest.mark.parametrize("bad", [ROW | {"verdict": ""}, {"rule": "WF101", "verdict": "right"}, []])
def test_a_line_that_is_no_label_is_named(tmp_path: Path, bad: object) -> None:
    _write(tmp_path, "some.jsonl", ROW, bad)
    with pytest.raises(LabelError, match=r"some\.jsonl:2"):
        labels(tmp_path)


def test_a_finding_labelled_twice_is_an_error(tmp_path: Path) -> None:
    _write(tmp_path, "some.jsonl", ROW, ROW | {"verdict": "wrong"})
    with pytest.raises(LabelError, match="twice"):
        labels(tmp_path)


def test_the_labels_of_the_repository_can_be_read() -> None:
    labels()
    assert len(truths()) > 40
