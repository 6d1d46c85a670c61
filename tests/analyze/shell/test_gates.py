"""Which commands are gates, by the table, by the name of what they run, by the configuration."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.gates import gate_of
from iact_guard.config import parse
from iact_guard.data.tables import table
from iact_guard.project import Project
from iact_guard.tree import DictTree

WORKFLOW = """on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          {}
"""


def kind(run: str, config: dict[str, object] | None = None) -> str | None:
    tree = DictTree({".github/workflows/ci.yml": WORKFLOW.format(run)})
    ctx = Context(Project(tree, parse(config, "test")))
    return gate_of(ctx, ctx.project.entities("command")[-1])


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("black --check .", "format"),
        ("black .", None),
        ("isort -c src", "format"),
        ("ruff format", None),
        ("ruff format --diff", "format"),
        ("ruff .", "lint"),
        ("prettier --write .", None),
        ("prettier -c .", "format"),
        ("gofmt -l .", None),
        ("cargo fmt -- --check", "format"),
        ("terraform fmt -check -recursive", "format"),
        ("terraform fmt", None),
        ("terraform -chdir=infra plan -out x", "terraform"),
        ("terraform validate", "iac"),
        ("tflint --init", None),
        ("pytest --collect-only", None),
        ("python -m pytest", "test"),
        ("python manage.py check --deploy", "deployment"),
        ("python manage.py check", "deployment"),
        ("python manage.py makemigrations --check --dry-run", "migrations"),
        ("python manage.py makemigrations", None),
        ("npm audit", "dependencies"),
        ("npm audit fix", None),
        ("snyk test", "dependencies"),
        ("snyk monitor", None),
        ("trivy image --format cyclonedx x", None),
        ("trivy config .", "iac"),
        ("mvn -B verify", "test"),
        ("./mvnw package -DskipTests", None),
        ("./gradlew build -x test", None),
        ("./gradlew check", "test"),
        ("cargo test --no-run", None),
        ("detect-secrets scan", None),
        ("dotnet format --verify-no-changes", "format"),
        ("go vet ./...", "lint"),
        ("vendor/bin/phpstan analyse", "types"),
        ("npm test", "test"),
        ("npm t", "test"),
        ("npm ci", None),
        ("npm run test:unit -- --ci", "test"),
        ("npm run lint", "lint"),
        ("npm run lint:fix", None),
        ("npm run check-types", "types"),
        ("npm run format:check", "format"),
        ("npm run format", None),
        ("npm run build", None),
        ("yarn install", None),
        ("yarn unit-tests", "test"),
        ("yarn workspace web lint", "lint"),
        ("pnpm --filter web test", "test"),
        ("pnpm run type-check", "types"),
        ("make -j 4 test", "test"),
        ("make build-test-image", None),
        ("make test-setup", None),
        ("make docs lint", "lint"),
        ("tox -e lint", "lint"),
        ("tox -e py312", "test"),
        ("tox", "test"),
        ("tox -e docs", None),
        ("nox -s typing", "types"),
        ("just check", "test"),
        ("nx run-many -t lint", "lint"),
        ("turbo run test", "test"),
        ("composer test", "test"),
        ("composer install", None),
        ("./scripts/run_tests.sh", "test"),
        ("./scripts/test-data.sh", None),
    ],
)
def test_kinds(run: str, expected: str | None) -> None:
    assert kind(run) == expected


def test_the_configuration_names_gates_of_the_team() -> None:
    gates: dict[str, object] = {"gates": [{"tool": "./scripts/all.sh", "kind": "test"}]}
    assert kind("./scripts/all.sh", gates) == "test"
    assert kind("./scripts/all.sh") is None


def test_the_table_is_well_formed() -> None:
    keys = {"words", "kind", "with", "unless", "off", "on", "sarif", "env", "config", "key", "tool",
            "minimum", "empty", "files", "blind", "none", "values"}  # fmt: skip
    for row in table("gates")["gate"]:
        assert set(row) <= keys, row
        assert ("config" in row) == ("key" in row), row
        lists = ("with", "unless", "off", "on", "sarif", "minimum", "empty", "none", "values")
        assert all(isinstance(row[key], list) for key in lists if key in row), row
    for name, action in table("gates")["action"].items():
        assert name == name.lower()
        assert action["kind"] in (*table("gates")["names"], "", "iac", "secrets", "container",
                                  "terraform", "migrations", "deployment")  # fmt: skip
