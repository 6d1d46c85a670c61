"""The compliant fixture passes because it is looked at: one change breaks each of its promises."""

from pathlib import Path

import pytest
import yaml

from iact_guard.analyze.context import Context
from iact_guard.config import parse
from iact_guard.evaluate.engine import evaluate
from iact_guard.load.shipped import shipped
from iact_guard.project import Project
from iact_guard.tree import DictTree

ROOT = Path(__file__).parent.parent / "fixtures/compliant"
CONFIG = ".iact-guard.yaml"
BACKEND, FRONTEND, INFRASTRUCTURE, SCAN, DEPLOY = (
    f".github/workflows/{name}.yml"
    for name in ("backend-ci", "frontend-ci", "infrastructure-ci", "security-scan", "deploy")
)
SETTINGS = "infrastructure/github/main.tf"
ROLL_BACK = """name: Roll back
        if: failure() && steps.colour.outputs.live != ''
        env:
          LIVE: ${{ steps.colour.outputs.live }}
        run: ./scripts/switch-traffic.sh "$LIVE"
"""
CHANGES = [
    ("WF003", INFRASTRUCTURE, "      pull-requests: write\n", ""),
    ("WF004", SCAN, "run: docker build", 'run: echo "${{ github.head_ref }}"; docker build'),
    ("WF101", BACKEND, "black --check .", "black --check . || true"),
    ("WF102", FRONTEND, "run: npm run lint\n", "run: npm run lint | tee lint.log\n"),
    ("WF103", BACKEND, "bandit --recursive", "bandit --exit-zero --recursive"),
    ("WF103", DEPLOY, 'exit-code: "1"', 'exit-code: "0"'),
    ("WF104", BACKEND, "- name: Lint\n", "- name: Lint\n        continue-on-error: true\n"),
    ("WF105", BACKEND, "  lint:\n", "  lint:\n    continue-on-error: true\n"),
    ("WF106", BACKEND, "  pull_request:\n  merge_group:\n", ""),
    ("WF106", BACKEND, "  pull_request:\n", "  pull_request:\n    paths: ['api/**']\n"),
    ("WF107", DEPLOY, "Smoke test\n", "Smoke test\n        if: github.event_name == 'release'\n"),
    ("WF108", DEPLOY, "steps.colour.outputs.live != ''", "steps.color.outputs.live != ''"),
    ("WF109", BACKEND, "    if: always()\n", ""),
    ("WF110", INFRASTRUCTURE, "needs: [validate, scan, plan]", "needs: [validate, plan]"),
    ("WF111", INFRASTRUCTURE, "if: github.event_name == 'pull_request'",
     "if: ${{ github.event_name == 'pull_request' }} && true"),
    ("WF112", DEPLOY, 'run: ./scripts/switch-traffic.sh "$NEXT"',
     "run: ssh ops@production.example.com 'docker compose pull; docker compose up -d; docker ps'"),
    ("WF113", DEPLOY, 'run: ./scripts/switch-traffic.sh "$LIVE"', "run: echo rolled back"),
    ("WF201", DEPLOY, "needs: [test, image, migrate]",
     "needs: [test, image, migrate]\n    if: always()"),
    ("WF203", DEPLOY, "    environment: production\n", ""),
    ("WF204", SETTINGS, "    teams = [data.github_team.platform.id]\n", ""),
    ("WF205", DEPLOY, "curl --fail --retry 5 --retry-all-errors", "curl --silent"),
    ("WF206", DEPLOY, "https://callcenter.example.com/api/",
     "https://uat.callcenter.example.com/api/"),
    ("WF206", DEPLOY, "/api/health\n", "/api/healthz\n"),
    ("WF207", DEPLOY, ROLL_BACK, "run: kubectl -n production get pods\n"),
    ("WF208", DEPLOY, "LIVE: ${{ steps.colour.outputs.live }}",
     "LIVE: ${{ steps.colour.outputs.previous }}"),
    ("WF208", DEPLOY, 'run: ./scripts/switch-traffic.sh "$LIVE"', "run: ./scripts/roll-back.sh"),
    ("WF209", DEPLOY, "DATABASE: calls-production", "DATABASE: calls-staging"),
    ("WF209", DEPLOY, "aws rds wait db-snapshot-available", "echo"),
    ("WF211", DEPLOY, 'backend="$IMAGE"', "backend=ghcr.io/iact/callcenter-backend:latest"),
    ("WF301", SCAN, '  schedule:\n    - cron: "17 3 * * *"\n', ""),
    ("WF302", SCAN, "      security-events: write\n", ""),
    ("WF303", SCAN, "        if: ${{ !cancelled() }}\n", ""),
    ("WF304", DEPLOY, "terraform apply -input=false tfplan", "terraform apply -auto-approve"),
    ("WF307", INFRASTRUCTURE, "infrastructure/staging, infrastructure/github]",
     "infrastructure/staging]"),
    ("WF307", INFRASTRUCTURE, "terraform fmt -check", "terraform fmt"),
    ("WF308", INFRASTRUCTURE, "          terraform_version: ${{ env.TERRAFORM_VERSION }}\n", ""),
    ("CV003", BACKEND, " --cov-fail-under=85\n",
     "\n      - run: coverage report --fail-under=85\n        working-directory: .\n"),
]  # fmt: skip


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    paths = [path for path in ROOT.rglob("*") if path.is_file() and "advisories" not in path.parts]
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in paths}


@pytest.mark.parametrize(("rule", "path", "text", "other"), CHANGES)
def test_a_change_is_found(
    rule: str, path: str, text: str, other: str, files: dict[str, str]
) -> None:
    assert text in files[path]
    assert rule in _failing({**files, path: files[path].replace(text, other)})


def test_without_a_change_nothing_is_found(files: dict[str, str]) -> None:
    assert not _failing(files)


def test_tests_that_a_branch_requires_stand_for_those_of_the_same_run(
    files: dict[str, str],
) -> None:
    """Without the rule of the branch, a deployment that needs nothing is open."""
    alone = {**files, DEPLOY: files[DEPLOY].replace("needs: [test, image, migrate]", "needs: []")}
    assert "WF201" not in _failing(alone)
    required = '      "backend-passed",\n      "frontend-passed",\n'
    assert required in alone[SETTINGS]
    alone[SETTINGS] = alone[SETTINGS].replace(required, "")
    assert "WF201" in _failing(alone, unknown=True)


def _failing(files: dict[str, str], *, unknown: bool = False) -> set[str]:
    project = Project(DictTree(files), parse(yaml.safe_load(files[CONFIG]), CONFIG))
    found = evaluate(Context(project), tuple(shipped())).findings
    return {each.rule for each in found if each.outcome != "unknown" or unknown}
