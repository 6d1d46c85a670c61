"""GitHub's `primaryLocationLineHash`: a rolling hash over 100 UTF-16 units from a line's start.

As github/codeql-action computes it for results that bring none; an alert keeps its identity when
both agree.
"""

from collections import Counter
from collections.abc import Container

_WINDOW = 100
_WIDTH = 2
"""Bytes of a unit."""
_FACTOR = 37
_MASK = (1 << 64) - 1
_POWERS = tuple(pow(_FACTOR, _WINDOW - 1 - n, 1 << 64) for n in range(_WINDOW))
_EOF = b"\xff\xff"
_DROPPED = str.maketrans({" ": None, "\t": None, "\r": "\n"})


def line_hashes(text: str, wanted: Container[int] | None = None) -> dict[int, str]:
    """The hash of the wanted lines (of all without), `<hex>:<n>` for the n-th line with it.

    Lines count from 1. Blanks do not count, and every line end is one LF. Lines are told apart
    by what is hashed: two different windows with one hash of 64 bits would count as two.
    """
    squeezed = text.replace("\r\n", "\n").translate(_DROPPED)
    units = squeezed.encode("utf-16-le", errors="surrogatepass") + _EOF
    seen: Counter[bytes] = Counter()
    found: dict[int, str] = {}
    start = 0
    for number, line in enumerate(squeezed.split("\n"), start=1):
        window = units[start : start + _WINDOW * _WIDTH]
        seen[window] += 1
        if wanted is None or number in wanted:
            found[number] = f"{_hash(window):x}:{seen[window]}"
        length = (
            len(line) if line.isascii() else len(line.encode("utf-16-le", "surrogatepass")) // 2
        )
        start += (length + 1) * _WIDTH
    return found


def _length(line: str) -> int:
    """In UTF-16 units."""
    return len(line) if line.isascii() else len(line.encode("utf-16-le", "surrogatepass")) // 2


def _hash(window: bytes) -> int:
    """Of a window; one that the end of the file cuts short is filled up with zeros."""
    units = memoryview(window).cast("H")
    return sum(unit * power for unit, power in zip(units, _POWERS, strict=False)) & _MASK
