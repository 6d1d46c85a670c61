"""Values of Python: resolved where they can be, opaque with a reason elsewhere, always bounded."""

import ast
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.load.python_values import Reader
from iact_guard.model.literal import (
    HOLE,
    Call,
    Constant,
    Items,
    Mapping,
    Opaque,
    Reference,
    Value,
    same,
    text,
)
from iact_guard.syntax.python import parse
from iact_guard.syntax.text import Text


def _value(text: str) -> Value:
    """The value of the last expression of a module."""
    reader = Reader(parse(Text("shop/app/migrations/a.py", text)), "shop.app.migrations")
    last = reader.module.tree.body[-1]
    assert isinstance(last, ast.Expr)
    return reader.value(last.value)


def _plain(value: Value) -> Any:
    match value:
        case Constant(value=constant):
            return constant
        case Items(items=items):
            return [_plain(item) for item in items]
        case Mapping(entries=entries):
            return {_plain(key): _plain(item) for key, item in entries}
        case Reference(name=name):
            return f"<{name}>"
        case Call(function=name, arguments=arguments):
            return (name, [(a.name, _plain(a.value)) for a in arguments])
        case Opaque():
            return Ellipsis


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("'a' + 'b' 'c'", "abc"),
        ("-3", -3),
        ("X = 5\nX", 5),
        ("X = Y\nY = [1]\nX + [2] + (3,)", [1, 2, 3]),
        ("X = {'a': 1}\n{**X, 'b': 2}", {"a": 1, "b": 2}),
        ("X = [1, 2]\n[0, *X]", [0, 1, 2]),
        ("N = 'n'\nf'{N}_{1}'", "n_1"),
        ("from django.db import models as m\nm.CharField(1, max_length=2)",
         ("django.db.models.CharField", [("", 1), ("max_length", 2)])),
        ("from django.db.models import CASCADE\nCASCADE", "<django.db.models.CASCADE>"),
        ("import a.b\na.b.c", "<a.b.c>"),
        ("from .. import fields\nfields.X()", ("shop.app.fields.X", [])),
        ("from .base import X\nX()", ("shop.app.migrations.base.X", [])),
        ("def f(x, y=2):\n    '''d'''\n    return [x, y]\nf(1)", [1, 2]),
        ("K = {'null': True}\nf(**K)", ("f", [("null", True)])),
        ("[x + '1' for x in ('a', 'b')]", ["a1", "b1"]),
        ("[(x, y) for x, y in [(1, 2), (3, 4)]]", [[1, 2], [3, 4]]),
        ("A, B = 1, 2\nB", 2),
    ],
)  # fmt: skip
def test_values_are_resolved(text: str, expected: Any) -> None:
    assert _plain(_value(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "x[0]",
        "lambda: 1",
        "f().g",
        "a < b",
        "X = X\nX",
        "X = Y\nY = X\nX",
        "if a:\n    X = 1\nelse:\n    X = 2\nX",
        "if a:\n    X = 1\nX",
        "f'{unknown}'",
        "'%s' % f()",
        "1j",
        "[x for x in range(3)]",
        "[x for x in (1, 2) if x]",
        "def f():\n    x = 1\n    return x\nf",
    ],
)
def test_what_would_have_to_be_run_is_opaque_or_a_name(text: str) -> None:
    assert isinstance(_value(text), Opaque | Reference)


def test_names_that_double_one_another_end_in_opaque() -> None:
    lines = ["X0 = [1]"] + [f"X{i} = X{i - 1} + X{i - 1}" for i in range(1, 40)]
    assert isinstance(_value("\n".join([*lines, "X39"])), Opaque)
    texts = ["X0 = 'ab'"] + [f"X{i} = X{i - 1} + X{i - 1}" for i in range(1, 40)]
    assert isinstance(_value("\n".join([*texts, "X39"])), Opaque)


def test_loops_within_loops_end_in_opaque() -> None:
    lines = [f"X{i} = [x for x in X{i - 1} + X{i - 1}]" for i in range(1, 40)]
    assert isinstance(_value("\n".join(["X0 = [1]", *lines, "X39"])), Opaque)


def test_helpers_that_call_one_another_end_in_opaque() -> None:
    assert isinstance(_value("def f():\n    return f()\nf()"), Opaque)


def test_a_chain_of_two_thousand_additions_is_read() -> None:
    assert _plain(_value(" + ".join(["1"] * 900))) == 900


_LITERALS: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.integers(), st.text(max_size=8), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(_LITERALS)
def test_literals_mean_what_python_says(literal: Any) -> None:
    value = _value(repr(literal))
    assert _plain(value) == literal
    assert same(value, _value(f"\n\n(  {literal!r}  )"))


@pytest.mark.parametrize(
    ("expression", "outline"),
    [
        ("'a %s %d %%' % ('b', 1)", "a b 1 %"),
        ("'a %s' % unknown", f"a {HOLE}"),
        ("'a %(b)s' % {'b': 1}", f"a {HOLE}"),
        ("f'a {unknown} {1} {2:>3}'", f"a {HOLE} 1 {HOLE}"),
        ("'a {} {b}'.format(unknown, b='c')", f"a {HOLE} c"),
        ("'a ' + unknown + ' b'", f"a {HOLE} b"),
    ],
)
def test_of_a_text_what_is_known_is_kept(expression: str, outline: str) -> None:
    found = _value(expression)
    known = found.outline if isinstance(found, Opaque) else text(found)
    assert known == outline
