"""Kinds of files."""

import pytest

from iact_guard.discover import discover, kind_of
from iact_guard.model.source import Kind
from iact_guard.tree import DictTree

KINDS = [
    (".github/workflows/ci.yml", Kind.WORKFLOW),
    (".github/workflows/ci.yaml", Kind.WORKFLOW),
    (".github/workflows/sub/ci.yml", Kind.OTHER),
    ("sub/.github/workflows/ci.yml", Kind.OTHER),
    ("action.yml", Kind.ACTION),
    (".github/actions/x/action.yaml", Kind.ACTION),
    ("my-action.yml", Kind.OTHER),
    ("infrastructure/main.tf", Kind.TERRAFORM),
    ("infrastructure/main.tf.json", Kind.OTHER),
    ("prod.auto.tfvars", Kind.TFVARS),
    ("api/orders/migrations/0001_initial.py", Kind.MIGRATION),
    ("api/orders/migrations/__init__.py", Kind.PYTHON),
    ("CODEOWNERS", Kind.CODEOWNERS),
    ("docs/CODEOWNERS", Kind.CODEOWNERS),
    ("sub/CODEOWNERS", Kind.OTHER),
    ("requirements.txt", Kind.REQUIREMENTS),
    ("api/requirements-dev.txt", Kind.REQUIREMENTS),
    ("requirements/base.txt", Kind.REQUIREMENTS),
    ("dev-requirements.txt", Kind.REQUIREMENTS),
    ("setup.cfg", Kind.COVERAGE_CONFIG),
    ("frontend/package.json", Kind.COVERAGE_CONFIG),
    (".env", Kind.DOTENV),
    ("api/.env.production", Kind.DOTENV),
    (".envrc", Kind.OTHER),
    ("manage.py", Kind.PYTHON),
    ("README.md", Kind.OTHER),
    ("new\nline.tf", Kind.TERRAFORM),
    ("{{cookiecutter.name}}/pyproject.toml", Kind.OTHER),
    ("{{name}}.tf", Kind.TERRAFORM),
]


@pytest.mark.parametrize(("path", "kind"), KINDS)
def test_kind(path: str, kind: Kind) -> None:
    assert kind_of(path) == kind


def test_excluded_files_are_counted_apart_even_when_named() -> None:
    tree = DictTree({"a.tf": "", "third_party/b.tf": ""})
    found = discover(tree, ["third_party/**"], frozenset({"third_party/b.tf", "ignored.tf"}))
    assert found.paths(Kind.TERRAFORM) == ("a.tf", "ignored.tf")
    assert found.excluded == ("third_party/b.tf",)


def test_text_that_is_searched_for_secrets_alone_is_nothing_to_check() -> None:
    assert not discover(DictTree({"a.py": "", ".env": "", "x": ""})).has_something_to_check
    assert discover(DictTree({"a.tf": ""})).has_something_to_check
