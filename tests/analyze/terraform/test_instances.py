"""Modules, instances, providers: what a repository's roots come to."""

from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.dump import terraform
from iact_guard.analyze.terraform.roots import Root, plans, role
from iact_guard.config import parse
from iact_guard.project import Project
from iact_guard.settings import Config
from iact_guard.tree import DictTree


def context(files: dict[str, str], config: Any = None) -> Context:
    return Context(Project(DictTree(files), parse(config, "test") if config else Config()))


def root(files: dict[str, str], folder: str = "") -> Root:
    ctx = context(files)
    modules = {module.folder: module for module in ctx.project.entities("terraform-module")}
    return plans(ctx, modules[folder]).known[0]


def addresses(files: dict[str, str], folder: str = "") -> list[str]:
    return [instance.address for instance in root(files, folder).instances]


def roles(files: dict[str, str]) -> dict[str, str]:
    ctx = context(files)
    return {m.folder: role(ctx, m).known for m in ctx.project.entities("terraform-module")}


def test_count_and_for_each_make_instances_with_terraforms_addresses() -> None:
    text = """
    variable "unknown" {}
    resource "a" "none" { count = 0 }
    resource "a" "two" { count = 2 }
    resource "a" "set" { for_each = toset(["x", "y z"]) }
    resource "a" "map" { for_each = { k = 1 } }
    resource "a" "some" { count = var.unknown }
    resource "a" "more" { for_each = merge({ k = 1 }, var.unknown) }
    data "d" "one" {}
    """
    assert addresses({"main.tf": text}) == [
        "a.two[0]",
        "a.two[1]",
        'a.set["x"]',
        'a.set["y z"]',
        'a.map["k"]',
        "a.some[*]",
        'a.more["k"]',
        "a.more[*]",
        "data.d.one",
    ]


def test_values_go_through_modules_and_back_with_their_chain() -> None:
    files = {
        "root/main.tf": """
        locals { days = 3 }
        module "outer" {
          source = "../modules/outer"
          days   = local.days
        }
        output "found" { value = module.outer.days }
        """,
        "modules/outer/main.tf": """
        variable "days" {}
        module "inner" {
          for_each = toset(["a"])
          source   = "../inner"
          days     = var.days + 1
          name     = each.key
        }
        output "days" { value = module.inner["a"].days }
        """,
        "modules/inner/main.tf": """
        variable "days" { type = number }
        variable "name" {}
        resource "aws_db_instance" "this" {
          identifier              = "db-${var.name}"
          backup_retention_period = var.days
        }
        output "days" { value = aws_db_instance.this.backup_retention_period }
        """,
    }
    found = root(files, "root")
    (instance,) = found.instances
    assert instance.address == 'module.outer.module.inner["a"].aws_db_instance.this'
    assert instance.attribute("identifier").content == "db-a"
    days = instance.attribute("backup_retention_period")
    assert days.content == 4
    assert [step.location.path for step in days.trail] == [
        "modules/inner/main.tf",
        "modules/outer/main.tf",
        "root/main.tf",
        "root/main.tf",
    ]
    assert found.module.output("found").content == 4


def test_remote_modules_are_opaque() -> None:
    files = {
        "main.tf": """
        module "vpc" { source = "terraform-aws-modules/vpc/aws" }
        output "id" { value = module.vpc.id }
        """
    }
    value = root(files).module.output("id")
    assert value.state == "unknown"
    assert "outside" in value.reason


def test_modules_that_call_themselves_end() -> None:
    files = {"main.tf": 'module "me" { source = "./" }\nmodule "a" { source = "./a" }\n',
             "a/main.tf": 'module "b" { source = "../a" }\nresource "x" "y" {}\n'}  # fmt: skip
    assert addresses(files) == ["module.a.x.y"]


def test_dynamic_blocks_are_unrolled() -> None:
    text = """
    resource "a" "b" {
      dynamic "rule" {
        for_each = { x = 1, y = 2 }
        iterator = it
        content {
          name = "${it.key}-${it.value}"
        }
      }
    }
    """
    (instance,) = root({"main.tf": text}).instances
    names = [rule.attribute("name").content for rule in instance.blocks("rule")]
    assert names == ["x-1", "y-2"]


def test_dynamic_blocks_turn_over_sets_of_objects_too() -> None:
    text = """
    resource "a" "b" {
      dynamic "rule" {
        for_each = toset([{ port = 1 }, { port = 2 }])
        content {
          port = rule.value.port
        }
      }
    }
    """
    (instance,) = root({"main.tf": text}).instances
    assert [rule.attribute("port").content for rule in instance.blocks("rule")] == [1, 2]


