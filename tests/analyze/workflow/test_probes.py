"""What counts as a test of what was deployed, and whether its failure is the run's."""

import textwrap

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.probes import probes_after
from iact_guard.project import Project
from iact_guard.tree import DictTree

_URL = "https://acme.io/health"


def _verdicts(script: str, **files: str) -> list[bool | None]:
    """Whether each probe of a script counts."""
    head = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n"
    workflow = head + textwrap.indent(textwrap.dedent(script).strip(), " " * 10)
    tree = DictTree({".github/workflows/a.yml": workflow, **files})
    project = Project(tree)
    (job,) = project.entities("job")
    return [probe.counts for probe in probes_after(Context(project), job, -1)]


@pytest.mark.parametrize(
    "script",
    [
        f"curl -f {_URL}",
        f"curl -sSf {_URL}",
        f"curl --retry 5 --fail-with-body {_URL}",
        f"wget -q --spider {_URL}",
        f"until curl -fs {_URL}; do sleep 5; done",
        f"timeout 300 bash -c 'until curl -fs {_URL}; do sleep 5; done'",
        f"curl -s {_URL} | grep -q ok",
        f"curl -s {_URL} | jq -e '.ok'",
        f"curl -f {_URL} || {{ echo bad; exit 1; }}",
        f"code=$(curl -s -o /dev/null -w '%{{http_code}}' {_URL})\ntest $code = 200 || exit 1",
        f"code=$(curl -s -o /dev/null -w '%{{http_code}}' {_URL})\n[[ $code == 200 ]]",
        "npx playwright test",
        "pytest tests/smoke",
        "npm run test:smoke",
        "./scripts/smoke-test.sh",
    ],
)
def test_what_can_fail_the_run_counts(script: str) -> None:
    """A request that fails, an answer that is compared, a suite named for it."""
    assert _verdicts(script) == [True]


@pytest.mark.parametrize(
    "script",
    [
        f"curl {_URL}",
        f"curl -s -o /dev/null {_URL}\nif [ $? -ne 0 ]; then exit 1; fi",
        f"curl -f {_URL} || echo bad",
        f"curl -f {_URL} | tee log",
        f"set +e\ncurl -f {_URL}\necho done",
        f"code=$(curl -s -w '%{{http_code}}' {_URL})\nif [ $code != 200 ]; then echo bad; fi",
        "./scripts/smoke-test.sh || true",
    ],
)
def test_what_cannot_fail_the_run_does_not_count(script: str) -> None:
    """An error page is an answer, and a swallowed failure is none."""
    assert _verdicts(script) == [False]


@pytest.mark.parametrize(
    "script",
    [
        "curl -fsSL https://get.helm.sh/helm.tar.gz | tar xz",
        "curl -f -X POST -d text $SLACK_WEBHOOK",
        "curl -fL https://acme.io/tool -o tool",
        "echo curl -f https://acme.io",
        "kubectl rollout status deployment/web",
        "aws ecs wait services-stable --cluster a --services b",
    ],
)
def test_downloads_messages_and_waiting_are_no_probes(script: str) -> None:
    """They say nothing about whether the application works."""
    assert _verdicts(script) == []


def test_a_target_of_make_is_what_it_runs() -> None:
    """Its name promises; its recipe decides."""
    assert _verdicts("make smoke", Makefile="smoke:\n\techo fine\n") == []
    assert _verdicts("make smoke", Makefile=f"smoke:\n\tcurl -f {_URL}\n") == [True]
