"""Questions about the words of a command line."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from iact_guard.data.tables import table
from iact_guard.load.coverage_config import percent

Argv = tuple[str | None, ...]
"""The program's name first, without folder; None for a word that is not known."""


def runs(argv: Argv, words: str) -> bool:
    """Whether it is a program with these words behind it, in order."""
    program, *wanted = words.split()
    rest = iter(argv[1:])
    return argv[:1] == (program,) and all(any(w == want for w in rest) for want in wanted)


def value_of(argv: Argv, option: str) -> str | None:
    """What an option is set to, empty where that is not known; None without the option."""
    for index, word in enumerate(argv):
        if word == option:
            following = argv[index + 1] if index + 1 < len(argv) else None
            return following or ""
        if word and word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=")
    return None


def minimums_in(argv: Argv) -> Iterator[tuple[float | None, str, str]]:
    """Value (None where it is not known), tool and metric of each threshold."""
    if runs(argv, "jest"):
        yield from _jest(value_of(argv, "--coverageThreshold"))
    for row in table("coverage")["threshold"]:
        if runs(argv, row["words"]) and _applies(argv, row):
            given = [v for option in row["options"] if (v := value_of(argv, option)) is not None]
            if given:
                yield percent(given[0]), row["tool"], row.get("metric", "total")


def _applies(argv: Argv, row: Mapping[str, Any]) -> bool:
    return "with" not in row or any(word in argv for word in row["with"])


def _jest(text: str | None) -> Iterator[tuple[float | None, str, str]]:
    if text is None:
        return
    try:
        values = json.loads(text).get("global", {})
        value = values.get("lines", values.get("statements"))
    except (ValueError, AttributeError, RecursionError):
        value = None
    yield percent(value), "jest", "lines"
