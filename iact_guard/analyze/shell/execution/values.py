"""Values of a script's variables: text, and symbols for what only a run can tell."""

from collections.abc import Hashable, Iterable

from iact_guard.model.records import dataclass

MAX_TEXT = 2_000
"""Characters of a value that are kept."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something that only a run can tell; equal names are equal values."""

    name: tuple[Hashable, ...]
    failing: bool = False
    """It is the status of a command that failed: a number, and not zero."""


Status = int | Symbol
Value = tuple[str | Symbol, ...]
"""Pieces one behind the other; never two texts side by side, never an empty one."""
EMPTY: Value = ()


def value(*pieces: str | Symbol) -> Value:
    """Pieces as a value."""
    if len(pieces) == 1:
        only = pieces[0]
        return (only[:MAX_TEXT],) if isinstance(only, str) and only else pieces if only else EMPTY
    found: list[str | Symbol] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "":
            found.append(piece)
    return tuple(each[:MAX_TEXT] if isinstance(each, str) else each for each in found)


def joined(values: Iterable[Value], between: str = "") -> Value:
    """Values one behind the other, with a text between them."""
    pieces: list[str | Symbol] = []
    for index, each in enumerate(values):
        pieces += [between, *each] if index else each
    return value(*pieces)


def of_status(status: Status) -> Value:
    """A status as `$?` gives it."""
    return value(str(status) if isinstance(status, int) else status)


def text_of(found: Value) -> str | None:
    """The text of a value; None where only a run can tell."""
    if not found:
        return ""
    return found[0] if len(found) == 1 and isinstance(found[0], str) else None


def stripped(found: Value) -> Value:
    """A value without the line ends behind it, as a substitution gives it."""
    if found and isinstance(found[-1], str):
        return value(*found[:-1], found[-1].rstrip("\n"))
    return found


def number_of(text: str) -> int | None:
    """The number that a text is; None for anything else."""
    bare = text.strip()
    digits = bare[1:] if bare[:1] in ("-", "+") else bare
    plain = digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(bare) if plain else None
