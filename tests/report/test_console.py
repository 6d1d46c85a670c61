"""The console report: what a person sees."""

from iact_guard.model.location import Location
from iact_guard.report import console, excerpt
from tests.report.results import finding, full, result


def test_the_whole_report() -> None:
    assert console.render(full()) == EXPECTED


def test_a_path_cannot_forge_lines_nor_commands() -> None:
    hostile = finding(location=Location("x\n::error::y\x1b[31m", 1, 1, 1, 2))
    lines = console.render(result(hostile)).splitlines()
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_color_only_when_asked() -> None:
    assert "\x1b" not in console.render(full())
    assert "\x1b[" in console.render(full(), color=True)


def test_a_long_line_is_cut_around_the_place() -> None:
    place = Location("a.yml", 3, 501, 3, 511)
    text = "x" * 500 + "HEREITSTAN" + "y" * 500
    report = console.render(result(finding(location=place), lines={("a.yml", 3): text}))
    shown, caret = [line.split(" | ", 1)[1] for line in report.splitlines() if " | " in line]
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "HEREITSTAN"
    assert len(shown) <= excerpt.MAX_WIDTH


def test_many_findings_are_counted_by_policy_the_worst_first() -> None:
    found = [finding(severity="low") for _ in range(9)]
    assert "By policy:" not in console.render(result(*found))
    found += [finding(rule="SC001", name="no-assigned-secrets", severity="critical")] * 2
    lines = console.render(result(*found)).splitlines()
    start = lines.index("By policy:")
    assert lines[start + 1 : start + 4] == [
        "     2  critical SC001 no-assigned-secrets",
        "     9  low      WF001 actions-are-pinned",
        "",
    ]


def test_more_findings_than_anybody_reads_are_counted() -> None:
    found = [
        finding(severity="high" if n else "low", location=Location("a.yml", n + 1, 1, n + 1, 2))
        for n in range(console.MAX_FINDINGS + 1)
    ]
    report = console.render(result(*found))
    assert "... and 1 more: see -o json:FILE or -o sarif:FILE" in report
    assert "\n  1:1  low" not in report


EXPECTED = """\
a.yml
  3:5  high     WF001 actions-are-pinned
      a/b@v1 [is] at a tag
     3 |     uses: a/b@v1
       |     ^^^^^^
      1. we ird/ä:#\\n.yml:2: first [1]
      2. b.tf:9: then
      and at c.yml:1
      also: checkov CKV_GHA_1: the same
      fix: Pin it
  3:5  low      bandit B602 subprocess
      a/b@v1 [is] at a tag
     3 |     uses: a/b@v1
       |     ^^^^^^
      fix: Pin it
  3:5  critical safety 1 jinja2
      a/b@v1 [is] at a tag
     3 |     uses: a/b@v1
       |     ^^^^^^
      fix: Pin it

we ird/ä:#\\n.yml
  2:1  high     WF001 actions-are-pinned
      an odd\\n path
      fix: Pin it
  2:1  high     WF001 actions-are-pinned
      an odd\\n path
      fix: Pin it

Not known:
  WF001 actions-are-pinned: who knows [a.yml:3]

bandit: partial 1.9, 0 files, 1 skipped
checkov: failed, 0 files: timeout
safety: ok 3.7, 1 file
warning: something
3 files, 1 policy, 2 verdicts: 1 critical, 3 high, 1 low, 1 unknown, 1 waived
exit 1: 4 findings at or above `medium`
"""
