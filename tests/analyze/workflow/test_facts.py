"""Facts of workflows: environments, places, order, tokens, and the model's plain data."""

import json

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.stages import stages_in
from iact_guard.analyze.workflow.deploy.applied import folder_of
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.deploy.staging import environments_of
from iact_guard.analyze.workflow.dump import workflows
from iact_guard.analyze.workflow.order import needed_by, runs_after_failure
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.rights.token import token_use_of
from iact_guard.model.authored import Authored
from iact_guard.model.location import Location
from iact_guard.model.workflow import Job
from iact_guard.project import Project
from iact_guard.tree import DictTree


def load(text: str, **files: str) -> tuple[Context, dict[str, Job]]:
    more = {path.replace("__", "/").replace("_yml", ".yml"): t for path, t in files.items()}
    project = Project(DictTree({".github/workflows/ci.yml": text, **more}))
    return Context(project), {job.key: job for job in project.entities("job")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acme-prod-eu", {"production"}),
        ("production", {"production"}),
        ("PRODUCTION_DB", {"production"}),
        ("deployToProd", {"production"}),
        ("pre-prod", {"other"}),
        ("nonprod", {"other"}),
        ("staging", {"other"}),
        ("prod-or-staging", {"production", "other"}),
        ("products", set()),
        ("reproduce", set()),
        ("", set()),
    ],
)
def test_what_a_name_says(text: str, expected: set[str]) -> None:
    assert stages_in(text, ("prod*",)) == expected


def test_a_title_says_less_than_a_place() -> None:
    assert stages_in("Test and deploy", ("prod*",), title=True) == set()
    assert stages_in("test", ("prod*",)) == {"other"}
    assert stages_in("Live", ("live",)) == {"production"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("production", ("production",)),
        ("${{ github.ref == 'refs/heads/main' && 'production' || 'staging' }}",
         ("production", "staging")),
        ("${{ inputs.where }}", ("production", "staging")),
        ("${{ inputs.free }}", None),
        ("${{ matrix.stage }}-eu", ("dev-eu", "prod-eu")),
        ("${{ vars.STAGE }}", None),
        ("${{ broken", ("${{ broken",)),
        ("${{ a b }}", None),
    ],
)  # fmt: skip
def test_names_that_an_environment_can_have(name: str, expected: tuple[str, ...] | None) -> None:
    context, jobs = load(
        "on:\n  workflow_dispatch:\n    inputs:\n"
        "      where: {type: choice, options: [production, staging]}\n      free: {type: string}\n"
        "jobs:\n  a:\n    runs-on: x\n    strategy: {matrix: {stage: [dev, prod]}}\n"
        f'    environment: "{name}"\n    steps: [{{run: "true"}}]\n'
    )
    fact = environments_of(context, jobs["a"])
    assert (fact.known if fact.state == "known" else None) == expected


def test_inputs_are_what_the_callers_give() -> None:
    called = (
        "on: {workflow_call: {inputs: {stage: {type: string, default: dev}}}}\n"
        'jobs:\n  b:\n    runs-on: x\n    environment: "${{ inputs.stage }}"\n'
        '    steps: [{run: "true"}]\n'
    )
    context, jobs = load(
        "on: push\njobs:\n  one:\n    uses: ./.github/workflows/called.yml\n"
        "    with: {stage: prod}\n  two:\n    uses: ./.github/workflows/called.yml\n",
        **{".github__workflows__called_yml": called},
    )
    assert environments_of(context, jobs["b"]).known == ("prod", "dev")


def test_workflows_that_call_each_other_end() -> None:
    text = (
        "on: {workflow_call: {inputs: {x: {type: string}}}}\njobs:\n  a:\n"
        "    uses: ./.github/workflows/ci.yml\n    with: {x: '${{ inputs.x }}'}\n"
        "  b:\n    runs-on: x\n    environment: '${{ inputs.x }}'\n    steps: [{run: 'true'}]\n"
    )
    context, jobs = load(text)
    environments_of(context, jobs["b"])
    assert len(work_of(context, jobs["a"]).known.opaque) > 0
    assert context.project.problems == ()


def test_actions_that_use_each_other_end() -> None:
    action = "runs:\n  using: composite\n  steps:\n    - uses: ./loop\n    - uses: ./loop\n"
    context, jobs = load(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{uses: ./loop}]\n",
        loop__action_yml=action,
    )
    assert len(work_of(context, jobs["a"]).known.steps) <= 2_001


