"""Which names mean production, and which sign of it counts more."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.production import classify, environment_of
from iact_guard.analyze.terraform.roots import plans
from iact_guard.config import parse
from iact_guard.project import Project
from iact_guard.tree import DictTree


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("production", "production"),
        ("prod", "production"),
        ("PROD", "production"),
        ("acme-prod-eu", "production"),
        ("prod2", "production"),
        ("production_db", "production"),
        ("staging", "staging"),
        ("pre-prod", "preprod"),
        ("nonprod", "nonprod"),
        ("non_prod", "nonprod"),
        ("products", None),
        ("producer", None),
        ("main", None),
        ("", None),
    ],
)
def test_names(name: str, expected: str | None) -> None:
    found = classify(name, ("prod*",))
    assert (found.name if found else None) == expected


def environment(files: dict[str, str], folder: str, config: object = None) -> str | None:
    ctx = Context(Project(DictTree(files), parse(config, "test")))
    modules = {module.folder: module for module in ctx.project.entities("terraform-module")}
    found = environment_of(ctx, plans(ctx, modules[folder]).known[-1])
    return found.known.name if found.state == "known" else None


RESOURCE = 'resource "a" "b" {}\n'
OTHER = {"other/main.tf": RESOURCE}


def test_the_configuration_says_first() -> None:
    settings = {"environments": {"production": {"names": ["live"], "roots": ["infra/staging"]}}}
    assert (
        environment({"infra/staging/main.tf": RESOURCE}, "infra/staging", settings) == "production"
    )
    assert environment({"infra/live/main.tf": RESOURCE}, "infra/live", settings) == "production"


def test_a_variable_says_it_where_the_path_does_not() -> None:
    main = {"live/main.tf": 'variable "env" { default = "staging" }\n' + RESOURCE}
    assert environment(main | OTHER, "live") == "staging"


def test_an_unknown_variable_or_a_workspace_leaves_it_open() -> None:
    assert environment({"main.tf": 'variable "env" {}\n' + RESOURCE}, "") is None
    workspace = {"main.tf": 'resource "a" "b" { name = terraform.workspace }\n'}
    assert environment(workspace, "") is None


def test_the_only_root_is_production_one_of_several_is_not() -> None:
    assert environment({"main.tf": RESOURCE}, "") == "production"
    assert environment({"main.tf": RESOURCE} | OTHER, "") is None


def test_the_chosen_variables_file_says_it() -> None:
    files = {"main.tf": 'variable "a" {}\n' + RESOURCE, "env/prod-eu.tfvars": "a = 1\n"}
    assert environment(files, "") == "production"
