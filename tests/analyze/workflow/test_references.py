"""References of expressions, resolved."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.references.mentions import in_job, in_step
from iact_guard.analyze.workflow.references.outputs import outputs_of
from iact_guard.analyze.workflow.references.references import broken_in_workflow
from iact_guard.project import Project
from iact_guard.tree import DictTree


def _project(jobs: str, on: str = "push") -> Project:
    text = f"on: {on}\njobs:\n{jobs}"
    return Project(DictTree({".github/workflows/a.yml": text}))


def _job(steps: str, fields: str = "") -> str:
    return f"  a:\n    runs-on: ubuntu-latest\n{fields}    steps:\n{steps}"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("${{ steps.a.outputs.b }}", ["steps.a.outputs.b"]),
        ("${{ steps['a'].outputs['b'] }}", ["steps.a.outputs.b"]),
        ("${{ needs.*.result }}", ["needs"]),
        ("${{ needs[inputs.job].result }}", ["needs", "inputs.job"]),
        ("${{ format('{0}', matrix.x) }} ${{ env.Y }}", ["matrix.x", "env.Y"]),
        ("${{ fromJSON(needs.a.outputs.m).include }}", ["needs.a.outputs.m"]),
        ("${{ github.event.inputs.x }}", ["github.event.inputs.x"]),
        ("${{ github.sha }}", []),
        ("plain steps.a.outcome", []),
    ],
)
def test_paths_of_expressions(text: str, paths: list[str]) -> None:
    """As far as their keys are written out; other contexts are not looked at."""
    project = _project(_job(f'      - run: "{text}"\n'))
    (step,) = project.entities("step")
    assert [each.text for each in in_step(step, None)] == paths


def test_something_may_stand_in() -> None:
    """For what is left of `||`, and for what is compared with nothing."""
    steps = "      - if: env.A == '' && env.B || env.C\n        run: echo\n"
    project = _project(_job(steps))
    found = {each.path[-1]: each.optional for each in in_step(project.entities("step")[0], None)}
    assert found == {"A": True, "B": True, "C": False}


def test_expressions_of_matrices_and_services_are_read() -> None:
    """They stand in parts of a job that nothing else reads."""
    fields = (
        "    strategy: {matrix: {x: \"${{ fromJSON(needs.b.outputs.c) }}\"}}\n"
        "    services: {db: {image: x, env: {V: \"${{ inputs.v }}\"}}}\n"
    )  # fmt: skip
    project = _project(_job("      - run: echo\n", fields))
    found = {each.text for each in in_job(project.entities("job")[0])}
    assert found == {"needs.b.outputs.c", "inputs.v"}


@pytest.mark.parametrize(
    ("script", "outputs"),
    [
        ("echo a=1 >> $GITHUB_OUTPUT", ("a",)),
        ('echo "a=1" >> "$GITHUB_OUTPUT"; echo b=2 >> $GITHUB_OUTPUT', ("a", "b")),
        ("echo '::set-output name=a::1'", ("a",)),
        ("echo hello", ()),
        ("aws rds create-db-snapshot", ()),
        ("terraform plan", ("stdout", "stderr", "exitcode")),
        ("echo $NAME=1 >> $GITHUB_OUTPUT", None),
        ("cat file >> $GITHUB_OUTPUT", None),
        ("python make.py", None),
        ("./make", None),
        ("node -e x", None),
        ("bash -c 'x'", None),
    ],
)
def test_outputs_of_scripts(script: str, outputs: tuple[str, ...] | None) -> None:
    """Known only where nothing else can write them."""
    project = _project(_job(f"      - run: |\n          {script}\n"))
    assert outputs_of(Context(project), project.entities("step")[0]).known == outputs


@given(st.lists(st.sampled_from("pqrs"), min_size=1, max_size=4, unique=True), st.data())
@settings(max_examples=100, deadline=None)
def test_step_is_there_if_it_ran_before(ids: list[str], data: st.DataObject) -> None:
    """A reference is broken exactly where no step before it has the id."""
    wanted = [data.draw(st.sampled_from("pqrst")) for _ in ids]
    steps = "".join(
        f"      - id: {name}\n        run: echo ${{{{ steps.{other}.outcome }}}}\n"
        for name, other in zip(ids, wanted, strict=True)
    )
    project = _project(_job(steps))
    (workflow,) = project.workflows
    broken = broken_in_workflow(Context(project), workflow).known
    lines = {each.location.line for each in broken}
    expected = {7 + 2 * index for index, other in enumerate(wanted) if other not in ids[:index]}
    assert lines == expected
