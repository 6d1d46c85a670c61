"""Markdown: verdict first, everything in it or counted, and never too long."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model.finding import SEVERITIES, Finding
from iact_guard.model.location import Evidence, Location
from iact_guard.model.picture import Edge, Group, Node, Picture
from iact_guard.model.result import Result, Since
from iact_guard.model.scan import ScannerReport
from iact_guard.report import markdown
from tests.report.rendered import shown
from tests.report.results import finding, full, result

PICTURE = Picture(
    (Group("ci.yml", (Node("a", "job", ("test",)), Node("b", "deploys", ("@ship ```",)))),),
    (Edge("a", "b"),),
)


def many(number: int, **changes: Any) -> list[Finding]:
    return [
        finding(
            severity=SEVERITIES[n % 5], location=Location(f"d/{n}.yml", n + 1, 1, n + 1, 2),
            evidence=(Evidence(Location("x.yml", 1, 1, 1, 2), "because of *this*"),), **changes,
        )
        for n in range(number)
    ]  # fmt: skip


def test_the_verdict_comes_first() -> None:
    lines = markdown.render(full()).splitlines()
    assert lines[0] == "## \u274c iact-guard: 4 findings at or above <code>medium</code>"
    assert lines[2] == (
        "**1 critical, 3 high, 1 low** \u00b7 1 unknown \u00b7 1 waived \u00b7 3 files"
        " \u00b7 1 policy \u00b7 2 verdicts"
    )
    clean = markdown.render(result(exit_code=0)).splitlines()
    assert clean[0] == "## \u2705 iact-guard: nothing at or above <code>medium</code>"
    broken = result(finding(), finding(outcome="error", rule="IG001"), exit_code=2)
    assert markdown.render(broken).startswith(
        "## \u26a0\ufe0f iact-guard: the check is incomplete: 1 error; 1 finding at or above"
    )


def test_what_is_new_is_said() -> None:
    given = result(
        finding(), finding(status="baseline"), baseline=".baseline", stale=2,
        since=Since("main", "0123456789abcdef", ("a.yml",), 5), proposed=("a waiver for WF001",),
    )  # fmt: skip
    page = shown(markdown.render(given))
    assert "1 new finding at or above medium" in page.text
    assert "1 in baseline" in page.text
    assert "since 0123456789ab: 1 changed file; 5 older elsewhere" in page.text
    assert "2 entries of .baseline match nothing any more" in page.text
    assert "not in force yet: a waiver for WF001" in page.text


def test_a_finding_with_all_that_is_known_of_it() -> None:
    text = markdown.render(full())
    block = text[text.index("<details><summary><b>high</b>") :]
    assert block[: block.index("</details>")] == FINDING


def test_sections() -> None:
    text = markdown.render(full())
    assert re.findall("^### (.*)$", text, re.MULTILINE) == [
        "Findings", "Not known", "Scanners", "Set aside", "Warnings",
    ]  # fmt: skip
    assert "| checkov | failed |  | 0 | 0 | timeout |" in text
    assert "| waived | high | WF001 actions-are-pinned | <code>a.yml:3</code> |" in text


def test_the_picture_is_drawn_unless_it_is_too_large() -> None:
    text = markdown.render_comment(result(finding(), picture=PICTURE))
    assert text.count("```mermaid\nflowchart TD\n") == 1
    nodes = tuple(Node(str(n), "job", ("x" * 60,)) for n in range(1000))
    large = markdown.render_comment(result(picture=Picture((Group("", nodes),), ())))
    assert "```mermaid" not in large
    assert "1000 jobs, gates and environments are too many" in large


def counted(text: str) -> int:
    more = re.search(r"and (\d+) more findings?:", text)
    brief = len(re.findall(r"^- \*\*", text, re.MULTILINE))
    return text.count("<details><summary><b>") + brief + (int(more.group(1)) if more else 0)


@pytest.mark.parametrize("number", [3, 200, 1_000, 30_000])
def test_nothing_is_lost_uncounted(number: int) -> None:
    given = result(*many(number), *many(40, outcome="unknown", gates=False))
    for render, limit in ((markdown.render, 2**20), (markdown.render_comment, 65_536)):
        text = render(given)
        assert len(text.encode()) <= limit
        assert counted(text) == number


def test_the_worst_are_kept() -> None:
    text = markdown.render_comment(result(*many(2_000)))
    assert set(re.findall("<summary><b>(.*?)</b>", text)) == {"critical"}
    assert "400 note" in text


def test_a_finding_that_is_too_large_is_counted() -> None:
    huge = finding(evidence=tuple(Evidence(Location("|" * 900), "|" * 3000) for _ in range(50)))
    text = markdown.render_comment(result(*[huge] * 30))
    assert len(text.encode()) <= 65_536
    assert counted(text) == 30


HOSTILE = st.lists(
    st.sampled_from(
        ["`", "```", "\n", "|", "<img src=x>", "</details>", "<!--", "@all", "#1", "\\", "](x)",
         "https://x.y", "::error::", "~~~", "x", " ", "*", "\u202e"]
    ),
    max_size=10,
).map("".join)  # fmt: skip


@settings(max_examples=100)
@given(text=HOSTILE, path=HOSTILE)
def test_no_text_of_a_tree_leaves_its_place(text: str, path: str) -> None:
    place = Location(path, 3, 1, 3, 2)
    hostile = finding(
        message=text, name=text, rule=text, remedy=text, location=place, guide=text,
        evidence=(Evidence(place, text),), places=(Evidence(place, text),),
    )  # fmt: skip
    unknown = finding(outcome="unknown", gates=False, message=text, name=text, location=place)
    tame = rendered(hostile_result([hostile, unknown], text, path))
    calm = rendered(hostile_result([hostile_like(hostile), hostile_like(unknown)], "a", "a.yml"))
    assert tame.tags == calm.tags
    assert tame.links == []


def hostile_result(findings: list[Finding], text: str, path: str) -> Result:
    scanner = ScannerReport("bandit", "failed", reason=text or "x")
    lines = {(path, 3): f"x {text}".replace("\n", " ")}
    return result(*findings, scanners=(scanner,), warnings=(text,), lines=lines)


def hostile_like(given: Finding) -> Finding:
    """The same finding with harmless texts."""
    place = Location("a.yml", 3, 1, 3, 2)
    values: dict[str, Any] = {"message": "`a`", "name": "a", "location": place}
    if given.outcome == "fail":
        values |= {"remedy": "a" * bool(given.remedy), "evidence": (Evidence(place, "a"),)}
        values |= {"places": (Evidence(place, "a"),)}
    return finding(outcome=given.outcome, gates=given.gates, **values)


def rendered(given: Result) -> Any:
    return shown(markdown.render_comment(given))


FINDING = """\
<details><summary><b>high</b> WF001 actions-are-pinned <code>a.yml:3</code><br>\
<code>a/b&#64;v1</code> &#91;is&#93; at a tag</summary>

```text
     3 |     uses: a/b@v1
       |     ^^^^^^
```

1. <code>we ird/ä:&#35;&#92;n.yml:2</code>: first &#91;1&#93;
2. <code>b.tf:9</code>: then

Also at <code>c.yml:1</code>.

checkov CKV&#95;GHA&#95;1 says of it: the same

**Fix:** Pin it

"""
