"""Files that configure tests and coverage, to CoverageConfig entities."""

import configparser
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

from iact_guard.load.yaml_nodes import authored, get, mapping
from iact_guard.model.authored import Authored
from iact_guard.model.coverage import CoverageConfig, PackageScript, Threshold
from iact_guard.model.errors import UnreadableError
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text

_CODE = regex(r"(jest|vitest|vite)\.config\.[cm]?[jt]s")
_BLANKED = regex(r"[^\n]")
_MARK = regex(r"[\"'`]|//|/\*")
_TEXTS = {quote: regex(rf"{quote}(?:\\.|[^{quote}\\\n])*{quote}") for quote in "\"'`"}
"""By its first character a text that ends on its line."""
_LITERAL = regex(r"(?:coverageThreshold\s*:\s*\{\s*global|thresholds?)['\"]?\s*:\s*\{([^{}]*)\}")
_PAIR = regex(r"['\"]?\b(lines|statements|functions|branches)['\"]?\s*:\s*(\d+(?:\.\d+)?)\b")
_EXPORTS = regex(r"\bexport\s+default\b|\bmodule\.exports\s*=\s*\{|\bdefineConfig\(")
_BORROWS = regex(r"\.\.\.|\bmergeConfig\b|\bpreset\b|\bextends\b|hreshold")
"""What brings in settings from elsewhere, or sets thresholds in a way that is not read."""
_METRICS = ("lines", "statements", "functions", "branches")
_PLACE = regex(r"\(at line (\d+), column (\d+)\)")
_OFF = ("off", "no", "false", "null", "~", "")
_PERCENT = regex(r"\s*(\d{1,3}(?:\.\d+)?)\s*%?\s*")


def load(source: Text) -> Loaded[CoverageConfig]:
    """One entity a file."""
    name = source.path.rpartition("/")[2]
    if _CODE.fullmatch(name):
        return Loaded((_program(source),))
    reader = _READERS.get(name, _codecov)
    return Loaded((reader(source),))


def _entity(source: Text, family: str, **found: Any) -> CoverageConfig:
    return CoverageConfig(
        f"coverage-config:{source.path}", source.path, Location(source.path), family, **found
    )


def _program(source: Text) -> CoverageConfig:
    """A configuration of Jest or Vitest: thresholds that are written out are read."""
    text = _uncommented(source.text)
    tool = "jest" if "jest" in source.path.rpartition("/")[2] else "vitest"
    thresholds = [
        Threshold(tool, percent(pair[2]), _at(source, block.start(1) + pair.start()), pair[1])
        for block in _LITERAL.finditer(text)
        for pair in _PAIR.finditer(block[1])
    ]
    code = not thresholds and bool(_BORROWS.search(text) or not _EXPORTS.search(text))
    return _entity(source, "javascript", thresholds=tuple(thresholds), code=code)


def _uncommented(text: str) -> str:
    """A program with blanks for its comments; texts (`"src/**/*.ts"`) and addresses stay."""
    found, kept, start = list[str](), 0, 0
    while mark := _MARK.search(text, start):
        opening = mark[0]
        if opening in _TEXTS:
            whole = _TEXTS[opening].match(text, mark.start())
            start = whole.end() if whole else _line_end(text, mark.start())
            continue
        start = mark.end()
        if opening == "//" and text[mark.start() - 1 : mark.start()] == ":":
            continue
        if opening == "//":
            start = _line_end(text, start)
        else:
            closing = text.find("*/", start)
            start = closing + 2 if closing >= 0 else len(text)
        found += [text[kept : mark.start()], _BLANKED.sub(" ", text[mark.start() : start])]
        kept = start
    return "".join((*found, text[kept:]))


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _at(source: Text, offset: int) -> Location:
    before = source.text[:offset]
    line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
    return Location(source.path, line, column, line, len(source.line(line)) + 1)


