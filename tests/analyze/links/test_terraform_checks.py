"""What pull requests do to roots of Terraform, and to which."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.terraform_checks import checks_of, gaps_of
from iact_guard.model.repository import Repository
from iact_guard.project import Project
from iact_guard.tree import DictTree

ROOT = 'terraform {\n  backend "s3" {}\n}\n'


def _context(steps: str, head: str = "", on: str = "pull_request", **files: str) -> Context:
    body = "\n".join(f"      {line}" for line in steps.splitlines())
    text = f"on: {on}\njobs:\n  a:\n    runs-on: x\n{head}    steps:\n{body}\n"
    return Context(Project(DictTree({".github/workflows/w.yml": text, **files})))


def _covers(steps: str, head: str = "", **files: str) -> set[tuple[str, str, bool]]:
    found = checks_of(_context(steps, head, **files), Repository()).known.covers
    return {(each.part, each.folder, each.recursive) for each in found}


@pytest.mark.parametrize(
    ("steps", "covers"),
    [
        ("- run: terraform fmt -check", {("format", "", False)}),
        ("- run: terraform fmt -check -recursive infra/", {("format", "infra", True)}),
        ("- run: terraform fmt -recursive", set()),
        ("- run: terraform -chdir=infra/a validate", {("validate", "infra/a", False)}),
        ("- run: cd infra && cd a && terraform plan", {("plan", "infra/a", False)}),
        ("- run: terraform plan\n  working-directory: ./infra", {("plan", "infra", False)}),
        ("- run: terraform plan -var-file x.tfvars", {("plan", "", False)}),
        ("- run: checkov -d infra --framework terraform", {("scan", "infra", True)}),
        ("- run: checkov --directory=infra", {("scan", "infra", True)}),
        ("- run: trivy config .", {("scan", "", True)}),
        ("- run: trivy fs .", set()),
        ("- run: trivy fs --scanners vuln,misconfig .", {("scan", "", True)}),
        ("- run: tfsec", {("scan", "", True)}),
        ("- uses: dflook/terraform-plan@v1\n  with: {path: infra}", {("plan", "infra", False)}),
        ("- uses: bridgecrewio/checkov-action@v12", {("scan", "", True)}),
        ("- uses: aquasecurity/trivy-action@v1\n  with: {scan-type: fs}", set()),
        ("- run: for d in a b; do (cd $d && terraform validate); done",
         {("validate", "*", False)}),
    ],
)  # fmt: skip
def test_what_a_step_looks_at(steps: str, covers: set[tuple[str, str, bool]]) -> None:
    assert _covers(steps) == covers


def test_a_matrix_is_each_of_its_folders() -> None:
    head = "    strategy: {matrix: {dir: [a, b/c]}}\n"
    steps = "- run: terraform plan\n  working-directory: ${{ matrix.dir }}"
    assert _covers(steps, head) == {("plan", "a", False), ("plan", "b/c", False)}


def test_variables_of_the_job_are_read_in_the_script() -> None:
    head = "    env: {DIR: infra}\n"
    assert _covers("- run: cd $DIR && terraform plan", head) == {("plan", "infra", False)}


def _gaps(ctx: Context) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    found = gaps_of(ctx, Repository()).known
    return {gap.module.folder: (gap.missing, gap.unclear) for gap in found}


ALL = (
    "- run: terraform fmt -check -recursive\n- run: terraform -chdir=a plan\n"
    "- run: terraform -chdir=b plan\n- run: checkov -d ."
)


def test_a_root_lacks_what_reaches_only_others() -> None:
    files = {"a/main.tf": ROOT, "b/main.tf": ROOT, "c/main.tf": ROOT}
    assert _gaps(_context(ALL, **files)) == {"c": (("validate", "plan"), ())}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("pull_request", {}),
        ("{pull_request: {paths: ['a/**']}}", {}),
        ("{pull_request: {paths: [docs/**]}}", {"a": 0}),
        ("{pull_request: {paths-ignore: ['**.tf']}}", {"a": 0}),
        ("{push: {branches: [main]}}", {"a": 0}),
        ("push", {"a": 1}),
    ],
)
def test_only_what_a_change_of_the_root_starts_counts(on: str, expected: dict[str, int]) -> None:
    every = ("format", "validate", "plan", "scan")
    found = _gaps(_context(ALL, on=on, **{"a/main.tf": ROOT}))
    sides = {folder: ((every, ()), ((), every))[side] for folder, side in expected.items()}
    assert found == sides


def test_a_service_may_plan_and_hooks_may_run_elsewhere() -> None:
    hooks = "repos:\n  - repo: x\n    hooks: [{id: terraform_fmt}]\n"
    files = {"a/main.tf": ROOT, "atlantis.yaml": "version: 3\n", ".pre-commit-config.yaml": hooks}
    ctx = _context("- run: terraform -chdir=a validate\n- run: tfsec", **files)
    assert _gaps(ctx) == {"a": ((), ("format", "plan"))}
