"""What an operation does to the running system, in the words of the JSON contract."""

from collections.abc import Iterable
from typing import Literal, get_args

from iact_guard.analyze.migration.steps import RenameTable, Step
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass

Impact = Literal[
    "none",
    "brief_write_block",
    "brief_full_block",
    "nonblocking_scan",
    "row_locks",
    "write_block_scan",
    "full_block_scan",
    "full_block_rewrite",
    "fails",
    "unknown",
]
"""From the mildest to the worst; what is not known may be the worst."""
IMPACTS: tuple[Impact, ...] = get_args(Impact)
BLOCKING_SCANS: frozenset[Impact] = frozenset({"write_block_scan", "full_block_scan"})
"""Somebody waits until every row has been read."""
Works = Literal["ok", "breaks", "unknown"]
Lock = Literal[
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
]
LOCKS: tuple[Lock, ...] = get_args(Lock)
"""From the weakest to the strongest, named as `pg_locks` does."""


@dataclass(frozen=True, slots=True)
class OldCode:
    """Whether the queries of the code that is still running work afterwards."""

    insert: Works = "ok"
    select: Works = "ok"
    update: Works = "ok"
    delete: Works = "ok"

    def __or__(self, other: "OldCode") -> "OldCode":
        """Both happened."""
        return OldCode(
            _worse(self.insert, other.insert),
            _worse(self.select, other.select),
            _worse(self.update, other.update),
            _worse(self.delete, other.delete),
        )


def _worse(left: Works, right: Works) -> Works:
    for state in ("breaks", "unknown"):
        if state in (left, right):
            return "breaks" if state == "breaks" else "unknown"
    return "ok"


WORKS = OldCode()
BREAKS = OldCode("breaks", "breaks", "breaks", "breaks")
UNSURE = OldCode("unknown", "unknown", "unknown", "unknown")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step costs a table that is in use."""

    sql: tuple[str, ...] = ()
    locks: tuple[tuple[str, Lock], ...] = ()
    impact: Impact = "none"
    old_code: OldCode = WORKS
    reason: str = ""
    """Why a part of it is unknown, or why it `fails`."""
    may_fail: str = ""
    """The rows on which it fails, where there may be such: `rows in which code is NULL`."""
    loses: str = ""
    """What is gone afterwards: `the values of code`."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that an operation before wrote, and whose foreign key is not checked yet."""

    table: str
    """On which the check waits: the one that was written."""
    child: str
    """The table of the foreign key."""
    column: str
    target: str
    place: Location
    certain: bool
    """Whether there are such rows whatever values are written."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step of an operation with what it costs here, and on which grounds."""

    step: Step
    cost: Cost
    new_table: bool
    """The table came with this release: nobody uses it yet."""
    evidence: tuple[Evidence, ...] = ()
    mended: str = ""
    """What later in the same transaction keeps the old code working."""
    known_as: str = ""
    """The name that a new column ends up with, where the old code knows another one by it."""
    required: bool | None = None
    """Whether an INSERT must name the column that it adds, drops, renames or makes NOT NULL; None
    where it is about no column that is known."""
    small: bool = False
    """The configuration says that the table is small: whoever waits does not wait long."""

    waiting: Waiting | None = None
    """Rows for which the database refuses the step."""

    @property
    def noticed(self) -> bool:
        """Whether a lock on the table is one that somebody waits for."""
        return not (self.new_table or self.small)

    @property
    def waiters(self) -> str:
        """Who waits for the table while it is read, in words."""
        return "everybody" if self.cost.impact == "full_block_scan" else "every writer"


@dataclass(frozen=True, slots=True)
class WayBack:
    """Whether Django can take an operation back."""

    possible: bool | None = True
    reason: str = ""
    """What stands in the way, or why it is not known."""
    column: str = ""
    """The one that cannot be added again."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An operation's outcomes, and what they add up to."""

    table: str | None = None
    own: tuple[Outcome, ...] = ()
    """Of the operation itself."""
    inner: tuple[Outcome, ...] = ()
    """Of the operations on the database within it."""
    way_back: WayBack = WayBack()
    released: bool = False
    """The base revision has it already: it is not up for judgement."""
    skipped: str = ""
    """Why it is not executed at all."""

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All of them, in order."""
        return self.own + self.inner

    @property
    def sql(self) -> tuple[str, ...]:
        """The shape of its statements."""
        return tuple(line for outcome in self.outcomes for line in outcome.cost.sql)

    @property
    def locks(self) -> dict[str, tuple[Lock, ...]]:
        """The locks on each table that was there before this release, the strongest first.

        A table that the operation renames goes by the name that it finds.
        """
        found: dict[str, set[Lock]] = {}
        called: dict[str, str] = {}
        for outcome in self.outcomes:
            for table, lock in outcome.cost.locks:
                found.setdefault(called.get(table, table), set()).add(lock)
            if isinstance(outcome.step, RenameTable):
                name = outcome.step.table
                called[outcome.step.to] = called.pop(name, name)
        return {
            table: tuple(sorted(modes, key=LOCKS.index, reverse=True))
            for table, modes in found.items()
        }

    @property
    def impact(self) -> Impact:
        """The worst of its steps."""
        return worst(outcome.cost.impact for outcome in self.outcomes)

    @property
    def old_code(self) -> OldCode:
        """What its steps together leave of the old code's queries."""
        found = WORKS
        for outcome in self.outcomes:
            found |= outcome.cost.old_code
        return found

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """On which grounds, each once."""
        return tuple(dict.fromkeys(e for outcome in self.outcomes for e in outcome.evidence))

    @property
    def reason(self) -> str:
        """Why a part of it is unknown; empty where nothing is."""
        return next((o.cost.reason for o in self.outcomes if o.cost.reason), self.skipped)


def brief(locks: Iterable[tuple[str, Lock]]) -> Impact:
    """What locks on tables come to that are let go of at once."""
    strongest = max((LOCKS.index(lock) for _, lock in locks), default=-1)
    if strongest < LOCKS.index("ShareLock"):
        return "none"
    blocks = strongest >= LOCKS.index("AccessExclusiveLock")
    return "brief_full_block" if blocks else "brief_write_block"


def worst(impacts: Iterable[Impact]) -> Impact:
    """The worst of some impacts."""
    return max(impacts, key=IMPACTS.index, default="none")
