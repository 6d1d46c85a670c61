"""What was measured, in the words of the JSON contract, and as JSON keeps it."""

from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = ("insert", "select", "update", "delete")
"""Of the old code's queries."""
LONGEST = 90
"""Of a message of the database."""
LOCKS = (
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
"""The modes that get into somebody's way, from the weakest to the strongest."""
IMPACTS = (
    "none",
    "brief_write_block",
    "brief_full_block",
    "nonblocking_scan",
    "row_locks",
    "write_block_scan",
    "full_block_scan",
    "full_block_rewrite",
    "fails",
)


@dataclass
class OperationTruth:
    """One operation of a migration, those within it included."""

    impact: str = "none"
    locks: dict[str, str] = field(default_factory=dict)
    """The strongest one that the transaction holds on each older table after it."""
    error: str = ""
    may_fail: str = ""
    """How it failed on rows that were not made to suit it."""


@dataclass
class MigrationTruth:
    """A migration of the release: its operations, and what it left of the old code's queries."""

    name: str
    operations: list[OperationTruth] = field(default_factory=list)
    old_code: dict[str, str] = field(default_factory=dict)
    """Kind of query to how it failed; those that work are not in it."""
    back: str | None = None
    """How taking it back failed; empty if it went through, None if it was not tried."""

    @property
    def failed(self) -> bool:
        """Whether it could not be applied to the rows that suit it."""
        return any(operation.error for operation in self.operations)

    def plain(self) -> dict[str, Any]:
        """For JSON: what is not said is as usual, and messages are cut."""
        found = {name: value for name, value in asdict(self).items() if value or value == ""}
        found["operations"] = [
            {name: _cut(value) for name, value in asdict(operation).items() if value}
            for operation in self.operations
        ]
        found["old_code"] = {kind: _cut(why) for kind, why in self.old_code.items()}
        return found


def _cut(value: Any) -> Any:
    return value[:LONGEST] if isinstance(value, str) else value


def read(plain: dict[str, Any]) -> MigrationTruth:
    """From JSON."""
    operations = [OperationTruth(**operation) for operation in plain["operations"]]
    return MigrationTruth(plain["name"], operations, plain["old_code"], plain.get("back"))


def worst(impacts: list[str]) -> str:
    """The worst of some impacts."""
    return max(impacts, key=IMPACTS.index, default="none")


def strongest(modes: list[str]) -> str:
    """The strongest lock that gets into somebody's way; empty for none."""
    return max((m for m in modes if m in LOCKS), key=LOCKS.index, default="")