def test_order_of_jobs() -> None:
    steps = "    runs-on: x\n    steps: [{run: 'true'}]\n"
    context, jobs = load(
        f"on: push\njobs:\n  a:\n{steps}  b:\n    needs: a\n{steps}  c:\n    needs: [B, nobody]\n"
        f"{steps}"
    )
    assert [job.key for job in needed_by(context, jobs["c"]).known] == ["b", "a"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, False),
        ("github.ref == 'x'", False),
        ("success() && x", False),
        ("always()", True),
        ("${{ !cancelled() }}", True),
        ("failure() || success()", None),
        ("${{ 'always()' }}", False),
        ("a b", None),
    ],
)
def test_whether_a_condition_lets_it_run_after_a_failure(
    condition: str | None, expected: bool | None
) -> None:
    text = Authored(condition, Location("x")) if condition else None
    assert runs_after_failure(text) is expected


@pytest.mark.parametrize(
    ("step", "folder"),
    [
        ("run: terraform apply", ""),
        ("run: terraform -chdir=infra/prod apply", "infra/prod"),
        ("{run: cd infra && cd prod && terraform apply, working-directory: ./x}", "x/infra/prod"),
        ("run: terraform -chdir=$DIR apply", "*"),
        ("run: cd a/$DIR && terraform apply", "a/*"),
    ],
)
def test_folder_that_terraform_works_in(step: str, folder: str) -> None:
    context, jobs = load(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {step}\n")
    (deployment,) = deployments_of(context, jobs["a"]).known
    assert deployment.command is not None
    assert folder_of(context, deployment.performed, deployment.command) == folder


def test_scopes_that_a_job_writes_with() -> None:
    context, jobs = load(
        "on: push\njobs:\n  a:\n    runs-on: x\n    env: {GH_TOKEN: '${{ github.token }}'}\n"
        "    steps:\n      - uses: actions/checkout@v4\n      - run: gh issue create\n"
        "      - run: git push\n  b:\n    runs-on: x\n    steps: [{uses: acme/x@v1}]\n"
        "  c:\n    runs-on: x\n    steps: [{run: ./x.sh}]\n"
    )
    use = token_use_of(context, jobs["a"]).known
    assert set(use.scopes) >= {"issues", "contents"}
    assert token_use_of(context, jobs["b"]).known.may_use("statuses")
    third = token_use_of(context, jobs["c"]).known
    assert third.may_use("id-token")
    assert third.may_use("statuses") is None


def test_a_workflow_that_aliases_blow_up_is_cut() -> None:
    pairs = ", ".join(f"K{number}: v" for number in range(2_000))
    context, _ = load(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - &s\n        uses: a/b@v1\n"
        f"        env: {{{pairs}}}\n" + "      - *s\n" * 600
    )
    (found,) = workflows(context)
    assert found["truncated"]
    assert found["jobs"] == []


def test_the_model_is_plain_data_without_secrets() -> None:
    context, _ = load(
        "name: CI\non:\n  push: {branches: [main], paths: []}\n  schedule: [{cron: '0 0 * * *'}]\n"
        "env: {API_TOKEN: abc123secret, REF: '${{ secrets.X }}'}\njobs:\n  test:\n"
        "    runs-on: ubuntu-latest\n    needs: []\n    environment: production\n    steps:\n"
        "      - id: t\n        run: timeout 9 pytest $ARGS | tee log\n"
        "      - run: print(1)\n        shell: python\n"
    )
    (found,) = workflows(context)
    assert json.loads(json.dumps(found)) == found
    assert found["env"] == {"API_TOKEN": "***", "REF": "${{ secrets.X }}"}
    assert found["triggers"]["push"]["branches"] == ["main"]
    assert found["triggers"]["push"]["paths"] == []
    (job,) = found["jobs"]
    assert (job["id"], job["environment"]["names"]) == ("test", ["production"])
    first, second = job["steps"]
    outer, inner, tee = first["commands"]
    assert (outer["gate"], inner["gate"], tee["gate"]) == (None, "test", None)
    assert inner["argv"] == ["pytest", None]
    assert inner["on_failure"] == outer["on_failure"] == "swallowed"
    assert inner["evidence"][0]["line"] == first["line"] + 1
    assert tee["on_failure"] == "fails"
    assert (second["commands"], second["unknown"]) == ([], "python reads the script")
