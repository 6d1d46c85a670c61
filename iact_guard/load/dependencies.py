"""What the files of a Python project ask of a package: requirements, projects and lock files.

Lock files are machine-written, long, and of one shape: they are searched line by line. A file that
cannot be read as what its name says asks for nothing here; who checks such files says so.
"""

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any, Literal

from iact_guard.load.python_values import Reader
from iact_guard.model.errors import UnreadableError
from iact_guard.model.literal import Items, text
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax import python
from iact_guard.syntax import requirements as pip
from iact_guard.syntax.text import Text
from iact_guard.syntax.versions import normal_name

How = Literal["lock", "requirement", "option"]
_REQUIREMENTS = regex(r"[^/]*(requirements|constraints)[^/]*\.(txt|in)")
_FOLDERS = regex(r"(.*/)?(requirements?|reqs|deps|dependencies|pip)/[^/]+\.(txt|in)")
_VERSION = regex(r'version = "([^"]+)"')
_POETRY = regex(r"([\^~])?\s*v?(\d+(?:\.\d+)*(?:[a-z]+\d+)?)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a file asks: `specifier` is as in PEP 440, `~=4.2`; empty for any version."""

    how: How
    """`lock` for the one version that is installed, `option` for what only some install."""
    specifier: str
    location: Location
    marker: str = ""


def is_asking(path: str) -> bool:
    """Whether a file of that path may ask for packages."""
    name = path.rpartition("/")[2]
    return name in _READERS or bool(_REQUIREMENTS.fullmatch(name) or _FOLDERS.fullmatch(path))


def asked(source: Text, package: str) -> tuple[Asked, ...]:
    """What a file asks of a package, whose name is normal (PEP 503)."""
    if package not in source.text.lower():
        return ()
    reader = _READERS.get(source.path.rpartition("/")[2], _requirements)
    try:
        return tuple(reader(source, package))
    except (ValueError, configparser.Error, RecursionError, UnreadableError):
        return ()


def _requirements(source: Text, package: str) -> Iterator[Asked]:
    for line in pip.parse(source):
        if line.kind == "requirement" and line.name == package:
            how: How = "lock" if line.version else "requirement"
            yield Asked(how, line.specifier, line.location, line.marker)


def _pyproject(source: Text, package: str) -> Iterator[Asked]:
    data = tomllib.loads(source.text)
    yield from _listed(source, package, _in(data, "project", "dependencies"), "requirement")
    poetry = _in(data, "tool", "poetry")
    yield from _table(source, package, _in(poetry, "dependencies"), "requirement")
    groups = (
        _in(data, "project", "optional-dependencies"),
        _in(data, "dependency-groups"),
        _in(data, "tool", "pdm", "dev-dependencies"),
    )
    for listed in (listed for group in groups for listed in _values(group)):
        yield from _listed(source, package, listed, "option")
    for group in _values(_in(poetry, "group")):
        yield from _table(source, package, _in(group, "dependencies"), "option")


def _setup_cfg(source: Text, package: str) -> Iterator[Asked]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(source.text)
    found = parser.get("options", "install_requires", fallback="") or ""
    yield from _listed(source, package, found.split("\n"), "requirement")


def _setup_py(source: Text, package: str) -> Iterator[Asked]:
    """`install_requires` of `setup(...)`, as far as it is written out."""
    reader = Reader(python.parse(source), "")
    for node in ast.walk(reader.module.tree):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            value = reader.value(node.value)
            for item in value.items if isinstance(value, Items) else ():
                yield from _listed(source, package, [text(item) or ""], "requirement")


def _pipfile(source: Text, package: str) -> Iterator[Asked]:
    data = tomllib.loads(source.text)
    yield from _table(source, package, _in(data, "packages"), "requirement", poetry=False)


def _pipfile_lock(source: Text, package: str) -> Iterator[Asked]:
    found = _in(json.loads(source.text), "default", package, "version")
    if isinstance(found, str):
        yield Asked("lock", found, _place(source, rf'"{package}"\s*:'))


def _lock(source: Text, package: str) -> Iterator[Asked]:
    """`poetry.lock`, `uv.lock`, `pdm.lock` and `pylock.toml`: a table a package."""
    for match in re.finditer(rf'^name = "{re.escape(package)}"$', source.text, re.M | re.I):
        line = source.position(match.start())[0] + 1
        version = _VERSION.fullmatch(source.line(line)) if line <= len(source.starts) else None
        if version:
            yield Asked("lock", f"=={version[1]}", _whole(source, line))


def _listed(source: Text, package: str, listed: Any, how: How) -> Iterator[Asked]:
    """Requirements as the metadata of packages write them."""
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str) and package in item.lower():
            written = item.strip()
            line = pip.requirement(written, _place(source, re.escape(written)))
            if line.kind == "requirement" and line.name == package:
                yield Asked(how, line.specifier, line.location, line.marker)


def _table(
    source: Text, package: str, table: Any, how: How, poetry: bool = True
) -> Iterator[Asked]:
    """`name = "^4.2"`, or a table with such a version, or a list of tables."""
    for name, value in table.items() if isinstance(table, dict) else ():
        if normal_name(name) != package:
            continue
        for item in value if isinstance(value, list) else [value]:
            version = item.get("version") if isinstance(item, dict) else item
            place = _place(source, rf'^\s*"?{re.escape(name)}"?\s*=')
            for part in version.split("||") if isinstance(version, str) else ():
                yield Asked(how, _of_poetry(part) if poetry else part.replace("*", ""), place)


def _of_poetry(version: str) -> str:
    """Poetry's specifiers in the words of PEP 440: `^4.2` is `>=4.2,<5`."""
    parts = []
    for part in version.replace(",", " , ").split(","):
        word = part.strip()
        match = _POETRY.fullmatch(word)
        if match is None:
            parts.append("" if word == "*" else re.sub(r"\s+(?=[<>=!~])", ",", word))
            continue
        numbers = [int(number) for number in re.findall(r"\d+", match[2].split("a")[0])]
        last = 0 if match[1] == "^" or len(numbers) == 1 else 1
        upper = ".".join(map(str, [*numbers[:last], numbers[last] + 1]))
        parts.append(f">={match[2]},<{upper}" if match[1] else f"=={match[2]}")
    return ",".join(filter(None, parts))


def _in(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _values(data: Any) -> tuple[Any, ...]:
    return tuple(data.values()) if isinstance(data, dict) else ()


def _place(source: Text, pattern: str) -> Location:
    """The first line in which a pattern is found: the parsers of these formats keep no places."""
    match = re.search(pattern, source.text, re.M | re.I)
    return _whole(source, source.position(match.start())[0]) if match else Location(source.path)


def _whole(source: Text, number: int) -> Location:
    line = source.line(number)
    start = len(line) - len(line.lstrip()) + 1
    return Location(source.path, number, start, number, max(len(line.rstrip()), start) + 1)


_READERS: dict[str, Callable[[Text, str], Iterator[Asked]]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "Pipfile": _pipfile,
    "Pipfile.lock": _pipfile_lock,
    "poetry.lock": _lock,
    "uv.lock": _lock,
    "pdm.lock": _lock,
    "pylock.toml": _lock,
}
