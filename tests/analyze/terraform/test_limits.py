"""Bounds of the analysis: what they leave out is said, never passed over."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.answers import of_the_rest
from iact_guard.analyze.terraform.expressions import MAX_STEPS
from iact_guard.analyze.terraform.modules import MAX_DEPTH, MAX_MODULES
from iact_guard.analyze.terraform.roots import (
    MAX_INSTANCES,
    MAX_VARIANTS,
    deployed,
    left_out,
)
from iact_guard.model.terraform import TerraformModule
from iact_guard.project import Project
from iact_guard.settings import Config
from iact_guard.tree import DictTree

RESOURCE = 'resource "aws_db_instance" "d" {}\n'


def call(name: str, source: str) -> str:
    return f'module "{name}" {{\n  source = "{source}"\n}}\n'


def chain(length: int) -> dict[str, str]:
    files = {f"m{n}/a.tf": call("m", f"../m{n + 1}") for n in range(1, length)}
    return {"root/a.tf": call("m", "../m1"), **files, f"m{length}/a.tf": RESOURCE}


def calls(many: int) -> dict[str, str]:
    text = "".join(call(f"c{n}", "../child") for n in range(many))
    return {"root/a.tf": text, "child/a.tf": RESOURCE}


def resources(many: int) -> dict[str, str]:
    return {"root/a.tf": "".join(f'resource "a" "b{n}" {{}}\n' for n in range(many))}


def variables(many: int) -> dict[str, str]:
    files = {f"root/v{n:02}.tfvars": "a = 1\n" for n in range(many)}
    return {"root/a.tf": 'variable "a" {}\n' + RESOURCE, **files}


def opened(files: dict[str, str]) -> tuple[Context, TerraformModule]:
    ctx = Context(Project(DictTree(files), Config()))
    (module,) = (m for m in ctx.project.entities("terraform-module") if m.folder == "root")
    return ctx, module


@pytest.mark.parametrize(
    ("within", "beyond", "reason", "place"),
    [
        (
            chain(MAX_DEPTH),
            chain(MAX_DEPTH + 1),
            f"the analysis stops after {MAX_DEPTH} modules within each other",
            ("m5/a.tf", 1),
        ),
        (
            calls(MAX_MODULES - 2),
            calls(MAX_MODULES + 5),
            f"the analysis stops after {MAX_MODULES} module calls",
            ("root/a.tf", 3 * (MAX_MODULES - 2) + 1),
        ),
        (
            resources(MAX_INSTANCES),
            resources(MAX_INSTANCES + 1),
            f"the analysis stops after {MAX_INSTANCES} resources",
            ("root/a.tf", MAX_INSTANCES + 1),
        ),
        (
            variables(MAX_VARIANTS),
            variables(MAX_VARIANTS + 2),
            f"the analysis stops after {MAX_VARIANTS} variables files",
            (f"root/v{MAX_VARIANTS}.tfvars", 1),
        ),
    ],
    ids=["depth", "calls", "resources", "variables files"],
)
def test_what_lies_beyond_a_bound_is_unknown_at_its_first_place(
    within: dict[str, str], beyond: dict[str, str], reason: str, place: tuple[str, int]
) -> None:
    assert left_out(*opened(within)) == ()
    (answer,) = of_the_rest(*opened(beyond))
    assert answer.message == f"{reason}: what else root makes is not judged"
    assert (answer.location.path, answer.location.line) == place


def test_the_plans_of_a_root_share_the_bound_on_resources() -> None:
    half = MAX_INSTANCES // 2
    text = "".join(f'resource "a" "b{n}" {{}}\n' for n in range(half + 1))
    (limit,) = left_out(*opened(variables(2) | {"root/a.tf": 'variable "a" {}\n' + text}))
    assert limit.message == f"the analysis stops after {half} resources"


def test_several_bounds_are_told_each_once() -> None:
    files = chain(MAX_DEPTH + 1) | {"wide/a.tf": calls(30)["root/a.tf"], "child/a.tf": RESOURCE}
    files["root/a.tf"] += "".join(call(f"c{n}", "../wide") for n in range(MAX_MODULES - 20))
    first, second = left_out(*opened(files))
    assert "within each other" in first.message
    assert "module calls" in second.message


def test_modules_from_elsewhere_are_no_bound_of_ours() -> None:
    text = call("vpc", "terraform-aws-modules/vpc/aws") + call("gone", "../gone") + RESOURCE
    assert left_out(*opened({"root/a.tf": text})) == ()


def test_variables_files_that_set_nothing_take_no_place_from_those_that_do() -> None:
    files = {f"root/a{n:02}.tfvars": "other = 1\n" for n in range(MAX_VARIANTS)}
    ctx, module = opened(files | variables(2))
    assert [root.chosen and root.chosen.name for root in deployed(ctx, module)] == ["v00", "v01"]


def test_all_plans_of_a_root_share_what_evaluation_may_cost() -> None:
    files = variables(MAX_VARIANTS)
    lists = " ".join(f"[for a{n} in range(300) :" for n in range(4)) + " 1" + "]" * 4
    files["root/a.tf"] += f"locals {{\n  x = {lists}\n}}\n"
    plans = deployed(*opened(files))
    assert {plan.module.local("x").reason for plan in plans} == {"too much to evaluate"}
    assert len({id(plan.module.budget) for plan in plans}) == 1


@pytest.mark.parametrize(
    "expression",
    [
        "[for a in range(1000) : distinct(local.big)]",
        "[for a in range(1000) : local.big == local.big]",
        "[for a in range(1000) : local.big[*]]",
        '[for a in range(1000) : "${local.long}${a}"]',
        "[for a in range(1000) : var.missing ? local.big : local.other]",
    ],
)
def test_going_through_large_values_costs_more_than_a_step(expression: str) -> None:
    text = f"""
    variable "missing" {{}}
    locals {{
      big   = range(1000)
      other = range(999)
      long  = join("long enough to be noticed", local.big)
      x     = {expression}
    }}
    """
    ctx, module = opened({"root/a.tf": text + RESOURCE})
    (plan,) = deployed(ctx, module)
    assert plan.module.local("big").state == "known"
    assert plan.module.local("x").reason == "too much to evaluate"
    assert -MAX_STEPS < plan.module.budget.steps < 0
