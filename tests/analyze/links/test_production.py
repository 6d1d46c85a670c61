"""The search for runs past the gates: its traces, its bound, and what it rests on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.reachable import verdict_of
from iact_guard.analyze.links.production.verdict import Verdict
from iact_guard.analyze.links.production.way import Way
from iact_guard.project import Project
from iact_guard.tree import DictTree

KUBECTL = "runs-on: x, environment: production, steps: [{run: kubectl apply -f k8s/}]"


def _verdict(text: str, **more: str) -> Verdict:
    files = {".github/workflows/deploy.yml": text, **more}
    context = Context(Project(DictTree(files)))
    job = next(job for job in context.project.entities("job") if job.key == "deploy")
    return verdict_of(context, Way(job, "test")).known


def test_the_trace_names_event_jobs_and_deployment() -> None:
    """Each job with its result and why, the deploying one last."""
    verdict = _verdict(
        "on: {push: {branches: [main]}}\njobs:\n"
        "  test: {runs-on: x, steps: [{run: pytest}]}\n"
        "  build: {needs: test, if: always(), runs-on: x, steps: [{run: docker build .}]}\n"
        f"  deploy: {{needs: build, if: always() && needs.build.result == 'success', {KUBECTL}}}\n"
    )
    trace = verdict.trace
    assert verdict.state == "open"
    assert trace is not None
    assert trace.event == "push to main"
    assert [(job.key, job.result) for job in trace.jobs] == [
        ("test", "failure"),
        ("build", "success"),
        ("deploy", "success"),
    ]
    assert "kubectl apply" in trace.deployment.message


def test_what_a_proof_rests_on_is_each_file_that_the_gate_runs() -> None:
    """The workflow, and the script that it follows."""
    verdict = _verdict(
        "on: {push: {branches: [main]}}\njobs:\n"
        "  test: {runs-on: x, steps: [{run: ./check.sh}]}\n"
        f"  deploy: {{needs: test, {KUBECTL}}}\n",
        **{"check.sh": "#!/bin/bash\nset -e\npytest\n", ".github/CODEOWNERS": "check.sh @a\n"},
    )
    assert verdict.state == "guarded"
    assert any("check.sh: @a must approve" in each for each in verdict.assumes)
    assert any("deploy.yml: nobody in particular" in each for each in verdict.assumes)


def test_the_bound_is_a_visible_unknown() -> None:
    """More questions than can be tried: nothing is claimed."""
    count = 40
    tests = "".join(
        f"  t{i}: {{runs-on: x, if: always() && vars.a{i} == 'x', steps: [{{run: pytest}}]}}\n"
        for i in range(count)
    )
    asks = " && ".join(
        f"(needs.t{i}.result == 'success' || vars.b{i} == 'y')" for i in range(count)
    )
    needs = ", ".join(f"t{i}" for i in range(count))
    condition = f"always() && {asks}"
    verdict = _verdict(
        f"on: [push, schedule]\njobs:\n{tests}  deploy:\n    needs: [{needs}]\n"
        f"    if: {condition}\n    runs-on: x\n    environment: production\n"
        "    steps: [{run: kubectl apply -f k8s/}]\n"
    )
    assert verdict.state in ("unknown", "switched")


@pytest.mark.parametrize("condition", ["always()", "!cancelled()", "success() || failure()"])
def test_each_status_function_that_lets_a_failure_by_is_a_hole(condition: str) -> None:
    """Whatever it is called."""
    verdict = _verdict(
        "on: {push: {branches: [main]}}\njobs:\n"
        "  test: {runs-on: x, steps: [{run: pytest}]}\n"
        f'  deploy: {{needs: test, if: "{condition}", {KUBECTL}}}\n'
    )
    assert verdict.state == "open"


CHAIN = st.lists(st.sampled_from(["", "success()", "always()", "!cancelled()"]), max_size=5)


@given(CHAIN)
@settings(max_examples=100)
def test_a_deployment_that_asks_for_success_stands_behind_every_job_before(
    chain: list[str],
) -> None:
    """The implicit `success()` looks at the whole chain, whatever the jobs between do."""
    jobs = ["  test: {runs-on: x, steps: [{run: pytest}]}"]
    before = "test"
    for number, condition in enumerate(chain):
        asks = f'if: "{condition}", ' if condition else ""
        jobs.append(f"  j{number}: {{needs: {before}, {asks}runs-on: x, steps: [{{run: make}}]}}")
        before = f"j{number}"
    jobs.append(f"  deploy: {{needs: {before}, {KUBECTL}}}")
    text = "on: {push: {branches: [main]}}\njobs:\n" + "\n".join(jobs) + "\n"
    assert _verdict(text).state == "guarded"


def test_every_job_that_calls_an_open_way_is_named() -> None:
    """The finding stands on the called job once, and says by which jobs it is come to."""
    called = f"on: workflow_call\njobs:\n  deploy: {{{KUBECTL}}}\n"
    calls = (
        "on: {push: {branches: [main]}}\njobs:\n"
        "  one: {uses: ./.github/workflows/deploy.yml}\n"
        "  two: {needs: one, uses: ./.github/workflows/deploy.yml}\n"
    )
    verdict = _verdict(called, **{".github/workflows/main.yml": calls})
    assert verdict.state == "open"
    assert [each.location.line for each in verdict.callers] == [3, 4]


def test_a_trace_tells_a_tolerated_gate_at_its_line() -> None:
    """The command, and what makes its failure a success."""
    verdict = _verdict(
        "on: {push: {branches: [main]}}\njobs:\n"
        "  test: {continue-on-error: true, runs-on: x, steps: [{run: pytest}]}\n"
        f"  deploy: {{needs: test, {KUBECTL}}}\n"
    )
    assert verdict.trace is not None
    told = verdict.trace.jobs[0]
    assert told.text == (
        "test ends as success: `pytest` fails, and the job's `continue-on-error` makes it a success"
    )
    assert told.location.line == 3
