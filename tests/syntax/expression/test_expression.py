"""Expressions: where they stand in a text, GitHub's semantics, and what stays unknown."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.syntax.expression import (
    ExpressionError,
    Open,
    Unknown,
    evaluate,
    parse,
    parts,
    truth,
)

CONTEXTS = {
    "github": {
        "ref": "refs/heads/main",
        "event_name": "push",
        "event": {"labels": [{"name": "Bug"}, {"name": "skip"}], "number": 5.0},
    },
    "env": Open(STAGE="prod"),
    "needs": {"a": {"result": "success"}, "b": {"result": "failure"}},
    "matrix": {"os": "ubuntu-latest", "flags": ["-a", "-b"]},
    "success()": True,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("-1.5e2", -150.0),
        ("0xff", 255.0),
        (".5", 0.5),
        ("'it''s'", "it's"),
        ("true", True),
        ("null", None),
        ("!''", True),
        ("!'x'", False),
        ("1 == '1'", True),
        ("null == 0", True),
        ("null == ''", True),
        ("true == '1'", True),
        ("true == 'true'", False),
        ("'ABC' == 'abc'", True),
        ("'a' < 'B'", True),
        ("'10' > 9", True),
        ("'x' > 9", False),
        ("NaN == NaN", False),
        ("1 != 2 && 'yes' || 'no'", "yes"),
        ("false && 'yes' || 'no'", "no"),
        ("'' || null || 0", 0.0),
        ("1 && 'last'", "last"),
        ("(1 == 2) == false", True),
        ("github.ref", "refs/heads/main"),
        ("GitHub.Ref", "refs/heads/main"),
        ("github['event']['number']", 5.0),
        ("github.event.missing.deeper", None),
        ("github.event.labels[1].name", "skip"),
        ("github.event.labels['1'].name", "skip"),
        ("github.event.labels[7].name", None),
        ("join(github.event.labels.*.name, '+')", "Bug+skip"),
        ("contains(github.event.labels.*.name, 'bug')", True),
        ("contains(needs.*.result, 'failure')", True),
        ("contains(needs.*.result, 'cancelled')", False),
        ("contains('Hello', 'ELL')", True),
        ("contains('a1b', 1)", True),
        ("startsWith(github.ref, 'REFS/heads/')", True),
        ("endsWith(github.ref, 'main')", True),
        ("format('{0}-{1}-{0} {{x}}', 'a', 2)", "a-2-a {x}"),
        ("join(matrix.flags)", "-a,-b"),
        ("join('single', '-')", "single"),
        ("toJSON(null)", "null"),
        ("toJSON('a')", '"a"'),
        ("fromJSON('{\"a\": [1, true]}').a[0]", 1.0),
        ("fromJSON('[\"x\"]')[0]", "x"),
        ("case(1 == 2, 'a', true, 'b', 'c')", "b"),
        ("case(false, 'a', 'c')", "c"),
        ("success() && 'go'", "go"),
        ("env.STAGE", "prod"),
        ("  \n 'spaces' \t", "spaces"),
        ("a.b == 1 || true", True),
        ("a.b && false && 1", None),
    ],
)
def test_value(text: str, value: object) -> None:
    result = evaluate(parse(text), CONTEXTS)
    if text == "a.b && false && 1":
        assert truth(result) is False
    else:
        assert type(result) is type(value)
        assert result == value


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("inputs.go == 'yes' && 'production' || 'staging'", ("production", "staging")),
        ("inputs.a == 1 && 'a' || inputs.b == 1 && 'b' || 'c'", ("a", "b", "c")),
        ("!inputs.go", (False, True)),
        ("env.OTHER == 'x'", (False, True)),
        ("format('{0}-db', inputs.x == 1 && 'prod' || 'dev')", ("prod-db", "dev-db")),
        ("case(inputs.x == 1, 'a', inputs.x == 2, 'b', 'c')", ("a", "b", "c")),
        ("failure()", (False, True)),
    ],
)
def test_all_that_an_open_value_can_be(text: str, options: tuple[object, ...]) -> None:
    result = evaluate(parse(text), CONTEXTS)
    assert isinstance(result, Unknown)
    assert result.options is not None
    assert set(result.options) == set(options)


@pytest.mark.parametrize(
    "text", ["inputs.x", "hashFiles('a')", "toJSON(inputs)", "env.OTHER", "fromJSON('{')", "x.*.y"]
)
def test_value_that_cannot_be_told(text: str) -> None:
    assert evaluate(parse(text), CONTEXTS) == Unknown()


def test_not_a_number_is_false() -> None:
    assert math.isnan(evaluate(parse("NaN"), {}))
    assert truth(float("nan")) is False
    assert truth({}) is True


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "a b", "'open", "f(", "a.", "a[1", "nosuch(1)", "contains(1)", "== 1", "1 == ",
     '"double"', "a.b.", "case(true, 1, false, 2)", "(1", "a,b", "always(1)", "&& 1", "1x"],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert 0 <= caught.value.offset <= len(text)


@pytest.mark.parametrize("text", ["(" * 40_000, "!" * 20_000, "a" + "[a" * 9_000, "f(" * 10_000])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_long_chains_are_fine() -> None:
    assert evaluate(parse(" || ".join(["false"] * 500) + " || 'x'"), {}) == "x"


def test_parts_have_offsets_and_strings_may_hold_braces() -> None:
    text = "a ${{ format('}}{0}', b) }}c${{d}}"
    found = parts(text)
    assert [(part.text, part.is_expression) for part in found] == [
        ("a ", False),
        (" format('}}{0}', b) ", True),
        ("c", False),
        ("d", True),
    ]
    assert "".join(text[part.start : part.end] for part in found) == text


@pytest.mark.parametrize("text", ["", "plain", "${{ open", "${{ 'open }}", "}} ${ {"])
def test_text_without_expressions(text: str) -> None:
    assert not any(part.is_expression for part in parts(text))


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("${} 'ab.*[]()!=<>&|,-10"), max_size=40))
def test_any_text_is_split_without_loss_and_parsed_or_refused(text: str) -> None:
    assert "".join(text[part.start : part.end] for part in parts(text)) == text
    try:
        node = parse(text)
    except ExpressionError:
        return
    evaluate(node, CONTEXTS)
