"""Text of others, followed to where it is pasted."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.references.exports import exports_of
from iact_guard.analyze.workflow.rights.untrusted import Pasted, pasted_of
from iact_guard.model.authored import Authored
from iact_guard.project import Project
from iact_guard.tree import DictTree

PATH = ".github/workflows/w.yml"


def _pasted(expression: str, on: str = "pull_request_target", **env: str) -> list[Pasted]:
    variables = "".join(f"\n      {name}: {value}" for name, value in env.items())
    block = f"\n    env:{variables}" if env else ""
    text = (
        f"on: {on}\njobs:\n  a:\n    runs-on: x{block}\n    steps:\n"
        f"      - run: |\n          echo ${{{{ {expression} }}}}\n"
    )
    ctx = Context(Project(DictTree({PATH: text})))
    return list(pasted_of(ctx, ctx.project.entities("step")[0]).known)


@pytest.mark.parametrize(
    "expression",
    [
        "github.head_ref",
        "github.event.pull_request.title",
        "github.event.pull_request['body']",
        "github.event.pull_request.head.label",
        "format('x {0}', github.head_ref)",
        "github.head_ref || 'main'",
        "github.event_name == 'push' && 'x' || github.head_ref",
        "toJSON(github.event)",
        "toJSON(github)",
        "toJSON(github.event.pull_request)",
        "fromJSON(toJSON(github.event)).pull_request.title",
        "case(true, github.head_ref, 'x')",
        "env.TITLE",
    ],
)
def test_text_that_anyone_writes_is_found(expression: str) -> None:
    (found,) = _pasted(expression, TITLE="${{ github.event.pull_request.title }}")
    assert found.taint is not None
    assert found.taint.by == "anyone"
    assert found.location.line == found.location.end_line


@pytest.mark.parametrize(
    "expression",
    [
        "github.sha",
        "github.event",
        "github.event.pull_request.number",
        "github.event.pull_request.head.sha",
        "github.event.pull_request.user.login",
        "github.event.issue.title",
        "contains(github.head_ref, 'x')",
        "github.head_ref == 'main'",
        "!github.head_ref",
        "github.head_ref && 'x'",
        "hashFiles(github.head_ref)",
        "case(github.head_ref == 'x', 'a', 'b')",
        "env.OTHER",
        "secrets.TOKEN",
        "matrix.name",
    ],
)
def test_what_holds_no_text_of_others_is_not(expression: str) -> None:
    assert _pasted(expression, TITLE="${{ github.event.pull_request.title }}") == []


@given(
    st.sampled_from(["{}", "({})", "format('{{0}}', {})", "({} || 'x')", "join({})", "toJSON({})"]),
    st.sampled_from(["github.head_ref", "github.event.pull_request.title", "env.TITLE"]),
    st.sampled_from(["contains({}, 'x')", "{} == 'x'", "!({})", "startsWith({}, 'x')"]),
)
def test_wrapping_keeps_the_text_and_asking_loses_it(wrap: str, source: str, ask: str) -> None:
    title = {"TITLE": "${{ github.event.pull_request.title }}"}
    assert _pasted(wrap.format(source), **title)
    assert not _pasted(ask.format(wrap.format(source)), **title)


def test_variables_that_are_made_of_each_other_come_to_an_end() -> None:
    assert _pasted("env.A", A="${{ env.B }}", B="${{ env.A }}") == []


def test_inputs_of_a_dispatch_are_text_of_people_with_access_by_their_type() -> None:
    on = "{workflow_dispatch: {inputs: {a: {type: string}, b: {type: boolean}}}}"
    (found,) = _pasted("inputs.a", on)
    assert found.taint is not None
    assert found.taint.by == "writer"
    assert _pasted("inputs.b", on) == []


def _exports(script: str) -> dict[str, str]:
    body = "".join(f"\n          {line}" for line in script.splitlines())
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |{body}\n"
    ctx = Context(Project(DictTree({PATH: text})))
    found = exports_of(ctx, ctx.project.entities("step")[0]).known
    return {export.name: export.target for export in found.exports}


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('echo "a=$X" >> "$GITHUB_OUTPUT"', {"a": "output"}),
        ("echo a=$X >> $GITHUB_ENV", {"a": "env"}),
        ("echo ::set-output name=a::$X", {"a": "output"}),
        ('{\n  echo "a=$X"\n  echo "b=1"\n} >> $GITHUB_OUTPUT', {"a": "output", "b": "output"}),
        ('echo "a=$X" | tee -a $GITHUB_OUTPUT', {"a": "output"}),
        ('printf "%s\\n" "a=$X" >> $GITHUB_OUTPUT', {"a": "output"}),
        ('echo "a<<EOF" >> $GITHUB_OUTPUT\necho "$X" >> $GITHUB_OUTPUT\n'
         'echo EOF >> $GITHUB_OUTPUT\n'
         'echo "b=1" >> $GITHUB_OUTPUT', {"a": "output", "b": "output"}),
        ('echo "a=$X" >> file', {}),
        ("echo a=$(echo b=1 >> $GITHUB_ENV)", {"b": "env"}),
    ],
)  # fmt: skip
def test_what_a_script_hands_on_is_read(script: str, found: dict[str, str]) -> None:
    assert _exports(script) == found


@given(st.text("${}() ||&&'ghub.event_inputs[]*toJSON,!=\n", max_size=60))
def test_any_text_is_followed_without_a_crash(text: str) -> None:
    files = {PATH: "on: issues\njobs: {a: {runs-on: x, steps: [{run: x}]}}\n"}
    project = Project(DictTree(files))
    step = project.entities("step")[0]
    changed = replace(step, run=Authored(f"${{{{ {text} }}}} ${{{{ env.{text} }}}}", step.location))
    ctx = Context(project)
    assert pasted_of(ctx, changed).state == "known"
    assert not [problem for problem in project.problems if problem.rule == "IG003"]


def test_a_text_made_of_very_many_others_is_unknown_and_not_clean() -> None:
    count = 40
    env = {f"V{i}": f"${{{{ env.V{i + 1} }}}}" for i in range(count)}
    (found,) = _pasted("env.V0", **env)
    assert found.taint is None
    short = {f"V{i}": f"${{{{ env.V{i + 1} }}}}" for i in range(5)}
    assert _pasted("env.V0", **short) == []
