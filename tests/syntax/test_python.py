"""Python: positions in code points, refusals with a place and without the file's text."""

import ast
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.syntax.python import VERSION, Module, parse
from iact_guard.syntax.text import Text, decode


def _parse(text: str | bytes) -> Module:
    return parse(decode("a.py", text if isinstance(text, bytes) else text.encode()))


def _name(module: Module, name: str) -> ast.Name:
    return next(n for n in ast.walk(module.tree) if isinstance(n, ast.Name) and n.id == name)


def _refusal(text: str) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        _parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("x = target", 1, 5),
        ("s = 'ñandú 🐍'; target", 1, 16),
        ("a = 1\r\nñ = 2; target", 2, 8),
        ("a = 1\rñ = 2; target", 2, 8),
        ("\ufeffñ = target", 1, 5),
        ("a = '\x0c'\nñ = target", 2, 5),
        ("\x0cñ = target", 1, 6),
        ("a = '\u2028'; target", 1, 10),
        ('s = """ñ\nñ"""; target', 2, 7),
    ],
)
def test_columns_are_code_points(text: str, line: int, column: int) -> None:
    module = _parse(text)
    expected = Location("a.py", line, column, line, column + len("target"))
    assert module.location(_name(module, "target")) == expected


def test_head_is_the_part_on_the_first_line() -> None:
    module = _parse("ñ = call(  \n  1,\n)\n")
    call = next(n for n in ast.walk(module.tree) if isinstance(n, ast.Call))
    assert module.head(call) == Location("a.py", 1, 5, 1, 10)


@settings(max_examples=150)
@given(st.text(alphabet="aé漢🐍'\" \t", max_size=20), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_node_is_found_again_at_its_location(text: str, end: str) -> None:
    source = Text("a.py", f"x = 1{end}s = {text!r}; target{end}")
    module = parse(source)
    place = module.location(_name(module, "target"))
    start = source.offset(place.line, place.column)
    assert source.text[start : source.offset(place.end_line, place.end_column)] == "target"


def test_refusal_names_the_python_that_read_it_and_the_place() -> None:
    error = _refusal("x = 1\nñ = 2; y = = 3\n")
    assert (error.location.line, error.location.column) == (2, 12)
    assert VERSION in error.reason
    assert ": invalid syntax" in error.reason


@pytest.mark.parametrize(
    "text",
    [
        "type X = int",
        "def first[T](items: list[T]) -> T: ...",
        "f'{x!r:{'a'}}' f'{d['key']}'",
        "try: ...\nexcept A, B: ...",
        "x = t'{name}'",
    ],
)
def test_what_a_newer_python_reads_is_not_called_broken(text: str) -> None:
    try:
        _parse(text)
    except UnreadableError as error:
        assert error.reason.startswith(f"cannot be read with Python {VERSION}: ")
        assert "newer Python" in error.reason
        assert error.remedy.startswith("Run iact-guard with the Python")


@pytest.mark.parametrize("text", ["print 'x'", "if x:\n  a\n b", "if x:\na", "n = 0777"])
def test_what_no_python_reads_is_called_broken(text: str) -> None:
    error = _refusal(text)
    assert error.reason.startswith(f"not Python (read with {VERSION}): ")
    assert not error.remedy


@pytest.mark.parametrize(
    "text",
    [
        "password = 'hunter2hunter2",
        "print 'hunter2hunter2'",
        "hunter2hunter2 = = 1",
        "f(hunter2hunter2=1, 2)",
        "f'{hunter2hunter2!x}'",
        "'hunter2hunter2' = 1",
        "x = '\\N{hunter2hunter2}'",
        "2hunter2hunter2 = 1",
    ],
)
def test_refusal_does_not_quote_the_file(text: str) -> None:
    error = _refusal(text)
    assert "hunter2" not in error.reason


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 40_000 + "]" * 40_000,
        "x = " + "-" * 100_000 + "1",
        "x = a" + ".b" * 100_000,
        "x = 1" + "+1" * 100_000,
        "x = a" + "()" * 100_000,
        "x = " + "lambda:" * 100_000 + "1",
        "x = 1 if 1 else " * 50_000 + "1",
        "if 1: pass\n" + "elif 1: pass\n" * 20_000,
        "x = " + "9" * 100_000,
    ],
)
def test_endless_nesting_is_a_refusal(text: str) -> None:
    assert _refusal(text).reason


def test_a_file_that_would_fill_the_memory_is_refused_before_it_is_parsed() -> None:
    assert "tokens" in _refusal("a\n" * 700_000).reason


def test_odd_characters_are_a_refusal() -> None:
    with pytest.raises(UnreadableError):
        parse(Text("a.py", "x = '\ud800'"))


def test_warnings_of_the_parser_stay_here() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _parse(r"x = '\d'; y = 1 if 1is 1 else 2")


def test_an_empty_file_is_an_empty_module() -> None:
    assert _parse(b"").tree.body == []
