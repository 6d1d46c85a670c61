"""Tasks in `pyproject.toml`: of poe, pdm, hatch, taskipy, rye, and of pipenv in its own file."""

import tomllib
from collections.abc import Iterator
from typing import Any

from iact_guard.model.authored import Authored
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.syntax.text import Text

_TABLES = {
    "poe": ("tool", "poe", "tasks"),
    "pdm": ("tool", "pdm", "scripts"),
    "task": ("tool", "taskipy", "tasks"),
    "taskipy": ("tool", "taskipy", "tasks"),
    "rye": ("tool", "rye", "scripts"),
    "pipenv": ("scripts",),
}
_STEPS = ("composite", "sequence", "chain")


@dataclass(frozen=True, slots=True)
class Step:
    """A line that a shell reads, or another task."""

    source: Authored
    task: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """What a name stands for."""

    name: str
    steps: tuple[Step, ...]
    unclear: str = ""


def load(source: Text, tool: str) -> tuple[Task, ...]:
    """The tasks of a tool; none where the file cannot be understood."""
    try:
        data: Any = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return ()
    if tool == "hatch":
        tables = _hatch(data)
    else:
        table = data
        for key in _TABLES[tool]:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        tables = (("", table),)
    return tuple(
        _task(source, f"{prefix}{name}", value)
        for prefix, table in tables
        if isinstance(table, dict)
        for name, value in table.items()
    )


def _hatch(data: Any) -> tuple[tuple[str, Any], ...]:
    table = data
    for key in ("tool", "hatch", "envs"):
        table = table.get(key, {}) if isinstance(table, dict) else {}
    found = []
    for name, env in table.items() if isinstance(table, dict) else ():
        scripts = env.get("scripts", {}) if isinstance(env, dict) else {}
        found.append((f"{name}:" if name != "default" else "", scripts))
    return tuple(found)


def _task(source: Text, name: str, value: Any) -> Task:
    place = _place(source, name.rpartition(":")[2])
    steps = tuple(_steps(value, place))
    return Task(name, steps, "" if steps else "it is no line of a shell")


def _steps(value: Any, place: Location) -> Iterator[Step]:
    if isinstance(value, str):
        yield Step(Authored(value, place))
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, str):
                yield Step(Authored(each, place), task=True)
            elif isinstance(each, dict):
                yield from _steps(each, place)
    elif isinstance(value, dict):
        line = value.get("cmd", value.get("shell"))
        if isinstance(line, list):
            line = " ".join(map(str, line))
        if isinstance(line, str):
            yield Step(Authored(line, place))
        elif isinstance(value.get("ref"), str):
            yield Step(Authored(value["ref"], place), task=True)
        for key in _STEPS:
            yield from _steps(value.get(key), place)


def _place(source: Text, name: str) -> Location:
    """The line of a key; the parser of TOML keeps none."""
    for number in range(1, len(source.starts) + 1):
        line = source.line(number)
        bare = line.strip().lstrip("\"'")
        if bare.startswith(name) and bare[len(name) :].lstrip("\"' ")[:1] in ("=", "]", "."):
            start = len(line) - len(line.lstrip()) + 1
            return Location(source.path, number, start, number, max(len(line.rstrip()), start) + 1)
    return Location(source.path, 1, 1, 1, 2)