def percent(value: object) -> float | None:
    """A number of per cent; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value <= 100 else None
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) if match and float(match[1]) <= 100 else None


def _pyproject(source: Text) -> CoverageConfig:
    try:
        data = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # The message ends with the place, and holds nothing else of the file.
        match = _PLACE.search(str(error))
        place = Location(source.path, *(map(int, match.groups()) if match else ()))
        raise UnreadableError(place, "not TOML") from None
    thresholds, options = [], None
    value = _inside(data, "tool", "coverage", "report", "fail_under")
    if value is not None:
        place = _line(source, r"\[tool\.coverage\.report\]|\[tool\.coverage\]", "fail_under")
        thresholds.append(Threshold("coverage.py", percent(value), place))
    for section in ("pytest.ini_options", "pytest"):
        given = _inside(data, "tool", *section.split("."), "addopts")
        if given is not None:
            text = " ".join(map(str, given)) if isinstance(given, list) else str(given)
            place = _line(source, rf"\[tool\.{re.escape(section)}\]", "addopts")
            options = Authored(text, place)
    return _entity(
        source,
        "python",
        thresholds=tuple(thresholds),
        options=options,
        scripts=tuple(_tox_tables(source, data)),
        environments=" ".join(map(str, _list(_inside(data, "tool", "tox", "env_list")))),
        tolerated=tuple(_tolerated_tables(data)),
    )


def _tolerated_tables(data: Any) -> Iterator[str]:
    if _inside(data, "tool", "tox", "env_run_base", "ignore_outcome") is True:
        yield "testenv"
    environments = _inside(data, "tool", "tox", "env")
    for name, found in environments.items() if isinstance(environments, dict) else ():
        if _inside(found, "ignore_outcome") is True:
            yield f"testenv:{name}"


def _tox_tables(source: Text, data: Any) -> Iterator[PackageScript]:
    """The commands of `[tool.tox.env.NAME]`: each a list of words."""
    environments = _inside(data, "tool", "tox", "env")
    tables = [("testenv", "env_run_base", _inside(data, "tool", "tox", "env_run_base"))]
    for name, found in environments.items() if isinstance(environments, dict) else ():
        tables.append((f"testenv:{name}", f"env.{name}", found))
    for section, table, found in tables:
        place = _line(source, rf"\[tool\.tox\.{re.escape(table)}\]", "commands")
        for command in _list(_inside(found, "commands")):
            words = " ".join(map(_tox_word, _list(command)))
            yield PackageScript(section, Authored(words, place))


def _tox_word(word: Any) -> str:
    if isinstance(word, dict):
        default = " ".join(map(str, _list(word.get("default"))))
        return f"{{posargs:{default}}}" if word.get("replace") == "posargs" else "{_}"
    text = str(word)
    return text if text.startswith("{") or not re.search(r"[\s;&|<>()$'\"]", text) else "{_}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _inside(data: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def _ini(source: Text) -> CoverageConfig:
    """`.coveragerc`, `setup.cfg`, `tox.ini`, `pytest.ini`."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(source.text)
    except configparser.Error as error:
        line = getattr(error, "lineno", 1) or 1
        raise UnreadableError(Location(source.path, line), "not an INI file") from None
    own = source.path.endswith(".coveragerc")
    section = "report" if own else "coverage:report"
    thresholds = []
    if parser.has_option(section, "fail_under"):
        value = (parser.get(section, "fail_under") or "").split("#")[0]
        place = _line(source, rf"\[{section}\]", "fail_under")
        thresholds.append(Threshold("coverage.py", percent(value.strip()), place))
    options = None
    # pytest reads no `[tool:pytest]` but that of `setup.cfg`, and there no other.
    sections = ("tool:pytest",) if source.path.endswith("setup.cfg") else ("pytest",)
    for section in sections:
        if parser.has_option(section, "addopts"):
            text = " ".join((parser.get(section, "addopts") or "").split())
            options = Authored(text, _line(source, rf"\[{section}\]", "addopts"))
    return _entity(
        source,
        "python",
        thresholds=tuple(thresholds),
        options=options,
        scripts=tuple(_tox_commands(source, parser)),
        environments=_tox_environments(parser),
        tolerated=tuple(_tolerated_sections(parser)),
    )


def _tolerated_sections(parser: configparser.RawConfigParser) -> Iterator[str]:
    for section in parser.sections():
        of_tox = section.split(":")[0] == "testenv" and parser.has_option(section, "ignore_outcome")
        if of_tox and (parser.get(section, "ignore_outcome") or "").strip().lower() == "true":
            yield section


def _tox_environments(parser: configparser.RawConfigParser) -> str:
    found = (
        parser.get("tox", key) for key in ("env_list", "envlist") if parser.has_option("tox", key)
    )
    return next(found, "") or ""


