"""A pattern that waits is the pattern."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import iact_guard
from iact_guard.model.regex import regex

PACKAGE = Path(iact_guard.__file__).parent
WAITING = type(regex(""))


def test_it_answers_as_the_compiled_one() -> None:
    ours, theirs = regex(r"(\w)(\d)", re.IGNORECASE), re.compile(r"(\w)(\d)", re.IGNORECASE)
    for _ in "before", "after":
        assert ours.sub("x", "a1 b2") == theirs.sub("x", "a1 b2")
        assert [m.span() for m in ours.finditer("a1 b2")] == [(0, 2), (3, 5)]
        assert (ours.pattern, ours.flags, ours.groups) == (
            theirs.pattern,
            theirs.flags,
            theirs.groups,
        )
        assert not ours.fullmatch("a12")
    assert regex(rb"a").match(b"ab")


def test_it_is_compiled_when_it_is_first_asked() -> None:
    broken = regex("(")
    with pytest.raises(re.error):
        broken.match("")


def test_what_a_pattern_lacks_it_lacks() -> None:
    with pytest.raises(AttributeError):
        regex("a").other  # type: ignore[attr-defined]  # noqa: B018


def test_no_module_compiles_when_it_is_imported() -> None:
    assert [
        f"{file.relative_to(PACKAGE)}:{call.lineno}"
        for file in PACKAGE.rglob("*.py")
        for call in _at_import(ast.parse(file.read_text("utf-8")))
    ] == []


def _at_import(tree: ast.AST) -> list[ast.Attribute]:
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "re.compile":
            found.append(node)
        found += _at_import(node)
    return found


def test_every_pattern_of_ours_can_be_compiled() -> None:
    for module in pkgutil.walk_packages([str(PACKAGE)], "iact_guard."):
        if not module.name.endswith(("__main__", "_worker")):
            for value in vars(importlib.import_module(module.name)).values():
                assert type(value) is not WAITING or value.pattern
