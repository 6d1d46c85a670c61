"""HCL to nodes: places, strings, broken files, deep nesting."""

import sys
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model import hcl as model
from iact_guard.model.errors import UnreadableError
from iact_guard.syntax import hcl
from iact_guard.syntax.text import Text, decode


def parse(text: str) -> model.Document:
    return hcl.parse(Text("main.tf", text))


def expression(text: str) -> model.Expression:
    (attribute,) = parse(f"a = {text}\n").body.attributes
    return attribute.expression


def literal(text: str) -> object:
    found = expression(text)
    assert isinstance(found, model.Literal)
    return found.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1),
        ("1.50", 1.5),
        ("1e3", 1000),
        ("2.0", 2),
        ("true", True),
        ("null", None),
        ('""', ""),
        (r'"tab\t\"quoted\" \\ \u00e9"', 'tab\t"quoted" \\ é'),
        ('"$${var.x} %%{if}"', "${var.x} %{if}"),
        ('"# no comment // here"', "# no comment // here"),
        ('"  kept  "', "  kept  "),
        ("<<EOT\n  a \\n $${x}\nb\nEOT", "  a \\n ${x}\nb\n"),
        ("<<-EOT\n    a\n      b\n    EOT", "a\n  b\n"),
        ("<<EOT\nEOT", ""),
    ],
)
def test_literals_have_the_value_that_terraform_gives_them(written: str, value: object) -> None:
    assert literal(written) == value


def test_numbers_in_exponent_form_do_not_cost_the_file() -> None:
    document = parse('resource "a" "b" {\n  x = 1e3\n  y = "1e3"\n}\n')
    assert not document.problems
    values = [a.expression.value for a in document.body.blocks[0].body.attributes]  # type: ignore[union-attr]
    assert values == [1000, "1e3"]


def test_places_count_code_points_in_any_encoding_and_line_end() -> None:
    content = '﻿# é\r\nresource "aws_é" "ñ" {\r\n  名 = "é${var.x}" # ü\r\n}\r\n'.encode()
    document = hcl.parse(decode("main.tf", content))
    (block,) = document.body.blocks
    (attribute,) = block.body.attributes
    assert block.labels == ("aws_é", "ñ")
    assert (block.header.line, block.header.column, block.header.end_column) == (2, 1, 21)
    template = attribute.expression
    assert isinstance(template, model.Template)
    first, second = template.parts
    assert (first.location.line, first.location.column, first.location.end_column) == (3, 8, 9)
    assert (second.location.column, second.location.end_column) == (11, 16)
    assert [(c.text, c.line) for c in document.comments] == [("# é", 1), ("# ü", 3)]


def test_steps_into_a_value() -> None:
    found = expression('module.x["k"].list[*].a.b[0]')
    assert isinstance(found, model.Traversal)
    kinds = [type(step).__name__ for step in found.steps]
    assert kinds == ["GetAttr", "GetIndex", "GetAttr", "Splat"]
    old = expression("aws_subnet.x.*.id[0]")
    assert isinstance(old, model.Traversal)
    assert [type(step).__name__ for step in old.steps] == ["GetAttr", "Splat", "GetIndex"]


def test_a_template_of_one_expression_is_that_expression() -> None:
    assert isinstance(expression('"${var.x}"'), model.Traversal)
    assert isinstance(expression('"${var.x} "'), model.Template)


def test_a_file_is_parsed_once() -> None:
    source = Text("main.tf", "a = 1\n")
    assert hcl.parse(source) is hcl.parse(source)


def test_a_broken_block_costs_itself_only() -> None:
    document = parse(
        'variable "a" {\n  default = 1\n}\n\nresource "x" "y" {\n  b = [1,\n  c = 2\n}\n\n'
        'output "z" {}\n'
    )
    assert [block.type for block in document.body.blocks] == ["variable", "output"]
    (problem,) = document.problems
    assert (problem.location.line, problem.location.column) == (7, 5)
    assert "what begins on line 5 is not judged" in problem.reason


def test_an_unclosed_block_is_told_and_the_next_one_kept() -> None:
    document = parse('resource "x" "y" {\n  b = 1\n\nresource "x" "z" {\n  b = 2\n}\n')
    assert [block.labels for block in document.body.blocks] == [("x", "z")]
    assert len(document.problems) == 1


def test_a_keyword_within_a_heredoc_begins_no_block() -> None:
    text = 'locals {\n  a = <<EOT\nresource "x" "inner" {}\nEOT\n}\noutput "broken" {\n'
    document = parse(text)
    assert [block.type for block in document.body.blocks] == ["locals"]


def test_nothing_sound_makes_the_file_unreadable_with_a_place() -> None:
    with pytest.raises(UnreadableError) as caught:
        parse("resource {{{\n")
    assert (caught.value.location.line, caught.value.location.column) == (1, 11)


@pytest.mark.parametrize("broken", ['password = "hunter2secret" hunter2secret [', '"hunter2secret'])
def test_a_reason_never_holds_text_of_the_file(broken: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse(broken)
    assert "hunter2secret" not in caught.value.reason


def test_what_terraform_refuses_is_told_and_read() -> None:
    document = parse('a = 1\na = 2\nb "x" { c = 1 } d = 2\n')
    assert [problem.location.line for problem in document.problems] == [2, 3]
    assert len(document.body.attributes) == 3


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 40_000,
        "a = " + "[" * 40_000 + "]" * 40_000,
        "a = " + "(" * 40_000 + "1" + ")" * 40_000,
        "a = " + '"${' * 40_000,
        "a = " + "!" * 40_000 + "x",
        "a = " + "f(" * 40_000 + ")" * 40_000,
        "a {\n" * 40_000 + "}\n" * 40_000,
    ],
)
def test_deep_nesting_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse(text + "\n")
    assert caught.value.location.path == "main.tf"


def test_a_long_row_of_steps_is_no_deep_nesting() -> None:
    found = expression("x" + ".*" * 40_000)
    assert isinstance(found, model.Traversal)
    assert len(found.steps) == 40_000


def test_long_chains_are_no_deep_nesting() -> None:
    found = expression(" + ".join(["1"] * 5000))
    assert isinstance(found, model.Binary)
    assert len(found.rest) == 4999


def test_the_wrong_hcl2_beside_us_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hcl2", types.ModuleType("hcl2"))
    document = parse('output "a" {}\noutput "b" {\n\noutput "c" {\n')
    assert len(document.problems) == 2
    assert ["bc-python-hcl2" in problem.reason for problem in document.problems] == [True, False]
    assert [block.labels for block in document.body.blocks] == [("a",)]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab ={}[]()"$%~.,:?!<\n-+*e1é#/\\&|EOT', max_size=60))
def test_any_text_gives_a_document_or_a_place_within_the_file(text: str) -> None:
    source = Text("main.tf", text)
    try:
        document = hcl.parse(source)
    except UnreadableError as error:
        places = [error.location]
    else:
        places = [problem.location for problem in document.problems]
        places += [attribute.location for attribute in document.body.attributes]
    for place in places:
        assert 1 <= place.line <= len(source.starts)
        assert 1 <= place.column <= len(source.line(place.line)) + 2
