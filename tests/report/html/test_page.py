"""The page: self-contained, nothing of the tree is markup, bounds are stated."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model.location import Evidence, Location
from iact_guard.model.picture import Edge, Group, Node, Picture
from iact_guard.report.html import page, render
from tests.command import iact_guard
from tests.report.results import finding, result

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`</code>&amp;"
VOID = {"meta", "input", "br"}


class _Reader(HTMLParser):
    """Checks that tags are balanced, and keeps what could fetch or run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_nothing_is_fetched_and_only_our_own_script_may_run() -> None:
    text = render(result(finding()))
    read = _Reader(text)
    assert not [1 for _, attributes in read.tags if {"src", "srcset", "data"} & attributes.keys()]
    links = {attributes["href"] for tag, attributes in read.tags if tag == "a"}
    assert all(link and link.startswith("#") for link in links)
    targets = {f"#{attributes['id']}" for _, attributes in read.tags if "id" in attributes}
    assert links <= targets
    script = re.search(r"<script>(.*)</script>", text, re.DOTALL)
    assert script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text


def test_texts_of_the_tree_stay_texts() -> None:
    place = Location(f"a/{HOSTILE}.yml", 3)
    bad = finding(
        message=HOSTILE,
        remedy=HOSTILE,
        location=place,
        evidence=(Evidence(place, HOSTILE),),
        places=(Evidence(place, ""),),
    )
    drawn = Picture(
        (Group(HOSTILE, (Node("a", "job", (HOSTILE,)), Node("b", "deploys", (HOSTILE,)))),),
        (Edge("a", "b", "hole", HOSTILE),),
    )
    shown = replace(
        result(bad), picture=drawn, lines={(place.path, 3): HOSTILE}, warnings=(HOSTILE,)
    )
    read = _Reader(render(shown))
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in read.tags}
    assert not [name for _, given in read.tags for name in given if name.startswith("on")]


@settings(max_examples=100)
@given(st.text(max_size=80), st.integers(1, 60), st.integers(1, 60))
def test_any_text_gives_a_balanced_page(text: str, column: int, width: int) -> None:
    place = Location("a.yml", 1, column, 1, column + width)
    shown = replace(result(finding(message=text, location=place)), lines={("a.yml", 1): text})
    _Reader(render(shown))


def test_a_source_line_is_marked_where_the_finding_stands() -> None:
    place = Location("a.yml", 7, 10, 7, 16)
    shown = replace(result(finding(location=place)), lines={("a.yml", 7): "    run: pytest & x"})
    assert "    run: <mark>pytest</mark> &amp; x" in render(shown)


def test_evidence_has_its_source_line_and_everything_opens_without_a_script() -> None:
    step = Evidence(Location("b.yml", 2), "started here")
    shown = replace(result(finding(evidence=(step,))), lines={("b.yml", 2): "on: push"})
    text = render(shown)
    assert "<details><summary>Evidence (1)</summary>" in text
    assert re.search(r"b\.yml:2</span>: started here\s*<div class=\"source\".*on: push", text)
    assert ".filter { position: sticky; top: 0; z-index: 1; display: none;" in text


def test_the_file_with_the_worst_finding_comes_first() -> None:
    mild = finding(location=Location("a.yml"), severity="low")
    bad = finding(location=Location("b.yml"), severity="critical")
    text = render(result(mild, bad))
    assert text.index("<h3>b.yml</h3>") < text.index("<h3>a.yml</h3>")


def test_more_than_a_page_can_hold_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MAX_FINDINGS", 3)
    findings = [finding(location=Location(f"{n}.yml"), severity="low") for n in range(5)]
    text = render(result(*findings, finding(location=Location("worst.yml"), severity="high")))
    assert "The worst 3 of 6" in text
    assert "<h3>worst.yml</h3>" in text
    assert text.count("<article") == 3


def test_the_fixture_as_a_page_shows_the_way_and_its_holes(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    root = Path(__file__).parents[3] / "fixtures/violating"
    iact_guard("check", str(root), "--scanners", "none", "-o", f"html:{target}")
    read = _Reader(target.read_text())
    words = "\n".join(read.text)
    assert "HOLE: comes here past the gates" in words
    assert "gate, enforced" in words
    assert words.count("deploy-backend") > 1
    assert "DEPLOY_TOKEN: ***" in words
