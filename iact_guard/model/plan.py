"""The plan of migrations that are not released yet, in the order in which they run."""

from collections.abc import Mapping
from typing import Literal

from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.result import Result

Phase = Literal["before", "after", "with", "any", "unknown"]
"""When it may run: before the new code starts, once no old code runs, only with neither of them
running, at any time; or that is not known."""
Verdict = Literal["nothing", "safe", "attention", "blocks", "incomplete"]


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """An operation and what it does to the running system, in the words of the JSON contract."""

    kind: str
    location: Location
    table: str
    sql: tuple[str, ...]
    locks: Mapping[str, tuple[str, ...]]
    """The modes on each table that is in use, the strongest first."""
    impact: str
    old_code: Mapping[str, str]
    """`insert`, `select`, `update`, `delete` to `ok`, `breaks`, `unknown`."""
    phase: Phase
    phase_reason: str
    reversible: bool | None
    no_way_back: str
    """Why it cannot be taken back, or why that is not known."""
    loses: tuple[str, ...]
    """What is gone afterwards, whether it is reversed or not."""
    may_fail: tuple[str, ...]
    """Rows on which it fails, if there are such."""
    reason: str
    """Why a part of it is not known, or why it fails."""
    released: bool
    """The base has it already: only other operations of its migration are new."""


@dataclass(frozen=True, slots=True)
class PlannedMigration:
    """A migration that the base lacks, or that was edited since."""

    app: str
    name: str
    path: str
    location: Location
    transaction: bool
    """Whether it succeeds or fails as a whole."""
    phase: Phase
    phase_reason: str
    operations: tuple[PlannedOperation, ...]
    edited: bool = False
    """The base has it in another form: databases that ran it do not run it again."""
    waits_for: tuple[str, ...] = ()
    """What it depends on, and what may not run yet when this one must: `orders.0002_total`."""
    findings: tuple[Finding, ...] = ()

    @property
    def label(self) -> str:
        """`orders.0002_total`."""
        return f"{self.app}.{self.name}"

    def findings_of(self, operation: PlannedOperation) -> tuple[Finding, ...]:
        """Those that stand between the operation and the next one."""
        lines = sorted(other.location.line for other in self.operations)
        following = next((line for line in lines if line > operation.location.line), None)
        return tuple(
            finding
            for finding in self.findings
            if finding.location.line >= operation.location.line
            and (following is None or finding.location.line < following)
        )

    @property
    def own_findings(self) -> tuple[Finding, ...]:
        """Those that stand above the first operation: on the class, on a dependency."""
        first = min((o.location.line for o in self.operations), default=None)
        return tuple(f for f in self.findings if first is None or f.location.line < first)


@dataclass(frozen=True, slots=True)
class Command:
    """A command for the way forward or back, and what it does."""

    text: str
    migrations: tuple[str, ...]
    """What it applies or takes back: `orders.0002_total`."""
    remarks: tuple[str, ...] = ()
    """What stands in its way, or is lost on it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Migrations, the way forward, the way back."""

    engine: str
    """The database with its version: `postgresql 15`."""
    migrations: tuple[PlannedMigration, ...]
    before: tuple[Command, ...]
    """To be run before the new code starts; empty where nothing may or need."""
    after: tuple[Command, ...]
    """To be run once no old code runs."""
    stopped: bool
    """Some of it fits neither: whoever runs `after` stops the application before."""
    back: tuple[Command, ...]
    """In the order in which they are to be run."""


@dataclass(frozen=True, slots=True)
class PlanReport:
    """The plan with the verdict on it and the check that it comes from; redacted."""

    plan: Plan
    verdict: Verdict
    reasons: tuple[str, ...]
    """Why it is not `safe`, the worst first."""
    result: Result
