"""Makefiles: simple rules, and everything that makes them less than simple."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.load.makefile import load
from iact_guard.model.makefile import Makefile
from iact_guard.syntax.text import Text


def makefile(text: str) -> Makefile:
    (found,) = load(Text("Makefile", text)).entities
    return found


def lines(text: str, target: str = "test") -> list[str]:
    rule = makefile(text).rule(target)
    return [line.text for line in rule.lines] if rule else []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("test:\n\tpytest\n", ["pytest"]),
        ("test: lint ; pytest\n", ["pytest"]),
        ("test:\n\t@pytest \\\n\t  -q\n\n\t-ruff .\n", ["pytest  \t  -q", "ruff ."]),
        ("PY ?= python3\nT = $(PY) -m pytest\ntest:\n\t$(T) --cov=${SRC}\n",
         ["python3 -m pytest --cov=${_}"]),
        ("test:\n\tcd $$HOME && echo $$(date) $(shell date; echo (x)) $@\n",
         ["cd $HOME && echo $(date) ${_} ${_}"]),
        ("A = $(A) $(A)\ntest:\n\techo $(A)\n", None),
        ("test other:\n\tpytest\n", ["pytest"]),
        ("define X\ntest:\n\tno\nendef\ntest:\n\tpytest\n", ["pytest"]),
        ("test:\n\t# a comment\n\t$(MAKE) -C sub unit\n", ["make -C sub unit"]),
        ("test: X = 1\ntest:\n\tpytest\n", ["pytest"]),
    ],
)  # fmt: skip
def test_recipes(text: str, expected: list[str] | None) -> None:
    found = lines(text)
    if expected is None:
        assert len(found[0]) < 10_000
    else:
        assert found == expected


def test_needs_prefixes_and_places() -> None:
    rule = makefile("NEEDS = a b\n.PHONY: test\ntest: $(NEEDS) | order\n\t-@pytest\n").rule("test")
    assert rule is not None
    assert rule.needs == ("a", "b")
    (line,) = rule.lines
    assert line.tolerated
    assert (line.location.line, line.location.column) == (4, 2)


@pytest.mark.parametrize(
    "text",
    [
        "ifdef CI\ntest:\n\tpytest\nelse\ntest:\n\ttrue\nendif\n",
        "test:\n\tpytest\nifdef CI\n\techo\nendif\n",
        ".ONESHELL:\ntest:\n\tcd x\n\tpytest\n",
        "test: $(FILES)\n\tpytest\n",
        "test:\n\tpytest\ntest:\n\ttrue\n",
    ],
)
def test_what_only_a_run_decides_is_unclear(text: str) -> None:
    rule = makefile(text).rule("test")
    assert rule is not None
    assert rule.unclear


def test_a_value_that_is_set_twice_is_not_known() -> None:
    assert lines("P = a\nifdef X\nP = b\nendif\ntest:\n\t$(P) x\n") == ["${_} x"]
    assert lines("P := $(shell which python)\ntest:\n\t$(P) x\n") == ["${_} x"]


def test_variables_of_the_command_line_win() -> None:
    source = Text("Makefile", "ARGS := --cov\ntest:\n\tpytest $(ARGS)\n")
    for value, expected in (("-k x", "pytest -k x"), (None, "pytest ${_}")):
        rule = load(source, {"ARGS": value}).entities[0].rule("test")
        assert rule and [line.text for line in rule.lines] == [expected]


def test_the_default_the_shell_and_openness() -> None:
    found = makefile("SHELL := /bin/bash\n.SHELLFLAGS := -eu -c\n.PHONY: all\nall: test\ntest:\n")
    assert (found.default, found.shell) == ("all", ("/bin/bash", "-eu", "-c"))
    assert not found.open
    assert makefile("include common.mk\nall:\n").open
    assert makefile("%.o: %.c\n\tcc\n").open
    assert makefile("$(eval $(call x))\n").open


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:=\t\n\\$(){}@-#%; ", max_size=80))
def test_any_text_is_read(text: str) -> None:
    found = makefile(text)
    lines = text.count("\n") + 1
    assert all(1 <= line.location.line <= lines for rule in found.rules for line in rule.lines)
    assert all("\0" not in line.text for rule in found.rules for line in rule.lines)
