"""Makes a repository of a given size: 2,000 files, 40 workflows, 200 migrations, 50 .tf files."""

import subprocess
from pathlib import Path

WORKFLOW = """\
name: Service {n}
on:
  push: {{branches: [main]}}
  pull_request:
permissions: {{contents: read}}
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
      - uses: acme/setup-{n}@v1
      - name: Test
        run: |
          set -euo pipefail
          pip install -r requirements.txt
          if [ -n "$DEBUG" ]; then echo debug; fi
          pytest service_{n} --cov=service_{n} --cov-fail-under=85 | tee out.txt
  deploy:
    needs: test
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - run: |
          aws rds create-db-snapshot --db-instance-identifier db{n} --db-snapshot-identifier s
          aws rds wait db-snapshot-available --db-snapshot-identifier s
          python manage.py migrate
"""
MIGRATION = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [{dependency}]
    operations = [
        migrations.CreateModel(
            name="Item{n}",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=100)),
                ("created", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField("Item{n}", "note", models.TextField(null=True)),
        migrations.AddField("Item{n}", "rank", models.IntegerField(default=0)),
    ]
"""
TERRAFORM = """\
variable "environment" {{
  type    = string
  default = "production"
}}

locals {{
  tags = {{ Project = "X", Environment = var.environment, ManagedBy = "Terraform", Owner = "t" }}
}}

resource "aws_db_instance" "db{n}" {{
  identifier              = "db{n}-${{var.environment}}"
  engine                  = "postgres"
  backup_retention_period = 14
  tags                    = merge(local.tags, {{ Name = "db{n}" }})
}}
"""
PYTHON = '''\
"""Module {n}."""

import os
from dataclasses import dataclass

LIMIT = {n}
TOKEN = os.environ.get("TOKEN_{n}")


@dataclass
class Thing{n}:
    """A thing."""

    name: str
    size: int = LIMIT

    def area(self, factor: float = 1.0) -> float:
        """How large it is."""
        return sum(value * factor for value in range(self.size) if value % 2)


def build(names: list[str]) -> dict[str, Thing{n}]:
    """All of them."""
    return {{name: Thing{n}(name, len(name)) for name in names}}
'''


def make(root: Path, files: int = 2000) -> Path:
    """The repository, committed to git."""
    for n in range(40):
        _write(root / f".github/workflows/service{n}.yml", WORKFLOW.format(n=n))
    for app in range(10):
        for n in range(20):
            before = f'("app{app}", "{n - 1:04}_step")' if n else ""
            path = root / f"app{app}/migrations/{n:04}_step.py"
            _write(path, MIGRATION.format(n=n, dependency=before))
    for n in range(50):
        _write(root / f"infrastructure/root{n // 5}/part{n}.tf", TERRAFORM.format(n=n))
    _write(root / ".github/CODEOWNERS", "* @acme/all\n")
    for n in range(files - 40 - 200 - 50 - 1):
        if n % 2:
            _write(root / f"src/package{n // 50}/module{n}.py", PYTHON.format(n=n))
        else:
            _write(root / f"web/part{n // 50}/view{n}.ts", f"export const n = {n};\n" * 20)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    return root


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
