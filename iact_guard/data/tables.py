"""The tables that ship with the program, by name."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from iact_guard.data import index


@cache
def table(name: str) -> dict[str, Any]:
    """The content of `data/<name>.toml`; not to be changed, since others have the same."""
    return index.indexed("tables").get(name) or read(name)


def read(name: str) -> dict[str, Any]:
    """The content of the file itself."""
    import tomllib  # a run with an index does without it

    return tomllib.loads((index.TABLES / f"{name}.toml").read_text("utf-8"))


Row = Mapping[str, Any]


@cache
def rows(name: str, key: str) -> Mapping[str, tuple[Row, ...]]:
    """The rows of a list in a table, by the program that their `words` begin with."""
    found: dict[str, tuple[Row, ...]] = {}
    for row in table(name)[key]:
        program = row["words"].partition(" ")[0]
        found[program] = (*found.get(program, ()), row)
    return found
