"""Whatever steps and conditions are thrown together, the policies on scans, plans and strangers
come to an answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.context import Context
from iact_guard.evaluate.engine import evaluate
from iact_guard.load.shipped import shipped
from iact_guard.project import Project
from iact_guard.tree import DictTree

IDS = frozenset({"WF004", "WF005", *(f"WF30{number}" for number in range(1, 9))})
POLICIES = tuple(policy for policy in shipped() if policy.id in IDS)
EVENTS = st.sampled_from(["push", "pull_request", "pull_request_target", "issue_comment",
                          "workflow_run", "workflow_dispatch", "schedule"])  # fmt: skip
WORDS = st.sampled_from([
    "terraform", "apply", "plan", "destroy", "-out=p", "-out", "p", "$P", "-chdir=infra", ">", "|",
    "&&", "cat", "plan.txt", "tee", "cd", "..", "git", "checkout", "fetch", "pull/1/head", "gh",
    "pr", "echo", "a=$X", ">>", "$GITHUB_OUTPUT", "${{ github.head_ref }}",
    "${{ steps.a.outputs.a }}",
    "bandit", "-o", "a.sarif", "npm", "ci", ";", "(", ")", "'", "\\", "{", "}", "if", "then", "fi",
])  # fmt: skip
SCRIPTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
ACTIONS = st.sampled_from([
    "actions/checkout@v4", "github/codeql-action/upload-sarif@v3", "hashicorp/setup-terraform@v3",
    "aquasecurity/trivy-action@v1", "dflook/terraform-plan@v1", "./action",
    "actions/github-script@v7", "actions/download-artifact@v4", "pre-commit/action@v3",
])  # fmt: skip
INPUTS = st.dictionaries(
    st.sampled_from(["ref", "path", "sarif_file", "script", "format", "exit-code", "run-id"]),
    st.sampled_from(["a.sarif", "${{ github.event.workflow_run.id }}", "..", "refs/pull/1/merge",
                     "${{ github.event.pull_request.head.sha }}", "readFileSync('p.txt')", "1"]),
    max_size=3,
)  # fmt: skip


def _step(script: str, action: str, given: dict[str, str], uses: bool) -> str:
    if not uses:
        body = "\n".join(f"          {line}" for line in script.splitlines())
        return f"      - id: a\n        run: |\n{body}\n"
    pairs = "".join(
        f"          {key}: {value!r}\n".replace("\\'", "''") for key, value in given.items()
    )
    return f"      - uses: {action}\n" + (f"        with:\n{pairs}" if pairs else "")


STEPS = st.lists(st.builds(_step, SCRIPTS, ACTIONS, INPUTS, st.booleans()), min_size=1, max_size=5)


@settings(max_examples=150)
@given(st.lists(EVENTS, min_size=1, max_size=3, unique=True), STEPS, st.booleans())
def test_no_mixture_of_steps_is_left_without_an_answer(
    events: list[str], steps: list[str], production: bool
) -> None:
    where = "    environment: production\n" if production else ""
    files = {
        ".github/workflows/w.yml": f"on: [{', '.join(events)}]\njobs:\n  a:\n"
        f"    runs-on: x\n{where}"
        f"    steps:\n{''.join(steps)}",
        "action/action.yml": "inputs: {a: {}}\nruns:\n  using: composite\n  steps:\n"
        "    - {shell: bash, run: 'echo ${{ inputs.a }}'}\n",
        "infra/main.tf": 'terraform {\n  backend "s3" {}\n}\n',
    }
    project = Project(DictTree(files))
    result = evaluate(Context(project), POLICIES)
    assert not [problem.reason for problem in project.problems if problem.rule == "IG003"]
    for finding in result.findings:
        here = finding.location
        assert here.line == here.end_line
        assert here.column < here.end_column
