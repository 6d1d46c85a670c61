"""What tox runs: environments, factors, arguments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.load import tox
from iact_guard.load.coverage_config import load
from iact_guard.syntax.text import Text

INI = r"""[testenv]
commands =
    cov: pytest --cov {posargs:tests}
    !cov: pytest {posargs}
    -coverage \
        html
[testenv:same]
commands = {[testenv]commands}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("py{311,312}-django{4,5}, lint", ("py311-django4", "py311-django5", "py312-django4",
                                           "py312-django5", "lint")),
        ("a\nb", ("a", "b")),
        ("", ()),
        ("{a,{b", ("{a", "{b")),
    ],
)  # fmt: skip
def test_lists_of_environments(text: str, expected: tuple[str, ...]) -> None:
    assert tox.environments(text) == expected


@pytest.mark.parametrize(
    ("environment", "arguments", "expected"),
    [
        ("py-cov", None, ["pytest --cov tests", "coverage  html"]),
        ("py", "-k x", ["pytest -k x", "coverage  html"]),
        ("same", None, ["pytest ", "coverage  html"]),
    ],
)
def test_lines_of_an_environment(
    environment: str, arguments: str | None, expected: list[str]
) -> None:
    (config,) = load(Text("tox.ini", INI)).entities
    found = list(tox.lines(config, environment, arguments))
    assert [text.text for text, _ in found] == expected
    assert [tolerated for _, tolerated in found] == [False, True]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab{},: \n-!", max_size=60))
def test_any_list_of_environments_is_read(text: str) -> None:
    assert len(tox.environments(text)) <= tox.MAX_ENVIRONMENTS
