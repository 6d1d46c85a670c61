"""Annotations: read back as a runner reads them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model.location import Evidence, Location
from iact_guard.report import github
from tests.report.results import finding, full, result
from tests.report.runner import obeyed, read


def test_every_finding_is_a_command_on_its_line() -> None:
    commands = obeyed(github.render(full()))
    assert [command.name for command in commands] == ["error", "error", "error", "error", "notice"]
    assert commands[1].properties == {
        "file": "a.yml", "line": "3", "endLine": "3", "col": "5", "endColumn": "11",
        "title": "WF001 actions-are-pinned (high)",
    }  # fmt: skip
    assert commands[1].message.splitlines() == [
        "a/b@v1 [is] at a tag",
        "Fix: Pin it",
        "1. we ird/ä:#\\n.yml:2: first [1]",
        "2. b.tf:9: then",
        "And at c.yml:1",
        "Also: checkov CKV_GHA_1: the same",
    ]
    assert commands[0].properties["title"] == "safety 1 jinja2 (critical)"


def test_the_last_line_gives_the_verdict_and_starts_no_annotation_when_all_are_there() -> None:
    last = github.render(full()).splitlines()[-1]
    assert last == "iact-guard: 4 findings at or above `medium`; 1 verdict unknown"
    clean = github.render(result(exit_code=0))
    assert clean == "iact-guard: nothing at or above `medium`\n"


def many(number: int, severity: str) -> list[Any]:
    return [
        finding(severity=severity, location=Location("a.yml", n + 1, 1, n + 1, 2))
        for n in range(number)
    ]


def test_no_more_than_a_runner_takes_and_the_rest_is_counted() -> None:
    found = [*many(25, "low"), *many(3, "medium"), *many(12, "critical"), *many(11, "high")]
    commands = obeyed(github.render(result(*found)))
    names = [command.name for command in commands]
    assert {name: names.count(name) for name in set(names)} == {
        "error": 10, "warning": 3, "notice": 10,
    }  # fmt: skip
    assert all("critical" in c.properties["title"] for c in commands if c.name == "error")
    assert commands[-1].properties == {"title": "iact-guard"}
    assert "29 of 51 findings are not annotated (2 critical, 11 high, 16 low)" in (
        commands[-1].message
    )


def test_ten_of_a_level_fit() -> None:
    commands = obeyed(github.render(result(*many(10, "low"), *many(10, "high"))))
    assert len(commands) == 20


def test_what_does_not_count_is_no_annotation() -> None:
    found = [
        finding(status="waived"), finding(status="baseline"),
        finding(outcome="unknown", gates=False),
    ]  # fmt: skip
    assert obeyed(github.render(result(*found))) == []
    counts = obeyed(github.render(result(finding(outcome="unknown"))))
    assert [command.name for command in counts] == ["error"]


def test_the_check_itself_comes_first() -> None:
    broken = finding(rule="IG001", outcome="error", severity="low")
    warned = finding(rule="IG001", outcome="error", severity="high", gates=False)
    commands = obeyed(github.render(result(finding(severity="critical"), warned, broken)))
    assert commands[0].properties["title"] == "IG001 actions-are-pinned (error)"
    assert commands[-1].name == "warning"


def test_many_obstacles_do_not_hide_the_findings() -> None:
    broken = [finding(rule="IG001", outcome="error", severity="high") for _ in range(50)]
    commands = obeyed(github.render(result(*broken, finding(severity="high"))))
    titles = [command.properties["title"] for command in commands]
    assert sum("error" in title for title in titles) == 9
    assert titles[5] == "WF001 actions-are-pinned (high)"
    assert "(41 error)" in commands[-1].message


def test_a_root_below_the_workspace_counts_from_there() -> None:
    commands = obeyed(github.render(result(finding(), below="services/a, b: c%/")))
    assert commands[0].properties["file"] == "services/a, b: c%/a.yml"


def test_a_finding_of_the_whole_root_has_no_line() -> None:
    commands = obeyed(github.render(result(finding(location=Location(".")))))
    assert set(commands[0].properties) == {"title"}


def test_a_message_ends_where_a_runner_would_cut_it() -> None:
    steps = tuple(Evidence(Location("b.yml", n, 1, n, 2), "x" * 90) for n in range(1, 100))
    long = obeyed(github.render(result(finding(evidence=steps))))[0].message
    assert len(long) <= github.MAX_MESSAGE
    listed = long.count("\n")
    assert long.endswith(f"({101 - listed} more lines)")
    wide = obeyed(github.render(result(finding(message="\U0001f600" * 5000))))[0].message
    assert len(wide.encode("utf-16-le")) // 2 <= github.MAX_MESSAGE


HOSTILE = st.text(
    st.one_of(
        st.sampled_from(list("%:,=]\r\n#[; \t@`|<>\x00\x1b\u2028")), st.characters(codec="utf-8")
    ),
    max_size=40,
)


@settings(max_examples=200)
@given(message=HOSTILE, file=HOSTILE.filter(lambda text: bool(text.strip(" ,="))), title=HOSTILE)
def test_a_command_says_to_the_runner_what_it_was_given(
    message: str, file: str, title: str
) -> None:
    # A runner trims the properties, and loses a `=` at the start of one: nothing escapes that.
    file, title = file.strip().lstrip("="), title.strip().lstrip("=")
    line = github.command("error", {"file": file, "line": 3, "title": title}, message)
    assert "\n" not in line
    assert "\r" not in line
    command = read(line)
    assert command is not None
    assert command.message == message
    wanted = {"file": file, "line": "3", "title": title}
    assert command.properties == {key: value for key, value in wanted.items() if value}


@settings(max_examples=200)
@given(text=HOSTILE, path=HOSTILE)
def test_texts_of_the_tree_start_no_command(text: str, path: str) -> None:
    place = Location(path or "x", 1, 1, 1, 2)
    hostile = finding(
        message=text, remedy=text, location=place, name=text,
        evidence=(Evidence(place, text),), places=(Evidence(place, text),),
    )  # fmt: skip
    report = github.render(result(hostile, below=path))
    commands = [command for line in report.split("\n") if (command := read(line))]
    assert [command.name for command in commands] == ["error"]
    for line in commands[0].message.split("\n"):
        assert read(line) is None


@pytest.mark.parametrize("start", ["::error::", "##[error]", " ::set-output name=a::", "\n::e::"])
def test_known_ways_to_forge_a_command(start: str) -> None:
    place = Location(f"{start}x", 1, 1, 1, 2)
    report = github.render(result(finding(message=f"{start}x", location=place)))
    assert [command.name for command in obeyed(report)] == ["error"]
    assert len(report.splitlines()) == 2
