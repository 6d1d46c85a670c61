"""GitHub's `primaryLocationLineHash`: a rolling hash over 100 UTF-16 units from a line's start.

As github/codeql-action computes it for results that bring none; an alert keeps its identity when
both agree.
"""

from collections import Counter, deque

_WINDOW = 100
_FACTOR = 37
_MASK = (1 << 64) - 1
_DROP = pow(_FACTOR, _WINDOW, 1 << 64)
_EOF = 65535
_SPACE, _TAB, _LF, _CR = 0x20, 0x09, 0x0A, 0x0D


def line_hashes(text: str) -> list[str]:
    """The hash of each line, `<hex>:<n>` for the n-th line with it; lines count from 0 here."""
    units = memoryview(text.encode("utf-16-le", errors="surrogatepass")).cast("H")
    window: deque[int] = deque([0] * _WINDOW, maxlen=_WINDOW)
    starts: deque[tuple[int, int]] = deque()
    hashes: dict[int, int] = {}
    value = taken = line = 0
    line_start = True
    previous_cr = False

    def push(unit: int) -> None:
        nonlocal value, taken
        if starts and starts[0][1] + _WINDOW == taken:
            hashes[starts.popleft()[0]] = value
        value = (_FACTOR * value + unit - _DROP * window[0]) & _MASK
        window.append(unit)
        taken += 1

    for unit in units:
        if unit in (_SPACE, _TAB) or (previous_cr and unit == _LF):
            previous_cr = False
            continue
        previous_cr = unit == _CR
        unit = _LF if previous_cr else unit
        if line_start:
            starts.append((line, taken))
            line_start = False
        push(unit)
        if unit == _LF:
            line_start = True
            line += 1
    if line_start:
        starts.append((line, taken))
    push(_EOF)
    for _ in range(_WINDOW):
        push(0)
    while starts:
        hashes[starts.popleft()[0]] = value
    return _numbered(hashes, line + 1)


def _numbered(hashes: dict[int, int], lines: int) -> list[str]:
    seen: Counter[int] = Counter()
    result = []
    for number in range(lines):
        value = hashes[number]
        seen[value] += 1
        result.append(f"{value:x}:{seen[value]}")
    return result