def test_variables_files_win_over_defaults_in_terraforms_order() -> None:
    files = {
        "main.tf": 'variable "a" { default = 0 }\noutput "a" { value = var.a }\n',
        "terraform.tfvars": "a = 1\n",
        "z.auto.tfvars": "a = 3\n",
        "b.auto.tfvars": "a = 2\n",
        "prod.tfvars": "a = 4\n",
    }
    ctx = context(files)
    (module,) = ctx.project.entities("terraform-module")
    values = [plan.module.output("a").content for plan in plans(ctx, module).known]
    assert values == [3, 4]


def test_roots_children_and_examples_are_told_apart() -> None:
    assert roles(
        {
            "live/main.tf": 'module "x" { source = "../modules/x" }\n',
            "modules/x/main.tf": 'terraform {\n  backend "s3" {}\n}\n',
            "modules/unused/main.tf": 'resource "a" "b" {}\n',
            "modules/applied/main.tf": 'terraform {\n  backend "s3" {}\n}\n',
            "examples/x/main.tf": 'module "x" { source = "../../library" }\n',
            "library/main.tf": 'variable "a" {}\nresource "a" "b" {}\n',
            "published/main.tf": 'variable "a" {}\noutput "b" { value = var.a }\n',
            "single/main.tf": 'resource "a" "b" {}\n',
        }
    ) == {
        "live": "root",
        "modules/x": "child",
        "modules/unused": "child",
        "modules/applied": "root",
        "examples/x": "example",
        "library": "child",
        "published": "child",
        "single": "root",
    }


def test_the_model_has_the_shape_of_the_contract() -> None:
    files = {
        "infrastructure/production/main.tf": """
        variable "password" { default = "hunter2hunter2" }
        variable "missing" {}
        locals { tags = merge(var.missing, { Owner = "team" }) }
        resource "aws_db_instance" "main" {
          password = "hunter2hunter2"
          port     = 5432
          kms      = null
          arn      = var.missing
          tags     = local.tags
          timeouts {
            create = "1h"
          }
          restore {
            at = "now"
          }
        }
        data "aws_vpc" "main" { id = "vpc-1" }
        module "x" { source = "./x" }
        """
    }
    (found,) = terraform(context(files))["roots"]
    assert found["path"] == "infrastructure/production"
    assert found["environment"] == "production"
    assert found["variables"]["password"]["value"] == "***"
    (resource,) = found["resources"]
    assert {key: resource[key] for key in ("address", "type", "name", "path", "line")} == {
        "address": "aws_db_instance.main",
        "type": "aws_db_instance",
        "name": "main",
        "path": "infrastructure/production/main.tf",
        "line": 5,
    }
    attributes = resource["attributes"]
    assert attributes["password"]["value"] == "***"
    assert (attributes["port"]["state"], attributes["port"]["value"]) == ("known", 5432)
    assert attributes["port"]["line"] == 7
    assert attributes["kms"]["state"] == "null"
    assert attributes["arn"]["state"] == "unknown"
    assert "no value" in attributes["arn"]["reason"]
    assert attributes["tags"]["value"] == {"Owner": "team"}
    assert attributes["tags"]["parts"]["Owner"]["state"] == "known"
    assert attributes["tags"]["state"] == "unknown"
    assert attributes["restore"][0]["at"]["value"] == "now"
    assert "timeouts" not in attributes
    assert [data["address"] for data in found["data"]] == ["data.aws_vpc.main"]
    assert found["modules"][0]["reason"].startswith("there is no module")
    assert "hunter2" not in str(found)


def test_two_runs_give_the_same_model() -> None:
    files = {"main.tf": 'locals {\n  a = toset(["z", "b", true])\n}\nresource "a" "b" {}\n'}
    assert terraform(context(files)) == terraform(context(files))


def test_shared_structure_is_shown_in_bounded_size() -> None:
    lines = [f"  a{n} = [local.a{n - 1}, local.a{n - 1}]" for n in range(1, 60)]
    text = "\n".join(["locals {", "  a0 = [1]", *lines, "}", 'resource "a" "b" {}', ""])
    (found,) = terraform(context({"main.tf": text}))["roots"]
    assert found["locals"]["a3"]["state"] == "known"
    assert found["locals"]["a59"]["reason"]


def test_more_turns_than_are_followed_leave_one_that_is_unknown() -> None:
    found = addresses({"main.tf": 'resource "a" "b" {\n  count = 100000\n}\n'})
    assert found[-1] == "a.b[*]"
    assert len(found) < 1000


def test_modules_that_multiply_are_bounded() -> None:
    files = {"main.tf": "".join(f'module "m{n}" {{\n  source = "./a"\n}}\n' for n in range(30))}
    for here, there in ("ab", "bc", "cd", "de"):
        calls = (f'module "m{n}" {{\n  source = "../{there}"\n}}\n' for n in range(30))
        files[f"{here}/main.tf"] = "".join(calls)
    files["e/main.tf"] = 'resource "x" "y" {}\n'
    assert len(root(files).modules) < 1000
