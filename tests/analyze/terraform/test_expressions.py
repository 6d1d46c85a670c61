"""Expressions to values: what is known, what is not, and where it came from."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.terraform.expressions import Budget, evaluate
from iact_guard.analyze.terraform.functions import plain
from iact_guard.analyze.terraform.modules import ModuleInstance, World
from iact_guard.analyze.terraform.references import reference_text, references
from iact_guard.model.errors import UnreadableError
from iact_guard.model.hcl import Expression
from iact_guard.model.value import Entries, Items, Value
from iact_guard.project import Project
from iact_guard.settings import Config
from iact_guard.syntax import hcl
from iact_guard.syntax.text import Text
from iact_guard.tree import DictTree

DEFINITIONS = """
variable "given" {
  default = "production"
}
variable "missing" {}
variable "nothing" {
  default = null
}
variable "typed" {
  type    = object({ days = optional(number, 14), name = optional(string) })
  default = { days = null, extra = 1 }
}
locals {
  tags  = { Project = "iact", Owner = "team" }
  again = local.again
  one   = local.two
  two   = local.one
}
resource "aws_db_instance" "main" {
  engine = "postgres"
}
resource "aws_subnet" "many" {
  count = 2
  cidr  = "10.0.${count.index}.0/24"
}
"""


def scope() -> ModuleInstance:
    project = Project(DictTree({"main.tf": DEFINITIONS}), Config())
    (module,) = project.entities("terraform-module")
    return ModuleInstance(module, World({"": module}), {})


def parsed(expression: str) -> Expression:
    return hcl.parse(Text("x.tf", f"a = {expression}\n")).body.attributes[0].expression


def value(expression: str) -> Value:
    return evaluate(parsed(expression), scope())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("0.1 + 0.2", 0.3),
        ('var.given == "production" ? 7 : 1', 7),
        ('"${var.given}-${1 + 1}"', "production-2"),
        ("merge(local.tags, {Owner = \"x\"}).Owner", "x"),
        ('lookup(local.tags, "none", 3)', 3),
        ("try(local.tags.none, 1)", 1),
        ("can(local.tags.none)", False),
        ('coalesce(var.nothing, "", "b")', "b"),
        ("flatten([[1], [[2]], []])", [1, 2]),
        ('toset(["b", "a", "b"])', ["a", "b"]),
        ("[for k, v in local.tags : upper(v) if k != \"Owner\"]", ["IACT"]),
        ("{ for k, v in local.tags : v => k }", {"iact": "Project", "team": "Owner"}),
        ("var.typed.days", 14),
        ("var.typed.name", None),
        ("aws_db_instance.main.engine", "postgres"),
        ("aws_subnet.many[1].cidr", "10.0.1.0/24"),
        ("aws_subnet.many[*].cidr", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("var.nothing[*]", []),
        ("false && var.missing", False),
        ("true || var.missing", True),
        ('"%{for k in ["a", "b"]}${k};%{endfor}"', "a;b;"),
        ("path.module == path.root", False),
    ],
)  # fmt: skip
def test_known_values(expression: str, expected: object) -> None:
    assert plain(value(expression)) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "var.missing",
        '"${var.missing}-x"',
        'var.missing == "a" ? 1 : 2',
        "var.missing == null",
        "aws_db_instance.main.arn",
        "aws_db_instance.main.port + 1",
        "data.aws_ami.x.id",
        "terraform.workspace",
        "local.again",
        "local.one",
        "local.none",
        "module.none.x",
        "each.key",
        'file("x")',
        "timestamp()",
        "try(var.missing, 1)",
        "coalesce(var.missing, 1)",
        'contains(["a", var.missing], "b")',
        "keys(merge(local.tags, var.missing))",
        "[for x in var.missing : x]",
        "!var.missing",
    ],
)
def test_unknown_is_never_null_and_has_a_reason(expression: str) -> None:
    found = value(expression)
    assert found.state == "unknown"
    assert found.reason
    assert not found.failed


def test_a_merge_with_an_unknown_map_keeps_its_keys_and_may_have_more() -> None:
    content = value("merge({A = 1}, var.missing)").content
    assert isinstance(content, Entries)
    assert "A" in content.values
    assert content.values["A"].state == "unknown"  # it may be replaced
    assert content.others


def test_what_is_merged_last_is_certain() -> None:
    found = value("merge(var.missing, {A = 1})")
    assert found.get("A").content == 1
    assert found.get("B").state == "unknown"


def test_an_undecided_condition_keeps_what_both_sides_agree_on() -> None:
    found = value('var.missing == "x" ? merge(local.tags, {E = 1}) : merge(local.tags, {E = 2})')
    assert found.get("Project").content == "iact"
    assert found.get("E").state == "unknown"
    assert value("var.missing ? 7 : 7").content == 7


def test_elements_of_a_list_are_unknown_one_by_one() -> None:
    content = value("concat([1, var.missing], [3])").content
    assert isinstance(content, Items)
    assert [item.state for item in content.values] == ["known", "unknown", "known"]
    assert value("length([1, var.missing])").content == 2


def test_a_value_carries_the_places_it_came_from() -> None:
    trail = value('"${var.given}-${local.tags.Owner}"').trail
    assert [step.message for step in trail] == ["default of the variable given", "local.tags"]
    assert [step.location.line for step in trail] == [3, 14]


def test_growth_is_bounded() -> None:
    doubling = "locals {\n  a0 = \"xxxxxxxxxxxxxxxx\"\n" + "".join(
        f'  a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"\n' for n in range(1, 40)
    ) + "}\n"  # fmt: skip
    project = Project(DictTree({"main.tf": doubling}), Config())
    (module,) = project.entities("terraform-module")
    instance = ModuleInstance(module, World({"": module}), {})
    assert instance.local("a3").state == "known"
    assert instance.local("a39").state == "unknown"
    nested = " ".join(f"[for a{n} in range(1000) :" for n in range(4)) + " 1" + "]" * 4
    world = World({"": module}, Budget(steps=5000))
    assert evaluate(parsed(nested), ModuleInstance(module, world, {})).state in ("unknown", "known")
    assert world.budget.steps < 5000


def test_references_leave_out_names_that_for_binds() -> None:
    found = references(parsed('[for k, v in var.m : "${k}${v}${local.x[var.i]}"]'))
    assert sorted(reference_text(node) for node in found) == ["local.x", "var.i", "var.m"]


_ATOMS = st.sampled_from(
    ["1", "0", '"a"', '"5"', "true", "null", "var.missing", "var.nothing", "local.tags", "[]"]
)
_NAMES = (
    "merge", "concat", "length", "keys", "lookup", "element", "format", "join", "try", "can",
    "flatten", "toset", "coalesce", "max", "substr", "range", "zipmap", "replace", "contains",
    "values", "distinct", "tostring", "tonumber", "sort", "slice", "jsonencode",
)  # fmt: skip
_EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "/", "%", "==", "&&", "||", "<"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
        st.tuples(
            st.sampled_from(_NAMES),
            st.lists(inner, max_size=3),
        ).map(lambda t: f"{t[0]}({', '.join(t[1])})"),
        inner.map(lambda e: f"[for x in {e} : x]"),
        inner.map(lambda e: f'"${{{e}}}-"'),
        st.tuples(inner, inner).map(lambda t: f"{{a = {t[0]}, (\"b\") = {t[1]}}}"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]})[{t[1]}]"),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(_EXPRESSIONS)
def test_evaluation_never_raises_and_says_why(expression: str) -> None:
    try:
        found = value(expression)
    except UnreadableError:
        return
    if found.state == "unknown":
        assert found.reason
    if "missing" not in expression and found.state == "known":
        json.dumps(plain(found))


def test_shared_structure_does_not_explode() -> None:
    lines = [f"  a{n} = [local.a{n - 1}, local.a{n - 1}]" for n in range(1, 60)]
    text = "\n".join(["locals {", "  a0 = [1]", *lines, "}", ""])
    project = Project(DictTree({"main.tf": text}), Config())
    (module,) = project.entities("terraform-module")
    instance = ModuleInstance(module, World({"": module}), {})
    for asked in (
        "local.a59 == local.a59",
        "jsonencode(local.a59)",
        "flatten(local.a59)",
        "toset(local.a59)",
        'format("%v", local.a59)',
        "contains(local.a59, local.a58)",
    ):
        found = evaluate(parsed(asked), instance)
        assert found.state == "unknown"
        assert "parts" in found.reason
