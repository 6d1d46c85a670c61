"""The tables that ship with the program, by name."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The content of `data/<name>.toml`."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))


Row = Mapping[str, Any]


@cache
def rows(name: str, key: str) -> Mapping[str, tuple[Row, ...]]:
    """The rows of a list in a table, by the program that their `words` begin with."""
    found: dict[str, tuple[Row, ...]] = {}
    for row in table(name)[key]:
        program = row["words"].partition(" ")[0]
        found[program] = (*found.get(program, ()), row)
    return found
