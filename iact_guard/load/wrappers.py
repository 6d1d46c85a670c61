"""Which command another one runs: `timeout`, `npx`, `python -m`, `bash -c`, `ssh host`, ..."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from iact_guard.data.tables import table
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax import shell

_ASSIGNMENT = regex(r"[A-Za-z_][A-Za-z0-9_]*=")
_VERSIONED = regex(r"(python|pip|pytest|node|ruby|php)[0-9.]*")
Argv = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Inner:
    """Where the command begins that a wrapper runs."""

    index: int
    """Of its first word."""
    script: bool = False
    """That word is a text which a shell reads."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A row of the table."""

    names: tuple[str, ...]
    values: frozenset[str]
    skip: int
    after: frozenset[str]
    module: str | None
    script: tuple[str, ...]
    """Options behind which a text stands that a shell reads."""
    text: bool
    """The first word itself is such a text."""
    unless: frozenset[str]
    assignments: bool
    stdin: bool
    overrides: str
    """Behind this option stands JSON with the commands of containers."""


def tool_of(word: str | None) -> str:
    """A program's name without folder, version and `.exe`; empty where it is not known."""
    if not word:
        return ""
    name = word.replace("\\", "/").rstrip("/").rpartition("/")[2].removesuffix(".exe")
    match = _VERSIONED.fullmatch(name)
    return match[1] if match else name


def argv_of(node: shell.Command, index: int) -> Argv:
    """The words of a command from one on; `NAME=` for `NAME=$value`, None for others like it."""
    return tuple(
        word.static if word.static is not None else _assigned(word) for word in node.words[index:]
    )


def _assigned(word: shell.Word) -> str | None:
    first = word.parts[0] if word.parts else None
    begins = isinstance(first, shell.Literal) and _ASSIGNMENT.match(first.text)
    return begins[0] if begins else None


def wrapper_of(argv: Argv) -> tuple[Wrapper, int] | None:
    """The wrapper that a command calls, and the index behind its subcommands."""
    for wrapper in _wrappers().get(tool_of(argv[0]) if argv else "", ()):
        end = _subcommands(argv, wrapper)
        if end:
            return wrapper, end
    return None


def inner_of(argv: Argv, wrapper: Wrapper, index: int) -> Inner | None:
    """The command that it runs; None where it runs none, or we cannot see where it begins."""
    if wrapper.overrides:
        return None
    if wrapper.after:
        starts = [i + 1 for i, word in enumerate(argv) if word in wrapper.after]
        return Inner(starts[-1]) if starts and starts[-1] < len(argv) else None
    skip = wrapper.skip
    while index < len(argv):
        word = argv[index]
        if word is not None and (word.startswith("-") or word in wrapper.values):
            if word in wrapper.unless:
                return None
            if any(_is_option(word, option) for option in wrapper.script):
                return Inner(index + 1, script=True) if index + 1 < len(argv) else None
            if word == wrapper.module:
                return Inner(index + 1) if index + 1 < len(argv) else None
            index += 2 if _takes_value(word, wrapper) else 1
        elif wrapper.assignments and word and _ASSIGNMENT.match(word):
            index += 1
        elif skip:
            index, skip = index + 1, skip - 1
        elif word in wrapper.unless:
            return None
        else:
            return Inner(index, script=wrapper.text)
    return None


def overrides_in(text: str) -> Iterator[list[str]]:
    """The commands in the JSON of `aws ecs run-task --overrides`."""
    try:
        containers = json.loads(text)["containerOverrides"]
        found = [container.get("command") for container in containers]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    for command in found:
        if isinstance(command, list) and command:
            yield [str(word) for word in command]


def _takes_value(word: str, wrapper: Wrapper) -> bool:
    """An option that the next word belongs to; of `-euo` the last letter decides."""
    cluster = len(word) > 2 and word[1] != "-" and word[1:].isalpha()
    return word in wrapper.values or (cluster and f"-{word[-1]}" in wrapper.values)


def _is_option(word: str, wanted: str) -> bool:
    """`-c`, and `-lc` or `-exc` for it."""
    short = len(wanted) == 2 and re.fullmatch(rf"-[a-zA-Z]*{re.escape(wanted[1])}", word)
    return word == wanted or bool(short)


def _subcommands(argv: Argv, wrapper: Wrapper) -> int:
    """The index behind the wrapper's names, options between them skipped; 0 where they differ."""
    index = 1
    for name in wrapper.names[1:]:
        while index < len(argv) and (word := argv[index]) is not None and word.startswith("-"):
            index += 2 if word in wrapper.values else 1
        if index >= len(argv) or argv[index] != name:
            return 0
        index += 1
    return index


@cache
def _wrappers() -> dict[str, tuple[Wrapper, ...]]:
    """By program; the more subcommands a row names, the earlier it is tried."""
    found: dict[str, list[Wrapper]] = {}
    for row in table("wrappers")["wrapper"]:
        wrapper = _row(row)
        found.setdefault(wrapper.names[0], []).append(wrapper)
    return {
        name: tuple(sorted(rows, key=lambda row: -len(row.names))) for name, rows in found.items()
    }


def _row(row: dict[str, Any]) -> Wrapper:
    return Wrapper(
        names=tuple(row["command"].split()),
        values=frozenset(row.get("values", ())),
        skip=row.get("skip", 0),
        after=frozenset(row.get("after", ())),
        module=row.get("module"),
        script=tuple(row.get("script", ())),
        text=row.get("text", False),
        unless=frozenset(row.get("unless", ())),
        assignments=row.get("assignments", False),
        stdin=row.get("stdin", False),
        overrides=row.get("overrides", ""),
    )
