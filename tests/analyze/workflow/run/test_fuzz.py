"""Generated workflows: no crash, no hang, and what holds for every run."""

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.choices import Choices, TooManyRunsError, explore
from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.conditions import constant_conditions_of, dead_conditions_of
from iact_guard.analyze.workflow.gates.aggregator import aggregator_of
from iact_guard.analyze.workflow.gates.uncovered import uncovered_by
from iact_guard.analyze.workflow.run import Run, TooDeepError, events_of, simulate
from iact_guard.project import Project
from iact_guard.tree import DictTree

KEYS = "abcdef"
RESULTS = ("success", "failure", "cancelled", "skipped")
ATOMS = (
    "success()", "failure()", "always()", "cancelled()", "true", "false", "''", "'x'",
    "github.ref == 'refs/heads/main'", "github.event_name == 'push'", "inputs.go", "vars.X",
    "needs.a.result == 'success'", "needs.b.outputs.o == 'true'", "needs.*.result",
    "contains(needs.*.result, 'failure')", "steps.s.outcome == 'failure'", "matrix.m == '1'",
    "contains(github.event.head_commit.message, '[skip]')", "fromJSON(vars.Y)[0] > 2", "env.E",
    "toJSON(needs)", "join(needs.*.result)", "github.event.pull_request.draft", "secrets.S",
)  # fmt: skip
SCRIPTS = (
    "make", "exit 1", "false", "pytest", "echo ${{ needs.a.result }}",
    "if [ '${{ needs.a.result }}' != success ]; then exit 1; fi", "exit ${{ steps.s.outputs.rc }}",
    "for r in ${{ join(needs.*.result, ' ') }}; do [ $r = success ] || exit 1; done",
    "echo '${{ toJSON(needs) }}' | jq -e 'all(.result == \"success\")'", "f() { f; }; f; exit 1",
)  # fmt: skip
conditions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("!({})".format, inner),
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
    ),
    max_leaves=4,
).flatmap(lambda text: st.sampled_from([text, f"${{{{ {text} }}}}", f"${{{{ {text} }}}}\n"]))
flags = st.sampled_from([True, False, "${{ matrix.m == '1' }}", "${{ vars.Z }}"])
steps = st.fixed_dictionaries(
    {"run": st.sampled_from(SCRIPTS)},
    optional={
        "if": conditions, "id": st.sampled_from(["s", "t"]), "continue-on-error": flags,
        "background": st.just(True), "env": st.just({"E": "${{ needs.a.result }}"}),
    },
)  # fmt: skip
waits = st.sampled_from([{"wait-all": None}, {"wait": "s"}, {"cancel": "s"}])


def _jobs(key: str) -> st.SearchStrategy[dict[str, Any]]:
    before = KEYS[: KEYS.index(key)]
    return st.fixed_dictionaries(
        {"runs-on": st.just("x"), "steps": st.lists(st.one_of(steps, steps, waits), max_size=4)},
        optional={
            "needs": st.lists(st.sampled_from(before or "a"), max_size=3, unique=True),
            "if": conditions,
            "continue-on-error": flags,
            "strategy": st.just({"matrix": {"m": ["1", "2"]}}),
            "outputs": st.just({"o": "${{ steps.s.outputs.o }}"}),
        },
    )


workflows = st.fixed_dictionaries(
    {"on": st.sampled_from(["push", ["push", "pull_request"], "workflow_dispatch", "merge_group"]),
     "jobs": st.fixed_dictionaries({key: _jobs(key) for key in KEYS[:4]})},
)  # fmt: skip


@settings(max_examples=100)
@given(workflows, st.dictionaries(st.sampled_from(KEYS[:4]), st.sampled_from(RESULTS)))
def test_generated_workflows_end(workflow: dict[str, Any], ends: dict[str, Any]) -> None:
    """Every job has a result; a run with the same answers is the same run."""
    path = ".github/workflows/w.yml"
    ctx = Context(Project(DictTree({path: yaml.safe_dump(workflow)})))
    entity = ctx.project.workflows[0]
    assumed = {f"job:{path}#{key}": result for key, result in ends.items()}
    for event in events_of(ctx, entity).known[:3]:

        def run(choices: Choices) -> Run:
            return simulate(ctx, entity, event, assumed, choices)  # noqa: B023

        try:
            for count, found in enumerate(explore(run, 20)):
                assert {job.result for job in found.jobs.values()} <= set(RESULTS)
                for each in found.jobs.values():
                    if each.ran and each.key in ends:
                        assert each.outcome == ends[each.key]
                if count == 0:
                    again = run(Choices())
                    assert [j.result for j in again.jobs.values()] == [
                        j.result for j in found.jobs.values()
                    ]
        except (TooManyRunsError, TooDeepError):
            pass
    for job in entity.jobs:
        for fact in (
            aggregator_of, uncovered_by, dead_conditions_of, constant_conditions_of,
        ):  # fmt: skip
            fact(ctx, job)
    assert not [problem for problem in ctx.project.problems if problem.rule == "IG003"]
