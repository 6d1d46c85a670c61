"""Commands against rows of a table: a program, and words that follow it in order."""

from collections.abc import Mapping

from iact_guard.data.tables import Row
from iact_guard.model.command import Command


def matching(command: Command, rows: Mapping[str, tuple[Row, ...]]) -> Row | None:
    """The first row that speaks of a command; the rows come by program."""
    return next((row for row in rows.get(command.tool, ()) if matches(command, row)), None)


def matches(command: Command, row: Row) -> bool:
    """Whether a row speaks of a command: `words`, but for `unless`, and only `with`."""
    if not runs(command, row["words"]):
        return False
    if any(given(command, option) is not None for option in row.get("unless", ())):
        return False
    return all(given(command, option) is not None for option in row.get("with", ()))


def given(command: Command, option: str) -> int | None:
    """Which word of a command is an option: `--name`, or `--name=value` in one or two words."""
    name, equals, value = option.partition("=")
    words = command.beginnings
    for index, word in enumerate(words):
        if word == option or (not equals and word.startswith(f"{name}=")):
            return index
        if equals and word == name and words[index + 1 : index + 2] == (value,):
            return index
    return None


def runs(command: Command, words: str) -> bool:
    """Whether a command is a program with these words behind it, in order: `aws ecs deploy`.

    Only options, their values and what is not known may stand before the first of them.
    """
    program, *wanted = words.split()
    if command.tool != program:
        return False
    found = command.beginnings[1:]
    if wanted and wanted[0] in found:
        before = found[: found.index(wanted[0])]
        pairs = zip(("", *before), before, strict=False)
        if not all(not word or "-" in (word[:1], last[:1]) for last, word in pairs):
            return False
    rest = iter(found)
    return all(any(word == want for word in rest) for want in wanted)
