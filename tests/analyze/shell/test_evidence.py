"""What decides a verdict: the cause, and the places in the order of the argument."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.asked import asked_by
from iact_guard.analyze.shell.failure import (
    Failure,
    failure_of,
    output_decides,
    prevents,
)
from iact_guard.analyze.shell.remote import remote_of
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact
from iact_guard.project import Project
from iact_guard.tree import DictTree

FIRST = 7
"""The line of the file that a script begins on."""


def load(script: str, env: str = "") -> tuple[Context, dict[str, Command]]:
    lines = "\n".join(f"          {line}".rstrip() for line in script.split("\n"))
    own = f"\n        env: {env}" if env else ""
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n{lines}{own}\n"
    project = Project(DictTree({".github/workflows/ci.yml": text}))
    return Context(project), {command.tool: command for command in project.entities("command")}


def told(script: str, env: str = "") -> Fact[Failure]:
    context, commands = load(script, env)
    return failure_of(context, commands["gate"])


@pytest.mark.parametrize(
    ("script", "cause", "lines"),
    [
        ("gate || true", "script", [0]),
        ("gate |\n  cat", "pipeline", [1]),
        ("set +e\ngate\n\necho a\necho b", "script", [3]),
        ("gate &\necho a", "background", [0]),
        ("ssh host 'gate; echo a'", "remote", [0]),
        ("ssh host 'gate | cat'", "pipeline", [0]),
        ("ssh host 'gate || true'", "script", [0]),
        ("f() { gate; echo a; }\nf || true", "script", [0]),
        ("f() { gate; }\nf || true", "script", [1]),
        # pipefail alone would mend none of these
        ("gate | cat ||\n  true", "script", [1]),
        ("if gate | cat; then\n  echo a\nfi", "script", [0]),
        ("set +e\ngate | cat\necho a", "script", [2]),
        ("set -o pipefail\ngate | cat ||\n  true", "script", [2]),
        ("trap 'exit 0' EXIT\ngate", "script", [0]),
        ("export A=$(gate)", "script", [0]),
        ("find . -exec gate {} \\;", "script", [0]),
        ("f() { gate; }\necho a", "unreached", [0]),
        ("if false; then\n  gate\nfi", "unreached", [0]),
        ("if gate; then\n  echo a\nfi", "script", [0]),
    ],
)
def test_what_loses_a_status(script: str, cause: str, lines: list[int]) -> None:
    fact = told(script)
    assert (fact.known.verdict, fact.known.cause) == ("swallowed", cause)
    assert [each.location.line - FIRST for each in fact.evidence] == lines
    assert all(each.location.line == each.location.end_line for each in fact.evidence)
    assert all(each.message for each in fact.evidence)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('if gate; then echo "s=a" >> $GITHUB_OUTPUT; else echo "s=b" >> $GITHUB_OUTPUT; fi',
         {("$GITHUB_OUTPUT", "echo s=b")}),
        ('gate || echo "failed=true" >> $GITHUB_OUTPUT', {("$GITHUB_OUTPUT", "echo failed=true")}),
        ('gate || true\necho "done=true" >> $GITHUB_OUTPUT', set()),
        ('gate || echo "code=$?" >> $GITHUB_OUTPUT', {("$GITHUB_OUTPUT", None)}),
    ],
)  # fmt: skip
def test_what_only_a_failure_writes_is_told(script: str, said: set[tuple[str, str | None]]) -> None:
    assert told(script).known.said == said


@pytest.mark.parametrize(
    ("script", "decides"),
    [
        ("gate | grep -v a", False),
        ("gate | grep -q a", True),
        ("gate | grep -qv a", True),
        ("ls | while read f; do gate $f || true; done", False),
        ("gate | while read f; do exit 1; done", True),
    ],
)
def test_what_reads_its_output_may_decide(script: str, decides: bool) -> None:
    context, commands = load(script)
    assert output_decides(context, commands["gate"]).known is decides


def test_a_condition_and_what_ends_the_script_are_both_told() -> None:
    fact = told('if [ -n "$RUN" ]; then\n  gate\nfi\necho a')
    assert fact.known.verdict == "conditional"
    assert [each.location.line - FIRST for each in fact.evidence] == [0, 1]


def test_the_place_that_passes_a_kept_status_on_is_told() -> None:
    fact = told("set +e\ngate\nrc=$?\nset -e\necho a\nexit $rc")
    assert fact.known.verdict == "fails"
    assert fact.evidence[-1].location.line - FIRST == 5


def test_what_a_step_defines_is_known() -> None:
    script = 'if [ "$MODE" = full ]; then gate; fi\necho a'
    assert told(script).known.verdict == "conditional"
    assert told(script, "{MODE: full}").known.verdict == "fails"
    assert told(script, "{MODE: fast}").known.verdict == "swallowed"
    assert told(script, "{MODE: '${{ inputs.mode }}'}").known.verdict == "conditional"


def test_files_that_tell_a_failure_from_a_success_are_named() -> None:
    assert told('gate || echo "bad=1" >> "$GITHUB_OUTPUT"').known.written == {"$GITHUB_OUTPUT"}
    assert told("gate || touch failed").known.written == frozenset()
    assert told("gate > log || true").known.written == frozenset()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("gate > log || true\ngrep -q bad log && exit 1\nexit 0", True),
        ('x=$(gate || true)\nif [ -n "$x" ]; then exit 1; fi', True),
        ("gate | judge", True),
        ("gate | tee log", False),
        ("gate || true\necho a", False),
        ('gate || true\nif [ -n "$A" ]; then exit 1; fi', False),
    ],
)
def test_whether_what_it_prints_is_judged(script: str, expected: bool) -> None:
    context, commands = load(script)
    assert output_decides(context, commands["gate"]).known is expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("if gate; then deploy; fi", True),
        ("if gate; then echo a; else repair; fi", True),
        ("gate --check || gate --fix", True),
        ("if gate; then echo a; fi", False),
        ("if gate; then echo a; else curl hook; fi", False),
        ("gate || repair", False),
    ],
)
def test_whether_it_is_asked_what_to_do(script: str, expected: bool) -> None:
    context, commands = load(script)
    first = next(c for c in context.project.entities("command") if c.tool == "gate")
    assert commands["gate"].tool == "gate"
    assert asked_by(context, first) is expected


@pytest.mark.parametrize(
    ("script", "hidden", "far"),
    [
        ("ssh h << E\ncd a\npull\nup\nE", ["pull"], True),
        ("ssh h 'set -e; pull; up'", [], True),
        ("ssh h 'pull && up'", [], True),
        ("ssh h 'bash -s' << E\npull\nup\nE", ["pull"], True),
        ("ssh h 'bash -es' << E\npull\nup\nE", [], True),
        ("bash -c 'pull; up'", ["pull"], False),
        ("ssh h up", [], True),
        ("ssh h 'df -h; up'", [], True),
    ],
)
def test_what_another_shell_hides(script: str, hidden: list[str], far: bool) -> None:
    context, _ = load(script)
    (job,) = context.project.entities("job")
    found = remote_of(context, job.steps[0]).known.hidden
    assert [command.tool for each in found for command in each.commands] == hidden
    assert all(each.far is far for each in found)


def test_commands_behind_a_failure() -> None:
    context, commands = load('first || failed=1\nif [ -z "$failed" ]; then second; fi\nthird')
    assert prevents(context, commands["first"], commands["second"]) is True
    assert prevents(context, commands["first"], commands["third"]) is False
