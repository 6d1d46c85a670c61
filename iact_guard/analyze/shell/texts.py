"""Texts that a command makes a shell read: scripts, recipes, lines of configurations."""

import shlex
from collections.abc import Iterable

from iact_guard.load.script import Shell
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.syntax import shell

MAX_READ = 100_000
"""Characters of a file that says what to run, and of what one call of it runs."""
MAX_LINES = 300
"""Lines that one call runs."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a shell reads."""

    name: str
    """`scripts/test.sh`, `make test`: the same text has the same name."""
    source: Authored
    tree: shell.Script
    reader: Shell
    link: Evidence
    folder: str
    """Where it is run."""
    tolerated: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """What a command runs: texts in their order, or the reason why they are not known."""

    what: str
    texts: tuple[Text, ...] = ()
    reason: str = ""
    cost: int = 1
    """Characters that were looked through to know it."""


def with_arguments(source: Authored, words: Iterable[str | None]) -> Authored:
    """A command line with words behind it, which stand elsewhere; None for one not known."""
    more = " ".join("${_}" if word is None else shlex.quote(word) for word in words)
    if not more:
        return source
    length = max(len(source.text), 1)

    def locate(start: int, end: int) -> Location:
        return source.region(min(start, length - 1), max(min(end, length), 1))

    return Authored(f"{source.text} {more}", source.location, locate)


def words_behind(command: Command, mark: str = "--") -> tuple[str | None, ...]:
    """The words of a command that stand behind a mark."""
    words = command.argv
    return words[words.index(mark) + 1 :] if mark in words else ()