def _tox_commands(source: Text, parser: configparser.RawConfigParser) -> Iterator[PackageScript]:
    """The commands of each environment, one a line; those continued with a backslash are joined."""
    for section in parser.sections():
        if section.split(":")[0] == "testenv" and parser.has_option(section, "commands"):
            place = _line(source, rf"\[{re.escape(section)}\]", "commands")
            number, begun = place.line, 0
            wanted = [w.strip() for w in (parser.get(section, "commands") or "").split("\n")]
            text = ""
            for line in filter(None, wanted):
                while number < len(source.starts) and line not in source.line(number):
                    number += 1
                begun, text = begun or number, f"{text} {line}".strip()
                number += 1
                if text.endswith("\\"):
                    text = text[:-1]
                    continue
                yield PackageScript(section, Authored(text, _whole(source, begun)))
                begun, text = 0, ""


def _whole(source: Text, number: int) -> Location:
    line = source.line(number)
    start = len(line) - len(line.lstrip()) + 1
    return Location(source.path, number, start, number, max(len(line.rstrip()), start) + 1)


def _line(source: Text, section: str, key: str) -> Location:
    """Where a key stands in a section; the parsers of TOML and INI keep no lines."""
    inside = False
    for number in range(1, len(source.starts) + 1):
        line = source.line(number)
        stripped = line.strip()
        if re.fullmatch(rf"{section}\s*([#;].*)?", stripped):
            inside = True
        elif stripped.startswith("[") and not line[:1].isspace():
            inside = False
        elif match := re.match(rf"\s*((report\.)?{key})\s*[=:]", line) if inside else None:
            start = match.start(1) + 1
            return Location(source.path, number, start, number, len(line.rstrip()) + 1)
    first = source.line(1)
    return Location(source.path, 1, 1, 1, max(len(first), 1) + 1)


def _json(source: Text) -> yaml.Node | None:
    """JSON is YAML, nearly: and YAML keeps places."""
    documents = yaml.parse(source)
    return documents[0].root if documents else None


def _package(source: Text) -> CoverageConfig:
    root = _json(source)
    thresholds = [
        *_javascript(get(root, "jest", "coverageThreshold", "global"), "jest"),
        *_javascript(get(root, "vitest", "coverage", "thresholds"), "vitest"),
    ]
    for tool in ("nyc", "c8"):
        thresholds += _checked(get(root, tool), tool)
    scripts = [
        PackageScript(entry.key.text, text)
        for entry in mapping(get(root, "scripts"))
        if (text := authored(entry.value))
    ]
    return _entity(source, "javascript", thresholds=tuple(thresholds), scripts=tuple(scripts))


def _nyc(source: Text) -> CoverageConfig:
    return _entity(source, "javascript", thresholds=tuple(_checked(_json(source), "nyc")))


def _checked(node: yaml.Node | None, tool: str) -> Iterator[Threshold]:
    """Nyc and c8 enforce their thresholds only with `check-coverage`."""
    checks = get(node, "check-coverage") or get(node, "checkCoverage")
    if isinstance(checks, yaml.Scalar) and checks.value is True:
        yield from _javascript(node, tool)


def _javascript(node: yaml.Node | None, tool: str) -> Iterator[Threshold]:
    for entry in mapping(node):
        if entry.key.text in _METRICS and isinstance(entry.value, yaml.Scalar):
            where = entry.key.location
            place = Location(where.path, where.line, where.column, where.line, where.end_column)
            yield Threshold(tool, percent(entry.value.value), place, entry.key.text)


def _codecov(source: Text) -> CoverageConfig:
    documents = yaml.parse(source)
    root = documents[0].root if documents else None
    project = get(root, "coverage", "status", "project")
    thresholds = []
    for entry in mapping(project):
        target, informational = get(entry.value, "target"), get(entry.value, "informational")
        off = isinstance(entry.value, yaml.Scalar) and entry.value.text in _OFF
        if off or _is_true(informational):
            continue
        if isinstance(target, yaml.Scalar) and target.text != "auto":
            thresholds.append(Threshold("codecov", percent(target.value), target.location))
        else:  # it compares with the base: no change may lower it
            thresholds.append(Threshold("codecov", None, entry.key.location, "change"))
    return _entity(source, "codecov", thresholds=tuple(thresholds))


def _is_true(node: yaml.Node | None) -> bool:
    return isinstance(node, yaml.Scalar) and node.value is True


_READERS: dict[str, Callable[[Text], CoverageConfig]] = {
    "pyproject.toml": _pyproject,
    ".coveragerc": _ini,
    "setup.cfg": _ini,
    "tox.ini": _ini,
    "pytest.ini": _ini,
    "package.json": _package,
    ".nycrc": _nyc,
    ".nycrc.json": _nyc,
}
