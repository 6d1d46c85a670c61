"""Plans that are written, applied, published."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import all_commands_of
from iact_guard.analyze.workflow.deploy.applies import applies_of, plan_file
from iact_guard.analyze.workflow.deploy.destroys import destroys_of
from iact_guard.analyze.workflow.references.published import unwritten_of
from iact_guard.model.workflow import Job
from iact_guard.project import Project
from iact_guard.tree import DictTree


def _job(script: str, **files: str) -> tuple[Context, Job]:
    body = "".join(f"\n          {line}" for line in script.splitlines())
    text = (
        "on: push\njobs:\n  deploy:\n    runs-on: x\n    environment: production\n"
        f"    steps:\n      - run: |{body}\n"
    )
    ctx = Context(Project(DictTree({".github/workflows/w.yml": text, **files})))
    return ctx, ctx.project.entities("job")[0]


@pytest.mark.parametrize(
    ("script", "file"),
    [
        ("terraform apply", None),
        ("terraform apply -auto-approve", None),
        ("terraform apply tfplan", "tfplan"),
        ("terraform -chdir=infra apply -input=false tfplan", "tfplan"),
        ("terraform apply -var-file prod.tfvars", None),
        ("terraform apply -var a=b -target module.x tfplan", "tfplan"),
        ('terraform apply -var "image=$TAG"', None),
        ('terraform apply -var-file="$ENV.tfvars"', None),
        ('terraform apply "$PLAN"', "*"),
        ("terragrunt run-all apply", None),
    ],
)
def test_the_file_of_an_apply_is_told_from_values_of_options(script: str, file: str | None) -> None:
    ctx, job = _job(script)
    (command,) = all_commands_of(ctx, job.steps[0].id)
    assert plan_file(command) == file


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("terraform apply -auto-approve", "none"),
        ("terraform plan\nterraform apply -auto-approve", "unsaved"),
        ("terraform plan -out=a\nterraform apply a", "saved"),
        ("terraform plan -out a\nterraform apply ./a", "saved"),
        ("terraform plan -out=a\nterraform apply b", "unclear"),
        ('terraform plan -out="$P"\nterraform apply "$P"', "saved"),
        ("terraform apply a\nterraform plan -out=a", "unclear"),
        ("aws s3 cp s3://b/a a\nterraform apply a", "saved"),
        ("terragrunt run-all plan --out-dir p\nterragrunt run-all apply --out-dir p", "saved"),
    ],
)
def test_an_apply_takes_the_plan_that_was_written_before(script: str, state: str) -> None:
    ctx, job = _job(script)
    assert [each.state for each in applies_of(ctx, job).known] == [state]


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("terraform destroy", 1),
        ("terraform apply -destroy", 1),
        ("terraform apply", 0),
        ("terraform plan -destroy", 0),
        ("echo terraform destroy", 0),
        ("aws cloudformation delete-stack --stack-name production", 1),
    ],
)
def test_what_destroys_is_told_from_what_speaks_of_it(script: str, count: int) -> None:
    ctx, job = _job(script)
    assert len(destroys_of(ctx, job).known) == count


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("cat plan.txt", ["plan.txt"]),
        ("terraform plan > plan.txt\ncat plan.txt", []),
        ("terraform plan | tee plan.txt\ncat plan.txt", []),
        ("terraform show -json tfplan > x.json\ncat plan.txt", ["plan.txt"]),
        ("cp a plan.txt\ncat plan.txt", []),
        ("./make-plan\ncat plan.txt", []),
        ('terraform plan > "$OUT"\ncat plan.txt', []),
        ("mkdir a && cd a && terraform plan > plan.txt && cd .. && cat plan.txt", ["plan.txt"]),
        ("mkdir a && cd a && terraform plan > plan.txt && cat plan.txt", []),
        ("cat README.md", []),
        ("cat $FILE plan-*.txt /tmp/plan.txt ~/plan.txt", []),
        ("gh pr comment 1 --body-file body.md", ["body.md"]),
    ],
)
def test_a_file_is_missing_only_where_nothing_can_have_written_it(
    script: str, paths: list[str]
) -> None:
    ctx, job = _job(script)
    assert [each.path for each in unwritten_of(ctx, job).known] == paths


def test_a_file_of_the_repository_is_there() -> None:
    ctx, job = _job("cat docs/plan.txt", **{"docs/plan.txt": "x\n"})
    assert unwritten_of(ctx, job).known == ()
