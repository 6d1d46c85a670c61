"""Configuration of tests and coverage: thresholds with their places, options, scripts."""

import pytest

from iact_guard.load.coverage_config import load, percent
from iact_guard.model.coverage import CoverageConfig
from iact_guard.model.errors import UnreadableError
from iact_guard.syntax.text import Text


def config(path: str, text: str) -> CoverageConfig:
    (entity,) = load(Text(path, text)).entities
    return entity


@pytest.mark.parametrize(
    ("path", "text", "line", "minimum"),
    [
        ("pyproject.toml", "[x]\nfail_under = 1\n[tool.coverage.report]\nfail_under = 8\n", 4, 8),
        ("pyproject.toml", "[tool.coverage]\nreport.fail_under = 70.5\n", 2, 70.5),
        (".coveragerc", "[run]\nbranch = 1\n[report]\nfail_under: 55\n", 4, 55),
        ("setup.cfg", "[coverage:report]\nshow = 1\nfail_under = 90 # soon\n", 3, 90),
        ("tox.ini", "[coverage:report]\nfail_under=100\n", 2, 100),
    ],
)  # fmt: skip
def test_threshold_of_coverage_py(path: str, text: str, line: int, minimum: float) -> None:
    (threshold,) = config(path, text).thresholds
    assert (threshold.location.line, threshold.minimum) == (line, minimum)
    assert threshold.location.column < threshold.location.end_column


def test_thresholds_of_javascript() -> None:
    text = (
        '{\n\t"jest": {"coverageThreshold": {"global": {"lines": 80, "branches": -10}}},\n'
        '\t"nyc": {"check-coverage": true, "statements": 70},\n\t"c8": {"lines": 99},\n'
        '\t"scripts": {"test": "jest --coverage"}\n}\n'
    )
    found = config("web/package.json", text)
    assert [(t.tool, t.metric, t.minimum, t.location.line) for t in found.thresholds] == [
        ("jest", "lines", 80, 2),
        ("jest", "branches", None, 2),
        ("nyc", "statements", 70, 3),
    ]
    assert [(s.name, s.command.text) for s in found.scripts] == [("test", "jest --coverage")]
    assert found.folder == "web"
    nyc = config(".nycrc", '{"check-coverage": true, "lines": 60}')
    assert [t.minimum for t in nyc.thresholds] == [60]
    assert config("vitest.config.mts", "anything").code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{default: {target: 75%}}", [("total", 75.0)]),
        ("{default: {target: auto}}", [("change", None)]),
        ("{backend: {flags: [a]}}", [("change", None)]),
        ("{default: {target: 75%, informational: true}}", []),
        ("{default: off, x: false}", []),
        ("off", []),
    ],
)
def test_codecov(text: str, expected: list[tuple[str, float | None]]) -> None:
    found = config("codecov.yml", f"coverage: {{status: {{project: {text}}}}}\n")
    assert [(t.metric, t.minimum) for t in found.thresholds] == expected


def test_options_and_commands() -> None:
    found = config(
        "tox.ini", "[pytest]\naddopts = -q\n  --cov=app\n[testenv:py]\ncommands =\n  pytest\n"
    )
    assert found.options is not None
    assert found.options.text == "-q --cov=app"
    assert [script.name for script in found.scripts] == ["testenv:py"]
    listed = config("pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["--cov", "-q"]\n')
    assert listed.options is not None
    assert listed.options.text == "--cov -q"


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("pyproject.toml", "[tool]\nx = = 1\n", 2),
        ("setup.cfg", "no section\n", 1),
        ("package.json", '{"a": [}', 1),
        ("codecov.yml", "a: [\n", 2),
        ("pyproject.toml", "x = " + "[" * 40_000, 1),
        ("package.json", "[" * 40_000, 1),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(path: str, text: str, line: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        load(Text(path, text))
    assert caught.value.location.line == line


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "{scripts: [1], jest: 5, nyc: [], c8: x}"]
)
def test_odd_shapes_hold_nothing(text: str) -> None:
    assert config("package.json", text).thresholds == ()
    assert config("codecov.yml", text).thresholds == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(80, 80.0), ("80%", 80.0), (" 7.5 ", 7.5), (-10, None), (101, None), (True, None),
     ("auto", None), (None, None), ("999", None)],
)  # fmt: skip
def test_percent(value: object, expected: float | None) -> None:
    assert percent(value) == expected


def test_globs_and_addresses_are_no_comments() -> None:
    text = (
        'include: ["packages/**/*.test.ts", \'/*\'], // "not closed\n'
        "site: `https://example.org`, /* thresholds: { lines: 1 } */\n"
        "// thresholds: { lines: 2 },\n"
        'thresholds: { lines: 85 }, exclude: ["**/dist/**"]\n'
    )
    found = config("vitest.config.ts", text).thresholds
    assert [(each.location.line, each.minimum) for each in found] == [(4, 85)]


def test_a_quote_that_is_not_closed_ends_with_its_line() -> None:
    text = "// don't\nname: /['\"]/,\nthresholds: { lines: 85 },\n"
    (threshold,) = config("vitest.config.ts", text).thresholds
    assert threshold.minimum == 85
