"""From what statements did to what an operation does to those who use the tables."""

from collections import Counter
from collections.abc import Iterator

from tests.oracle.probe import SCANNED, Seen
from tests.oracle.truth import OperationTruth, strongest, worst

_WRITES = ("ShareLock", "ShareRowExclusiveLock")
_ALL = ("ExclusiveLock", "AccessExclusiveLock")


def operation_truth(number: int, seen: list[Seen], own: list[Seen]) -> OperationTruth:
    """An operation from all statements of its migration.

    `own` are the same statements with a transaction each; empty: as `seen`.
    """
    truth = OperationTruth()
    alone = own or seen
    impacts = []
    for position, statement in enumerate(seen):
        if statement.operation != number:
            continue
        mine = alone[position] if position < len(alone) else statement
        impacts += [
            _impact(table, statement, _taken(table, statement, mine)) for table in statement.locks
        ]
        for table, modes in statement.locks.items():
            name = statement.names.get(table, "")
            if name and (mode := strongest([*modes, truth.locks.get(name, "")])):
                truth.locks[name] = mode
    truth.impact = worst([*impacts, *_rows([s for s in seen if s.operation == number])])
    return truth


def _rows(statements: list[Seen]) -> Iterator[str]:
    """What writing row by row comes to: in one transaction, or in one for each portion."""
    once: Counter[tuple[int, str]] = Counter()
    total: Counter[int] = Counter()
    locked = set()
    for statement in statements:
        for table, count in statement.written.items():
            once[(table, statement.transaction)] += count
            total[table] += count
        if any(strongest(list(modes)) in _ALL for modes in statement.locks.values()):
            locked.add(statement.transaction)
    for (table, transaction), count in once.items():
        if count >= SCANNED:
            yield "full_block_scan" if transaction in locked else "row_locks"
        elif total[table] >= SCANNED:
            yield "nonblocking_scan"


def _taken(table: int, statement: Seen, mine: Seen) -> str:
    """The lock that a statement takes by itself: the other run has tables of its own."""
    name = statement.names.get(table)
    found = (modes for other, modes in mine.locks.items() if mine.names.get(other) == name)
    return strongest([mode for modes in found for mode in modes])


def _impact(table: int, statement: Seen, taken: str) -> str:
    """What a statement does to those who use a table."""
    held = strongest(list(statement.locks[table]))
    if table in statement.rewritten:
        return "full_block_rewrite"
    if statement.written.get(table, 0) >= SCANNED:
        return "full_block_scan" if held in _ALL else "row_locks"
    if table in _waiting(statement):
        if held in _ALL:
            return "full_block_scan"
        if held in _WRITES:
            return "write_block_scan"
    if table in statement.scanned and held:
        return "nonblocking_scan"
    if taken in _ALL:
        return "brief_full_block"
    return "brief_write_block" if taken in _WRITES else "none"


def _waiting(statement: Seen) -> set[int]:
    """The tables whose locks are kept while a statement goes through rows.

    Its own; all of them where it would keep nobody waiting itself.
    """
    own = statement.scanned | statement.rewritten
    blocks = any(strongest(list(statement.locks[table])) in _WRITES + _ALL for table in own)
    return own if blocks or not own else set(statement.locks)
